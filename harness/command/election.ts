/** How commands name the masters: one by its address, or those that elect a leader. */
import type { OpenElection } from '../../mesos/election/election.ts';
import { electionOf } from '../../mesos/election/electionOf.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import type { Daemon } from './daemon.ts';
import { hostPort } from './daemon.ts';
import { usageError } from './exit.ts';

/** Takes part in the election at a URL until the daemon ends. */
export function takePart(
  daemon: Daemon,
  flag: string,
  url: string,
  sessionTimeoutMs: number | undefined,
): OpenElection {
  let election: OpenElection;
  try {
    election = electionOf(url, sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs });
  } catch (error) {
    throw usageError(`${flag}: ${(error as Error).message}`);
  }
  daemon.atEnd(() => election.close());
  return election;
}

/** Where the master is: at `HOST:PORT`, or wherever the election at a URL says. */
export function findMaster(daemon: Daemon, where: string): Address | OpenElection {
  if (isUrl(where)) return takePart(daemon, '--master', where, undefined);
  return `master@${where}`;
}

/** Reads what `--master` may be: `HOST:PORT`, `zk://…` or `file:///…`. */
export function masterPlace(text: string): string {
  return isUrl(text) ? text : hostPort('--master')(text);
}

const isUrl = (text: string): boolean => text.startsWith('zk://') || text.startsWith('file://');
