/** For tests: the ranks of a job in one process, over real sockets on the loopback. */
import type { Communicator } from './communicator.ts';
import { RankListener } from './rankListener.ts';

export const TEST_SECRET = 'a secret of the tests only';

/** Joins so many ranks. Close or abort them all. */
export async function joinRanks(size: number, secret = TEST_SECRET): Promise<readonly Communicator[]> {
  const listeners = await Promise.all(Array.from({ length: size }, () => RankListener.listen()));
  const endpoints = listeners.map(({ endpoint }) => endpoint);
  return Promise.all(listeners.map((listener, rank) => listener.join({ rank, endpoints, secret })));
}

/** Runs the same program on all ranks of a job; the answers by rank. */
export async function onRanks<T>(
  size: number,
  program: (communicator: Communicator) => Promise<T>,
): Promise<readonly T[]> {
  const ranks = await joinRanks(size);
  try {
    return await Promise.all(ranks.map(program));
  } finally {
    for (const communicator of ranks) communicator.close();
  }
}
