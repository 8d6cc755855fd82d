/** The election that a text on a command line names. */
import type { OpenElection } from './election.ts';
import { fileLockElection } from './fileLock.ts';
import { fixedElection } from './fixed.ts';
import { type ZookeeperOptions, zookeeperElection } from './zookeeper.ts';

/**
 * Takes part in the election at `zk://HOST:PORT,HOST:PORT/PATH` (ZooKeeper) or `file:///PATH` (a lock on a file of this
 * machine); for `HOST:PORT` the master there leads. Throws, in one sentence, what is wrong with the text.
 */
export function electionOf(url: string, options: ZookeeperOptions = {}): OpenElection {
  if (url.startsWith('zk://')) return zookeeperElection(url, options);
  if (url.startsWith('file://')) return fileLockElection(url);
  const port = Number(/^[^\s/@]+:(\d{1,5})$/.exec(url)?.[1]);
  if (port >= 1 && port <= 65_535) return fixedElection(`master@${url}`);
  throw new Error(
    `masters are named by zk://HOST:PORT,HOST:PORT/PATH, by file:///PATH or by HOST:PORT, not by '${url.replace(/[^/]*@/, '')}'`,
  );
}
