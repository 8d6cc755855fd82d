/**
 * How long a new framework's task is delayed on a full cluster, by the number of slaves (NSDI'11 §6.5): in an emulation, with what
 * each of its processes went through meanwhile.
 */
import { pause, wallClock } from '../../infra/wallClock.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { SHORT_PROBES_CHECK } from '../../reports/paper/scalability.ts';
import type { Distribution } from '../../workloads/distribution.ts';
import { type EmulatedMaster, type EmulatedPeer, type Emulation, onEmulation } from '../emulate/emulation.ts';
import type { Mark, PeerReport, ProbeReport, ProbesPeer } from '../emulate/peerConfig.ts';
import type { Findings, Trial } from '../experiments/experiment.ts';
import type { Check } from '../result.ts';
import { delayFindings } from './probeDelays.ts';
import { loadValues, memoryValues, type Span, whyLimited } from './processLoad.ts';

/** The cluster. */
export interface ClusterPlan {
  readonly slaves: number;
  readonly slaveResources: Resources;
  /** Processes that hold slaves. */
  readonly hosts: number;
  readonly frameworks: number;
  readonly task: { readonly ms: Distribution; readonly resources: Resources };
  /** Slaves come one after the other in this time. If it is as long as a task takes, ends are spread as they will be for ever. */
  readonly rampMs: Millis;
}

/** What is measured on it. */
export interface ScalabilityPlan extends ClusterPlan {
  /** How long to wait after that. */
  readonly settleMs: Millis;
  /** As the paper's: one after the other. */
  readonly probes: { readonly count: number; readonly taskMs: Millis };
  /** So many and so short that their percentiles are known: one every `everyMs`, whatever became of those before. */
  readonly shortProbes: { readonly count: number; readonly taskMs: Millis; readonly everyMs: Millis };
}

/** Tasks that the slaves can run at the same time. */
const slotsOf = ({ slaves, slaveResources, task }: ScalabilityPlan): number =>
  slaves * Math.floor((slaveResources.cpus ?? 0) / (task.resources.cpus ?? 1));

/** A cluster counts as full if tasks hold this part of it. */
const FULL = 0.99;
/** It becomes full in this time after its last slave has come, or something is in the way. */
const FULL_WITHIN_MS = 60_000;
const POLL_MS = 1_000;
/** A probe that takes longer than its task by this has failed. */
const PROBE_PATIENCE_MS = 120_000;
const PROBE_GAP_MS = 1_000;

interface Cluster {
  readonly master: EmulatedMaster;
  readonly hosts: readonly EmulatedPeer[];
  readonly frameworks: readonly EmulatedPeer[];
  /** How the processes were before they held anything. */
  readonly emptyMaster: PeerReport;
  readonly emptyHosts: readonly PeerReport[];
  /** From the start of the first slave until the last was registered. */
  readonly registeredS: number;
}

/** Measures it once. */
export function measureScalability(plan: ScalabilityPlan, trial: Trial): Promise<Findings> {
  return onEmulation((emulation) => measure(emulation, plan, trial), trial.stopping);
}

/** What slaves take that run nothing, for there is no framework: the rest is their tasks. */
export function measureIdleSlaves(
  plan: Omit<ClusterPlan, 'frameworks'>,
  { seed, report, stopping }: Trial,
): Promise<Findings> {
  return onEmulation(async (emulation) => {
    report(0, 2, `starting ${plan.slaves} slaves`);
    const cluster = await start(emulation, { ...plan, frameworks: 0 }, seed);
    report(1, 2, 'collecting garbage to measure memory');
    const after = await lookAt(cluster, 'settled');
    return { values: memoryValues(cluster, after, plan.slaves) };
  }, stopping);
}

async function measure(emulation: Emulation, plan: ScalabilityPlan, trial: Trial): Promise<Findings> {
  const { report, stopping } = trial;
  const { probes: long, shortProbes: short, task } = plan;
  const total = 4 + long.count;
  report(0, total, `starting ${plan.slaves} slaves`);
  const cluster = await start(emulation, plan, trial.seed);
  report(1, total, 'filling the cluster');
  await pause(plan.settleMs, stopping);
  const isFull = await becomesFull(cluster.master, plan, stopping);
  const before = await lookAt(cluster);
  const clock = wallClock();
  const probes: ProbeReport[] = [];
  await probe(emulation, cluster, {
    probes: long.count,
    task: { ms: long.taskMs, resources: task.resources },
    gap: { is: 'after', ms: PROBE_GAP_MS },
    limitMs: long.taskMs + PROBE_PATIENCE_MS,
    told: (each) => {
      probes.push(each);
      report(2 + probes.length, total, 'probing');
    },
  });
  const { cpuBusy } = clock.stop();
  const during = { from: before, to: await lookAt(cluster) };
  const shortClock = wallClock();
  const shortProbes: ProbeReport[] = [];
  await probe(emulation, cluster, {
    probes: short.count,
    task: { ms: short.taskMs, resources: task.resources },
    gap: { is: 'every', ms: short.everyMs },
    limitMs: short.taskMs + PROBE_PATIENCE_MS,
    told: (each) => shortProbes.push(each),
  });
  const duringShort = { from: during.to, to: await lookAt(cluster) };
  const { cpuBusy: shortCpuBusy } = shortClock.stop();
  report(3 + long.count, total, 'collecting garbage to measure memory');
  const after = await lookAt(cluster, 'settled');
  const delays = delayFindings(probes, shortProbes);
  const limited = isFull ? whyLimited(during, cpuBusy) : NOT_FULL;
  const checks = checksOf(plan, during.to.master, [...probes, ...shortProbes]);
  return {
    values: {
      'slaves registered in (s)': cluster.registeredS,
      ...delays.values,
      ...loadValues(during),
      ...memoryValues(cluster, after, plan.slaves),
      'tasks running': runningOf(during.to.master),
    },
    samples: delays.samples,
    checks: [...checks, shortCheck(whyLimited(duringShort, shortCpuBusy))],
    cpuBusy,
    ...(limited !== undefined && { limited }),
  };
}

const NOT_FULL =
  'The cluster did not become full in time: the processes that hold slaves and frameworks, or the machine, were too slow.';

/** Short probes load the cluster more than those before them: their percentiles may be the machine's where the others are not. */
function shortCheck(limited: string | undefined): Check {
  return {
    id: SHORT_PROBES_CHECK,
    claim: 'Short probes waited for the system, not for the machine: their percentiles are the system’s.',
    verdict: limited === undefined ? 'passed' : 'unknown',
    detail: limited ?? 'its processors were not all busy, and no event loop was late',
  };
}

/** Frameworks first: then each slave that comes is shared out as those before it. */
async function start(emulation: Emulation, plan: ClusterPlan, seed: number): Promise<Cluster> {
  const allSlaves: Mark = { event: 'slave-registered', count: plan.slaves };
  const allFrameworks: Mark = { event: 'framework-registered', count: plan.frameworks };
  const master = await emulation.startMaster({ marks: [allSlaves, allFrameworks] });
  const emptyMaster = await master.report('settled');
  const frameworks = await emulation.startFrameworks(master.address, {
    ...{ frameworks: plan.frameworks, processes: 1, seed },
    task: plan.task,
  });
  if (plan.frameworks > 0) await master.reached(allFrameworks);
  const startedMs = (await master.report()).atMs;
  const hosts = await emulation.startHosts(master.address, {
    ...{ slaves: plan.slaves, processes: plan.hosts, spreadMs: plan.rampMs },
    resources: plan.slaveResources,
  });
  const emptyHosts = await Promise.all(hosts.map((host) => host.report('settled')));
  const { atMs } = await master.reached(allSlaves);
  const registeredS = (atMs - startedMs) / 1000;
  return { master, hosts, frameworks, emptyMaster, emptyHosts, registeredS };
}

async function becomesFull(
  master: EmulatedMaster,
  plan: ScalabilityPlan,
  stopping: AbortSignal,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= FULL_WITHIN_MS; waitedMs += POLL_MS) {
    if (runningOf(await master.report()) >= FULL * slotsOf(plan)) return true;
    await pause(POLL_MS, stopping);
  }
  return false;
}

const ENDS = ['FINISHED', 'FAILED', 'KILLED', 'LOST', 'ERROR', 'GONE', 'DROPPED', 'UNREACHABLE'];

/** Tasks that were launched and have not ended, as the master knows. */
function runningOf({ counts }: PeerReport): number {
  const ended = ENDS.map((end) => counts[`task-updated/TASK_${end}`] ?? 0);
  return (counts['task-launched'] ?? 0) - ended.reduce((sum, one) => sum + one, 0);
}

async function lookAt({ master, hosts, frameworks }: Cluster, settled?: 'settled'): Promise<Span['from']> {
  const all = (peers: readonly EmulatedPeer[]): Promise<readonly PeerReport[]> =>
    Promise.all(peers.map((peer) => peer.report(settled)));
  const [ofHosts, ofFrameworks] = await Promise.all([all(hosts), all(frameworks)]);
  return { master: await master.report(settled), hosts: ofHosts, frameworks: ofFrameworks };
}

function probe(
  emulation: Emulation,
  { master }: Cluster,
  {
    told,
    ...options
  }: Omit<ProbesPeer, 'kind' | 'masters'> & { readonly told: (probe: ProbeReport) => void },
): Promise<void> {
  return emulation.probe(master.address, options, told);
}

function checksOf(
  { slaves }: ScalabilityPlan,
  { counts }: PeerReport,
  probes: readonly ProbeReport[],
): readonly Check[] {
  const lostSlaves = counts['slave-lost'] ?? 0;
  const lostTasks = counts['task-updated/TASK_LOST'] ?? 0;
  const failed = probes.flatMap((each) => (each.outcome === 'failed' ? [each.reason] : []));
  return [
    {
      id: 'slaves-stay',
      claim: 'Every slave was registered once and stayed.',
      verdict: lostSlaves === 0 && counts['slave-registered'] === slaves ? 'passed' : 'failed',
      detail: `${counts['slave-registered'] ?? 0} registered, ${lostSlaves} lost`,
    },
    {
      id: 'tasks-stay',
      claim: 'No task was lost.',
      verdict: lostTasks === 0 ? 'passed' : 'failed',
      detail: `${lostTasks} of ${counts['task-launched'] ?? 0} lost`,
    },
    {
      id: 'probes-finish',
      claim: 'Every probe’s task finished.',
      verdict: failed.length === 0 ? 'passed' : 'failed',
      detail:
        failed.length === 0
          ? `${probes.length} finished`
          : `${failed.length} of ${probes.length} did not; the first: ${failed[0]}`,
    },
  ];
}
