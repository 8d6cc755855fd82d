import { solverMix, textMix } from '../../../workloads/small.ts';
import type { RealScenario } from '../realScenario.ts';

/** The macrobenchmark in small: real processes on this machine. */
export const REAL_CLUSTER: RealScenario = {
  slaves: 8,
  slaveResources: { cpus: 1, mem: 512 },
  replication: 2,
  frameworks: [
    {
      kind: 'hadoop',
      name: 'hadoop',
      partition: 4,
      slot: { cpus: 1, mem: 256 },
      localityWaitMs: 1_000,
      work: (seed) => textMix({ seed, blockBytes: 8 * 1024 * 1024, blocks: 16, jobs: 28, spanMs: 20_000 }),
    },
    {
      kind: 'mpi',
      name: 'mpi',
      partition: 4,
      slot: { cpus: 1, mem: 256 },
      jobs: () => solverMix({ jobs: 5, repeats: 5, spanMs: 20_000 }),
    },
  ],
  limitMs: 10 * 60_000,
};
