/**
 * How well a web application is kept from a hog on the same slave (NSDI'11 §6.7): its response times under a fixed load, alone and
 * beside a framework whose task is a crowd of spinning processes, in turns.
 */
import { join } from 'node:path';
import type { LoadReport } from '../../infra/httpLoad.ts';
import type { Machine } from '../../infra/machine.ts';
import { epochMs, pause } from '../../infra/wallClock.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { Findings, Trial } from '../experiments/experiment.ts';
import { readHistory } from '../measure/readHistory.ts';
import type { Check } from '../result.ts';
import { historyFile } from '../run/deployment.ts';
import { lookAt, spanBetween } from '../run/machinesLook.ts';
import { makeRunFolder } from '../run/runFolder.ts';
import { mean } from '../statistics/mean.ts';
import { type Stage, type StagePlan, startStage } from './isolation/stage.ts';

/** What is measured. */
export interface IsolationPlan extends StagePlan {
  /** Requests to the web application. */
  readonly perSecond: number;
  /** Requests before the first window, so that compiled code is as good as it gets in all processes. */
  readonly warmUpRequests: number;
  /** Requests in each window. */
  readonly requests: number;
  /** Four windows each: alone, beside the hog, beside the hog, alone. That makes two pairs. */
  readonly blocks: number;
  /** How long the hog spins, or is gone, before a window begins. */
  readonly settleMs: Millis;
}

/** Name of what is measured for each pair. */
export const SLOWDOWN = 'mean response beside the hog, by that alone (×)';

/** One window. */
interface Window {
  readonly beside: 'nobody' | 'hog';
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly load: LoadReport;
}

/** Rate of the requests before the first window. */
const WARM_UP_PER_SECOND = 60;
/** If requests are sent this late, by the part of the response time, what is measured is the one who sends. */
const LATE_PART = 0.1;

/** Measures it. Throws an Error if the slave cannot isolate so, or if a process fails. Nothing is left. */
export async function measureIsolation(plan: IsolationPlan, trial: Trial): Promise<Findings> {
  const { provide, stopping } = trial;
  await using folder = await makeRunFolder();
  await using machines = await provide(join(folder.path, 'machines'), ['head', 'node1']);
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  stopping.addEventListener('abort', () => stopped.reject(stopping.reason), { once: true });
  stopping.throwIfAborted();
  const measured = async (): Promise<Findings> => {
    const [head, node] = machines.machines as [Machine, Machine];
    trial.report(0, plan.blocks, 'starting the web application');
    const stage = await startStage(plan, head, node, stopping);
    const { load, url } = stage;
    await load.run({ url, perSecond: WARM_UP_PER_SECOND, requests: plan.warmUpRequests });
    const before = await lookAt(machines);
    const windows = await measureBlocks(stage, plan, trial);
    const { used, aheadMs, cpuBusy } = spanBetween(machines, before, await lookAt(machines));
    const history = join(folder.path, 'slave.ndjson');
    await node.fetch(historyFile(node, `slave-${node.name}`), history);
    const usage = await usedBeside(windows, history, aheadMs.get(node.name) ?? 0);
    return { ...findingsOf(windows, usage, load.hasPriority), machines: used, cpuBusy };
  };
  return await Promise.race([measured(), stopped.promise]);
}

async function measureBlocks(stage: Stage, plan: IsolationPlan, trial: Trial): Promise<readonly Window[]> {
  const { blocks, settleMs } = plan;
  const { report, stopping } = trial;
  const windows: Window[] = [];
  for (let block = 0; block < blocks; block++) {
    report(block, blocks, 'alone');
    windows.push(await measureWindow(stage, plan, 'nobody'));
    report(block, blocks, 'starting the hog');
    const endHog = await stage.startHog(`hog${block + 1}`);
    await pause(settleMs, stopping);
    report(block, blocks, 'beside the hog');
    windows.push(await measureWindow(stage, plan, 'hog'), await measureWindow(stage, plan, 'hog'));
    report(block, blocks, 'ending the hog');
    await endHog();
    await pause(settleMs, stopping);
    windows.push(await measureWindow(stage, plan, 'nobody'));
  }
  return windows;
}

async function measureWindow(
  { load, url }: Stage,
  { perSecond, requests }: IsolationPlan,
  beside: Window['beside'],
): Promise<Window> {
  const fromMs = epochMs();
  const report = await load.run({ url, perSecond, requests }).catch((error: Error) => {
    if (beside === 'nobody') throw error;
    const remedy = load.hasPriority ? '' : '; as root, its slave would go before the hog';
    throw new Error(`beside the hog the web application stopped to answer (${error.message})${remedy}`, {
      cause: error,
    });
  });
  return { beside, fromMs, toMs: epochMs(), load: report };
}

const besideWhom = (windows: readonly Window[], who: Window['beside']): readonly Window[] =>
  windows.filter(({ beside }) => beside === who);

function findingsOf(windows: readonly Window[], used: Used, hasPriority: boolean): Findings {
  const [alone, crowded] = [besideWhom(windows, 'nobody'), besideWhom(windows, 'hog')];
  const response = (some: readonly Window[]): number => mean(some.flatMap(({ load }) => load.responseMs));
  const slowdowns = crowded.map((window, n) => response([window]) / response([alone[n] as Window]));
  const late = windows.map(({ load }) => mean(load.lateMs) / mean(load.responseMs));
  const limited = whyLimited(hasPriority, Math.max(...late));
  return {
    values: {
      'mean response alone (ms)': response(alone),
      'mean response beside the hog (ms)': response(crowded),
      'longest response alone (ms)': longest(alone),
      'longest response beside the hog (ms)': longest(crowded),
      'the hog’s use of processors (CPUs)': used.hogCpus,
      'the web application’s use of processors beside the hog (CPUs)': used.webCpus,
      'requests sent late by (ms)': mean(windows.flatMap(({ load }) => load.lateMs)),
    },
    samples: { [SLOWDOWN]: slowdowns },
    checks: [hogSpun(used.hogCpus)],
    ...(limited !== undefined && { limited }),
  };
}

function longest(windows: readonly Window[]): number {
  return Math.max(...windows.flatMap(({ load }) => load.responseMs));
}

function hogSpun(cpus: number): Check {
  return {
    id: 'hog-spins',
    claim: 'The hog used processors while the response times beside it were taken.',
    verdict: cpus > 0 ? 'passed' : 'failed',
    detail: `${cpus.toFixed(2)} processors`,
  };
}

function whyLimited(hasPriority: boolean, latePart: number): string | undefined {
  if (!hasPriority)
    return 'The process that sends requests may not have real-time priority here and waited for a processor like the web application; root may.';
  if (latePart > LATE_PART)
    return `Requests were sent late, by ${Math.round(100 * latePart)}% of the response time in one window.`;
  return undefined;
}

/** Processors that the two used while both ran. */
interface Used {
  readonly hogCpus: number;
  readonly webCpus: number;
}

/** By what the slave, whose clock is so far ahead, has recorded of their executors. */
async function usedBeside(windows: readonly Window[], history: string, aheadMs: Millis): Promise<Used> {
  const crowded = besideWhom(windows, 'hog');
  /** The first and the last look at an executor in a window. */
  const looks = new Map<string, { readonly executorId: string; readonly first: Look; last: Look }>();
  for await (const line of readHistory(history, { onTorn() {} })) {
    if (line.event !== 'executor-usage') continue;
    const window = crowded.findIndex(
      ({ fromMs, toMs }) => line.t - aheadMs >= fromMs && line.t - aheadMs <= toMs,
    );
    if (window < 0) continue;
    const { executorId } = line;
    const known = looks.get(`${window} ${executorId}`);
    if (known === undefined) looks.set(`${window} ${executorId}`, { executorId, first: line, last: line });
    else known.last = line;
  }
  const cpus = (framework: string): number => {
    const own = [...looks.values()].filter(({ executorId }) => executorId.startsWith(framework));
    const total = (of: (look: Look) => number): number =>
      own.reduce((sum, { first, last }) => sum + of(last) - of(first), 0);
    const ms = total(({ t }) => t);
    return ms === 0 ? 0 : (1_000 * total(({ cpuSeconds }) => cpuSeconds)) / ms;
  };
  return { hogCpus: cpus('hog'), webCpus: cpus('web') };
}

/** What a slave has recorded of an executor. */
interface Look {
  readonly t: Millis;
  readonly cpuSeconds: number;
}
