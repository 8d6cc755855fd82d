/** What a release is held to: figures and claims, each with a threshold and the reason of who answers for it. */

/** A benchmark, measured side by side with the baseline. */
export interface GatedBenchmark {
  /** As `lab compare --bench` takes it. */
  readonly id: string;
  /** A change for the worse of less than this part does not stop a release. */
  readonly threshold: number;
  readonly owner: Owner;
  readonly reason: string;
}

/** Experiments that are run in virtual time on both sides, where figures must not change by themselves. */
export interface GatedRun {
  readonly experiments: readonly string[];
  /** Only these of their scenarios; absent: all. */
  readonly only?: readonly string[];
  /** Absent: as many as each scenario has, which the verdicts on the paper's claims need. */
  readonly seeds?: number;
  readonly owner: Owner;
  readonly reason: string;
}

/** The room of the house that answers for a figure. */
export type Owner = 'mesos' | 'frameworks' | 'harness';

/** All that is gated. */
export interface ReleaseSet {
  readonly benchmarks: readonly GatedBenchmark[];
  readonly runs: readonly GatedRun[];
}

/** The release set. */
export const RELEASE_SET: ReleaseSet = {
  benchmarks: [
    {
      id: 'launch',
      threshold: 0.03,
      owner: 'mesos',
      reason:
        'What a task costs its master bounds how many tasks a cluster can launch. Fifty thousand slaves leave it a third of a core.',
    },
    {
      id: 'pass',
      threshold: 0.1,
      owner: 'mesos',
      reason:
        'An allocation pass that grows with the size of the cluster, not with what changed, is seen here first, and by far more than a tenth.',
    },
  ],
  runs: [
    {
      experiments: ['macro'],
      only: ['mesos', 'static'],
      seeds: 1,
      owner: 'mesos',
      reason:
        'All four frameworks on 96 slaves: one event that comes otherwise shows in offers, makespan or history. Whoever changes what happens says so in the release.',
    },
    // Of these only scenarios that a reproduced claim stands on, or that take the code another way: the others cost minutes and guard
    // nothing more.
    {
      experiments: ['drf'],
      only: ['example', 'dynamic', 'drf', 'slots-3', 'slots-6'],
      owner: 'mesos',
      reason:
        'What DRF gives to whom is what the paper claims of it. A claim that was reproduced must stay so.',
    },
    {
      experiments: ['locality'],
      only: ['static', 'wait-5s'],
      owner: 'frameworks',
      reason: 'Delay scheduling on top of offers: local maps and scan times as in the paper’s figure 8.',
    },
    {
      experiments: ['revocation'],
      only: ['tenth-never', '3min-revoked', 'grace-30s', 'beside-protected'],
      owner: 'mesos',
      reason: 'How long a framework waits for its guarantee, and that revocation spares who is protected.',
    },
    {
      experiments: ['durations'],
      only: ['lengths', 'likeness-0.9'],
      owner: 'mesos',
      reason: 'The lengths of jobs and tasks that all other experiments draw from.',
    },
  ],
};
