/**
 * What queueing policies do for waiting times: the real queue server on slaves of its own, in virtual time, with a queue in the
 * shape of supercomputer logs (workloads/batchQueue.ts). The same queues for all policies.
 */
import { modelRank } from '../../frameworks/mpi/rankModel.ts';
import { standalone } from '../../frameworks/standalone/standalone.ts';
import { readTorqueConfig } from '../../frameworks/torque/config.ts';
import { modelledJob } from '../../frameworks/torque/job.ts';
import { POLICY_NAMES, type PolicyName } from '../../frameworks/torque/policy/policies.ts';
import { createTorqueScheduler } from '../../frameworks/torque/scheduler.ts';
import type { TorqueSummary } from '../../frameworks/torque/summary.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { type BatchJob, batchQueue } from '../../workloads/batchQueue.ts';
import { mean } from '../statistics/mean.ts';
import { type Measurement, measurement } from './measurement.ts';

const SEEDS = [1, 2, 3, 4, 5];
const SLAVES = 8;
const SLOTS_PER_SLAVE = 8;
const SLOTS = SLAVES * SLOTS_PER_SLAVE;
const JOBS = 400;
const LOAD = 0.4;
/** Shorter jobs count as this long, so that they do not rule the mean (Feitelson et al., JSSPP 1997). */
const SLOWDOWN_BOUND_MS = 10_000;
const DAY_MS = 86_400_000;

/** Serves the queues under each policy. The ratios are of EASY to FCFS, of the same queue. */
export async function benchQueue(): Promise<readonly Measurement[]> {
  const queues = SEEDS.map((seed) => batchQueue({ seed, jobs: JOBS, slots: SLOTS, load: LOAD }));
  const served = new Map(POLICY_NAMES.map((policy) => [policy, queues.map((jobs) => serve(policy, jobs))]));
  const of = (policy: PolicyName): readonly Served[] => served.get(policy) ?? [];
  const figures = POLICY_NAMES.flatMap((policy) => [
    measurement(
      `queue/${policy}-mean-wait`,
      'min',
      'lower',
      of(policy).map((run) => run.waitMs / 60_000),
    ),
    measurement(
      `queue/${policy}-longest-wait`,
      'min',
      'lower',
      of(policy).map((run) => run.longestWaitMs / 60_000),
    ),
    measurement(
      `queue/${policy}-mean-bounded-slowdown`,
      '',
      'lower',
      of(policy).map(({ slowdown }) => slowdown),
    ),
    measurement(
      `queue/${policy}-utilisation`,
      'until the last end',
      'higher',
      of(policy).map((run) => run.utilisation),
    ),
    measurement(
      `queue/${policy}-cpu`,
      's of one core',
      'lower',
      of(policy).map(({ cpuS }) => cpuS),
    ),
  ]);
  const ratios = (pick: (run: Served) => number): readonly number[] =>
    of('easy').map((run, n) => pick(run) / pick(of('fcfs')[n] ?? run));
  return [
    ...figures,
    measurement(
      'queue/easy-over-fcfs-wait',
      '',
      'lower',
      ratios(({ waitMs }) => waitMs),
    ),
    measurement(
      'queue/easy-over-fcfs-slowdown',
      '',
      'lower',
      ratios(({ slowdown }) => slowdown),
    ),
  ];
}

interface Served {
  readonly waitMs: number;
  readonly longestWaitMs: number;
  readonly slowdown: number;
  /** Slot time that jobs took, of all that there was until the last of them ended. */
  readonly utilisation: number;
  readonly cpuS: number;
}

function serve(policy: PolicyName, jobs: readonly BatchJob[]): Served {
  const before = process.cpuUsage();
  const { jobs: ran } = run(policy, jobs);
  const { user } = process.cpuUsage(before);
  const times = ran.map(({ id, outcome, submittedMs, startedMs, endedMs }) => {
    if (
      outcome !== 'finished' ||
      submittedMs === undefined ||
      startedMs === undefined ||
      endedMs === undefined
    )
      throw new Error(`${id} has not finished`);
    return { waitMs: startedMs - submittedMs, runMs: endedMs - startedMs, endedMs };
  });
  const slotMs = jobs.reduce((sum, { ranks, model }) => sum + ranks * model.workMs, 0);
  return {
    waitMs: mean(times.map(({ waitMs }) => waitMs)),
    longestWaitMs: Math.max(...times.map(({ waitMs }) => waitMs)),
    slowdown: mean(
      times.map(({ waitMs, runMs }) => Math.max(1, (waitMs + runMs) / Math.max(runMs, SLOWDOWN_BOUND_MS))),
    ),
    utilisation: slotMs / SLOTS / Math.max(...times.map(({ endedMs }) => endedMs)),
    cpuS: user / 1e6,
  };
}

function run(queue: PolicyName, jobs: readonly BatchJob[]): TorqueSummary {
  const cluster = new VirtualCluster({ seed: 1 });
  const command = { shell: false, value: 'modelled', arguments: [], environment: {} };
  const config = readTorqueConfig({
    name: 'torque',
    jobs: jobs.map(({ wallTimeMs, ...job }) => ({ ...modelledJob(job), wallTimeMs })),
    slot: { cpus: 1 },
    executor: { name: 'rank', command },
    queue,
  });
  const told: { summary?: TorqueSummary } = {};
  const onDone = (summary: TorqueSummary): void => {
    told.summary = summary;
  };
  const frameworkInfo = { user: 'bench', name: 'torque' };
  const factory = createTorqueScheduler(config, { onDone });
  const kind = standalone({ frameworkInfo, factory, slavesMin: SLAVES, stopped() {} });
  const address = cluster.process('torque:5050').spawn('master', kind);
  for (let n = 1; n <= SLAVES; n++) {
    const process = cluster.process(`node${n}:5051`);
    const isolation = emulated(process, { rank: modelRank }, (soon) => cluster.at(cluster.now, soon));
    const resources = { cpus: SLOTS_PER_SLAVE };
    process.spawn(
      'slave',
      slave({ master: address, hostname: `node${n}`, resources, attributes: {}, isolation }),
    );
  }
  cluster.run(() => told.summary !== undefined, 365 * DAY_MS);
  if (told.summary === undefined) throw new Error(`the queue was not served in a year under ${queue}`);
  return told.summary;
}
