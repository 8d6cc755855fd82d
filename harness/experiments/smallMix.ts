import { factoringJob, solverMix, textMix, textSeries } from '../../workloads/small.ts';
import type { RealScenario } from './realScenario.ts';

const BLOCK_BYTES = 4 * 1024 * 1024;
const SLOT = { cpus: 1, mem: 256 };

/**
 * The macrobenchmark's four frameworks with real work, small enough for some 20 s on one machine, of which its machines are namespaces.
 * Few slaves of several CPUs, as the paper's had: an executor of each framework on each slave is what takes memory.
 */
export const SMALL_MIX: RealScenario = {
  machines: { kind: 'netns', otherwise: 'local' },
  slaves: 4,
  slaveResources: { cpus: 2, mem: 2048 },
  replication: 1,
  frameworks: [
    {
      kind: 'hadoop',
      name: 'facebook-hadoop',
      partition: 1,
      slot: SLOT,
      localityWaitMs: 1_000,
      work: (seed) => textMix({ seed, blockBytes: BLOCK_BYTES, blocks: 16, jobs: 12, spanMs: 12_000 }),
    },
    {
      kind: 'hadoop',
      name: 'large-hadoop',
      partition: 1,
      slot: SLOT,
      localityWaitMs: 1_000,
      work: () => textSeries({ blockBytes: BLOCK_BYTES, blocks: 16, jobs: 3 }),
    },
    {
      kind: 'spark',
      name: 'spark',
      partition: 1,
      slot: { cpus: 1, mem: 128 },
      localityWaitMs: 1_000,
      executorResources: { mem: 256 },
      work: (seed) => factoringJob({ seed, iterations: 6 }),
    },
    {
      kind: 'mpi',
      name: 'torque-mpi',
      partition: 1,
      slot: SLOT,
      jobs: () => solverMix({ jobs: 4, ranks: 2, repeats: 3, spanMs: 12_000 }),
    },
  ],
  limitMs: 10 * 60_000,
};
