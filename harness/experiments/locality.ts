import { LOCALITY_CLAIMS } from '../../reports/paper/locality.ts';
import {
  REMOTE_OVER_LOCAL,
  SCAN_INSTANCES,
  SCAN_NODES,
  SCAN_REPLICAS,
  scanJob,
  scanPartition,
} from '../../workloads/scan.ts';
import { localMaps } from '../measure/locality.ts';
import { scanTimes, staticFormula } from '../measure/scan.ts';
import type { Experiment, VirtualRunScenario } from './experiment.ts';
import { REAL_LOCALITY } from './localityReal.ts';
import type { VirtualFramework } from './virtualScenario.ts';

/** What distinguishes one scenario of this experiment from another. */
interface Case {
  readonly id: string;
  readonly label: string;
  readonly seeds: number;
  readonly system: 'mesos' | 'static';
  readonly waitS: number;
  /** Who is first among frameworks of equal share: who was granted less often, or, as in 2010, who came first. */
  readonly ties?: 'today' | '2010';
  /** What is freed is offered at intervals, not at once. */
  readonly offersEveryS?: number;
  /** Time between two submissions. */
  readonly gapS?: number;
  /** Jobs run maps from the start, while slaves are offered whole. */
  readonly withoutSetUp?: true;
}

/** Waits at which only the curve is wanted, in seconds. The paper's are 0, 1 and 5. */
const OTHER_WAITS_S = [0.1, 0.5, 2.5, 10];

const CASES: readonly Case[] = [
  { id: 'static', label: 'static partitions', seeds: 3, system: 'static', waitS: 0 },
  { id: 'no-wait', label: 'Mesos, no wait', seeds: 3, system: 'mesos', waitS: 0 },
  ...[1, 5].map((waitS): Case => waiting(waitS, 3)),
  ...OTHER_WAITS_S.map((waitS): Case => waiting(waitS, 1)),
  ...[
    { id: 'no-wait-2010', label: 'ties as in 2010', seeds: 3 },
    { id: 'no-wait-gaps', label: 'ties as in 2010, jobs 1 s apart', seeds: 1, gapS: 1 },
    {
      id: 'no-wait-nodes',
      label: 'ties as in 2010, first maps on whole nodes',
      seeds: 1,
      withoutSetUp: true as const,
    },
    { id: 'no-wait-batches', label: 'ties as in 2010, offers every second', seeds: 1, offersEveryS: 1 },
  ].map((one): Case => ({ ...one, system: 'mesos', waitS: 0, ties: '2010' })),
];

function waiting(waitS: number, seeds: number): Case {
  return { id: `wait-${waitS}s`, label: `Mesos, ${waitS} s wait`, seeds, system: 'mesos', waitS };
}

function scenario(one: Case): VirtualRunScenario {
  const { id, label, seeds, system, waitS, ties = 'today', offersEveryS = 0, gapS = 0 } = one;
  const job = (index: number) => {
    const scan = scanJob({ submittedMs: 1_000 * gapS * index });
    return one.withoutSetUp ? { ...scan, model: { ...scan.model, setUpMs: 0 } } : scan;
  };
  return {
    kind: 'virtual',
    ...{ id, label, seeds, system },
    keep: 'values',
    measures: [localMaps, scanTimes, ...(system === 'static' ? [staticFormula] : [])],
    parameters: {
      'wait (s)': waitS,
      ...(system === 'mesos' && { ties, 'offers every (s)': offersEveryS }),
      'time between submissions (s)': gapS,
      'set-up': one.withoutSetUp ? 'none' : 'as usual',
    },
    cluster: {
      slaves: SCAN_NODES,
      slaveResources: { cpus: 4, mem: 15 * 1024 },
      replication: SCAN_REPLICAS,
      blocksOn: 'cluster',
      allocation: { module: ties === '2010' ? 'first-come' : 'fair' },
      master: { allocationIntervalMs: 1_000 * offersEveryS },
      frameworks: Array.from(
        { length: SCAN_INSTANCES },
        (_, index): VirtualFramework => ({
          kind: 'hadoop',
          name: `hadoop${index + 1}`,
          partition: scanPartition(index),
          slot: { cpus: 1, mem: 1024 },
          localityWaitMs: 1_000 * waitS,
          remoteSlowdown: REMOTE_OVER_LOCAL.assumed,
          jobs: () => [job(index)],
        }),
      ),
      limitMs: 3_600_000,
    },
  };
}

/** Data locality through delay scheduling (NSDI'11 §6.3, figure 8). */
export const locality: Experiment = {
  id: 'locality',
  title: 'Reading data where it is',
  question:
    'If many frameworks share one cluster, do their tasks still run beside their data, and how long must a job wait for that?',
  paper:
    'NSDI’11 §6.3 ran 16 instances of Hadoop on 93 nodes, each of which scanned a file of 100 GB of its own: on a static partition ' +
    'each, and on Mesos with jobs that wait 0, 1 or 5 s for a slot beside their data (figure 8).',
  claims: LOCALITY_CLAIMS,
  scenarios: [...CASES.map(scenario), ...REAL_LOCALITY],
  caveats: [
    'In virtual time what a remote read costs is not measured. The mean length of a map is calibrated on the static partition (565 s), and a remote ' +
      'map is taken to be twice as long as a local one; the band shows 1.5 and 2.35 times. Shares of local maps hang on it little, job times much.',
    'Neither the size of blocks (here 128 MB), nor the spread of map lengths (here 20%), nor when the 16 jobs were submitted (here at once) is ' +
      'stated in the paper.',
    'In virtual time slots do not fail, nodes are equally fast, and a launched task is a given map. In the Hadoop of the paper a task was launched first and ' +
      'given a map at the next heartbeat, up to 3 s later, when the local one might be gone.',
    'The runs for real are small, on machines that are namespaces of one. How fast a disk and a network are is set there, so that a remote ' +
      'map takes about twice as long as a local one, and what it really took is measured.',
  ],
};
