import { FRAMEWORKS, MACRO_CLAIMS } from '../../reports/paper/macro.ts';
import { REMOTE_OVER_LOCAL } from '../../workloads/scan.ts';
import { CPU_USED_PER_HELD, FIGURE_7_S } from '../../workloads/staticUse.ts';
import { jobSums } from '../measure/jobSums.ts';
import { largestShares } from '../measure/largestShares.ts';
import { regained } from '../measure/regained.ts';
import { use } from '../measure/use.ts';
import type { System } from '../result.ts';
import type { Experiment, RealRunScenario, Scenario, VirtualRunScenario } from './experiment.ts';
import { BATCH_MS, type MacroOptions, SMALL_APART, sharedCluster, splitCluster } from './macroCluster.ts';
import { SMALL_MIX } from './smallMix.ts';

/** Seeds of the two systems: of twelve the interval of a median leaves out the two farthest on each side. */
const SEEDS = 12;

/** Hadoop's default heap of a TaskTracker, and Spark's default for an executor at the time. */
const EXECUTOR_MIB = { [FRAMEWORKS.facebook]: 1000, [FRAMEWORKS.large]: 1000, [FRAMEWORKS.spark]: 512 };

const MEASURES = [
  jobSums({ [SMALL_APART]: FRAMEWORKS.facebook }),
  largestShares(),
  regained([FRAMEWORKS.facebook, FRAMEWORKS.large]),
  use({ windowS: FIGURE_7_S, cpuUsedPerHeld: CPU_USED_PER_HELD, executorMiB: EXECUTOR_MIB }),
];

const SYSTEMS = [
  ['mesos', 'Mesos'],
  ['static', 'static partitions'],
] as const;

/** A scenario in which one thing is otherwise: its id, what a reader calls it, its number of seeds, and what it is. */
type Otherwise = readonly [id: string, label: string, seeds: number, options: MacroOptions];

/** Is the conclusion the same? Where the answer is not close, one seed is enough to tell. */
const OTHERWISE: readonly Otherwise[] = [
  ['lottery', 'Lottery', 3, { allocation: { module: 'lottery' } }],
  ['small-apart', 'Small jobs apart', 3, { smallApart: true }],
  ['first-come', 'Ties: first come', 1, { allocation: { module: 'first-come' } }],
  ['at-once', 'Offers at once', 1, { batchMs: 0 }],
  ['every-5-s', 'Offers every 5 s', 1, { batchMs: 5_000 }],
  ['no-wait', 'No delay scheduling', 1, { localityWaitMs: 0 }],
  ['slow-start', 'Executors start in 5 s', 1, { executorStartMs: 5_000 }],
  ['remote-reads', 'Remote reads cost', 3, { remoteSlowdown: REMOTE_OVER_LOCAL.assumed }],
];

/** The paper's macrobenchmark (NSDI'11 §6.1). */
export const macro: Experiment = {
  id: 'macro',
  title: 'Four frameworks on Mesos and on static partitions',
  question:
    'Do frameworks finish sooner when they share one cluster through Mesos than when each has a part of its own?',
  paper:
    'NSDI’11 §6.1 ran a Facebook Hadoop mix, a large Hadoop mix, Spark and Torque/MPI on 96 nodes of 4 cores, shared by Mesos ' +
    'and then split into four partitions of 24 nodes (figures 5 to 7, tables 3 to 5).',
  claims: MACRO_CLAIMS,
  scenarios: [...virtual(1), ...real()],
  scaled: (scale) => [...virtual(scale), ...real()],
  caveats: [
    'Virtual time: task lengths and set-up times are modelled, calibrated on the paper’s static partitions only. What Mesos does ' +
      'with them is a prediction. The two systems run the same jobs with the same task lengths, seed by seed.',
    'Seeds draw the order of the Facebook mix’s jobs, the gaps between them, and task lengths. The paper had one order; its mean job ' +
      'times on static partitions are ours over many orders, but a single order may be 20% off.',
    'Reading a remote block costs no more than a local one, but in the scenario that asks what if it does.',
    'Real runs: all slaves share the processors of one machine, so that more slots do not mean more computing. They show that ' +
      'the whole system works and what its shares look like, not how much faster a cluster would be.',
  ],
};

function virtual(scale: number): readonly Scenario[] {
  const scenario = (
    [id, label, seeds, options]: Otherwise,
    system: System,
    keep: VirtualRunScenario['keep'],
  ): Scenario => ({
    kind: 'virtual',
    id,
    label,
    system,
    keep,
    cluster: (system === 'mesos' ? sharedCluster : splitCluster)({ ...options, scale }),
    measures: MEASURES,
    seeds,
    parameters: { 'offers every (s)': (options.batchMs ?? BATCH_MS) / 1000 },
  });
  return [
    ...SYSTEMS.map(([system, label]) => scenario([system, label, SEEDS, {}], system, 'run')),
    ...OTHERWISE.map((one) => scenario(one, 'mesos', 'values')),
    scenario(
      ['remote-reads-static', 'Remote reads cost, static', 3, { remoteSlowdown: REMOTE_OVER_LOCAL.assumed }],
      'static',
      'values',
    ),
  ];
}

function real(): readonly RealRunScenario[] {
  return SYSTEMS.map(([system, label]) => ({
    kind: 'real',
    id: system,
    label,
    system,
    cluster: SMALL_MIX,
    seeds: 1,
    parameters: {},
  }));
}
