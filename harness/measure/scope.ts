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
