/** How commands name the masters: one by its address, or those that elect a leader. */
import type { OpenElection } from '../../mesos/election/election.ts';
import { electionOf } from '../../mesos/election/electionOf.ts';
import { standbyLink } from '../../mesos/election/standbyLink.ts';
import type { Address, Runtime } from '../../mesos/runtime/actor.ts';
import { usageError } from './exit.ts';

/** The election that a flag names; connections are made when it is used. Close it in the end. */
export function readElection(
  flag: string,
  url: string,
  options: { readonly sessionTimeoutMs?: number } = {},
): OpenElection {
  try {
    return electionOf(url, options);
  } catch (error) {
    throw usageError(`${flag}: ${(error as Error).message}`);
  }
}

/** What `--master` names: the address of one, which may know of a leader, or an election. */
export function readMaster(where: string): Address | OpenElection {
  const election = readElection('--master', where);
  return isContest(where) ? election : `master@${where}`;
}

/** What `--zk` names: an election of several masters. */
export function readContest(url: string): string {
  if (isContest(url)) return url;
  throw usageError(`--zk must be zk://HOST:PORT,HOST:PORT/PATH or file:///PATH, not '${url}'`);
}

/** Keeps a link to the master that leads next, if `--master` names an election that tells who that is. */
export function linkToStandby(runtime: Runtime, master: Address | OpenElection): void {
  if (typeof master !== 'string' && master.followNext !== undefined)
    runtime.spawn('standby-link', standbyLink(master));
}

/** Lets go of what `--master` names. */
export async function leaveMaster(master: Address | OpenElection): Promise<void> {
  if (typeof master !== 'string') await master.close();
}

/** Does it name an election? */
export const isContest = (url: string): boolean => url.startsWith('zk://') || url.startsWith('file://');
