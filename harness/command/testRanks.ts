/** For tests: a small MPI job. */
import { LAB } from '../../infra/local.ts';

/** The configuration of a queue with one job of two ranks. */
export const RANKS = {
  name: 'ranks',
  slot: { cpus: 1, mem: 32 },
  executor: {
    name: 'mpi',
    command: { shell: false, value: LAB, arguments: ['lab', 'executor', 'mpi'], environment: {} },
  },
  jobs: [
    {
      id: 'sum',
      kind: 'solver',
      submission: { when: 'at', ms: 0 },
      ranks: 2,
      program: { type: 'poisson', gridSize: 16 },
    },
  ],
};
