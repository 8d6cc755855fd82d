/** A job in one process, with nobody to talk to: what its ranks must find together. */
import { randomBytes } from 'node:crypto';
import { type PoissonProgram, type PoissonResult, solvePoisson } from './kernels/poisson.ts';
import { RankListener } from './rankListener.ts';

/** Solves a program on one rank. Its solution has the same bits, and so the same hash, for any number of ranks. */
export async function solveAlone(program: PoissonProgram): Promise<PoissonResult> {
  const listener = await RankListener.listen();
  const group = { rank: 0, endpoints: [listener.endpoint], secret: randomBytes(16).toString('hex') };
  const communicator = await listener.join(group);
  try {
    return await solvePoisson(communicator, program);
  } finally {
    communicator.close();
  }
}
