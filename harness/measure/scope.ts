/**
 * Which of the ids in a history mean the same thing.
 *
 * Masters share one scope: after a failover the new master goes on with the slaves, frameworks and tasks of
 * the old one, under their ids. On static partitions each framework has a driver of its own that makes up ids
 * of its own, so the same id in the lines of two drivers means two things. Masters are told by the name of
 * the actor: it begins with `master`. Drivers that are spawned under such a name share the masters' scope and
 * must make ids that differ.
 */
import type { HistoryLine } from '../../mesos/protocol/history.ts';

/** Is this actor a master? */
export function isMaster(actor: string): boolean {
  return actor.startsWith('master');
}

/** Where the ids of a line are unique: `master` for all masters, otherwise the actor that recorded it. */
export function scopeOf(line: HistoryLine): string {
  return isMaster(line.by) ? 'master' : line.by;
}

/** The same key for each of the folds that ask, one after another, for that of the same line: to make it costs more than they do. */
function remembered<L extends HistoryLine>(make: (line: L) => string): (line: L) => string {
  let latest: L | undefined;
  let key = '';
  return (line) => {
    if (line !== latest) key = make(line);
    latest = line;
    return key;
  };
}

// Joined, not added: that makes one text at once, where pieces that are added are put together when it is looked up.

/** A slave's key in a history of several actors. */
export const slaveKey = remembered((line: HistoryLine & { readonly slaveId: string }) =>
  [scopeOf(line), line.slaveId].join(' '),
);

/** A framework's key in a history of several actors. */
export const frameworkKey = remembered((line: HistoryLine & { readonly frameworkId: string }) =>
  [scopeOf(line), line.frameworkId].join(' '),
);

/** Tasks of which the keys are remembered: somewhat more than run at a time on a cluster of a hundred slaves. */
const REMEMBERED_MAX = 1_000;

/** Those that were asked for last, by the ids of their tasks. A task is heard of three times or more. */
const latestKeys = new Map<
  string,
  { readonly by: string; readonly frameworkId: string; readonly key: string }
>();

/** A task's key in a history of several actors. Task ids are unique in their framework. */
export const taskKey = remembered(
  (line: HistoryLine & { readonly frameworkId: string; readonly taskId: string }) => {
    const { by, frameworkId, taskId } = line;
    const known = latestKeys.get(taskId);
    if (known !== undefined && known.frameworkId === frameworkId && known.by === by) return known.key;
    const key = [scopeOf(line), frameworkId, taskId].join(' ');
    if (latestKeys.size >= REMEMBERED_MAX) latestKeys.clear();
    latestKeys.set(taskId, { by, frameworkId, key });
    return key;
  },
);

/** An offer's key: it is an offer of the master that made it, and of no other. */
export const offerKey = remembered((line: HistoryLine & { readonly offerId: string }) =>
  [line.by, line.offerId].join(' '),
);
