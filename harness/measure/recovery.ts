/**
 * How a cluster recovers from the death of the master that leads (NSDI'11 §6.6): stage by stage, from a history. The paper's
 * MTTR is the time until all slaves and frameworks are connected to the next master.
 */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Findings, Measure } from '../experiments/experiment.ts';
import type { Check, Curve } from '../result.ts';
import { foldOf } from './fold.ts';
import { isMaster } from './scope.ts';

/** How to measure. */
export interface RecoveryOptions {
  /** The launch rate to come back to is the mean over so long before the kill; default 10 s. */
  readonly beforeMs?: number;
}

/** The launch rate is taken over so long... */
const WINDOW_MS = 1_000;
/** ...and is restored when it is this part of what it was. */
const RESTORED_PART = 0.95;
/** Width of the steps of the curve of launches. */
const STEP_MS = 500;
/** Points of the curve of slaves that are back, at most. */
const POINTS_MAX = 100;
const BEFORE_MS = 10_000;

/**
 * Measures the recovery from the first `kill-leader` of a history. Times count from the kill. A stage that the history does not
 * reach has no value, and if slaves or frameworks are missing at its end, a check fails.
 */
export function recovery({ beforeMs = BEFORE_MS }: RecoveryOptions = {}): Measure {
  const before: Before = { slaves: new Set(), frameworks: new Set(), launchesMs: [] };
  let after: After | undefined;
  return foldOf({
    on: {
      every: (line) => {
        if (line.event === 'fault-injected' && line.fault === 'kill-leader') after ??= new After(line.t);
        if (!isMaster(line.by)) return;
        if (after === undefined) noteBefore(before, line);
        else after.observe(line);
      },
    },
    result: () => findings(before, after ?? new After(Number.NaN), beforeMs),
  });
}

/** What there was before the kill. */
interface Before {
  readonly slaves: Set<string>;
  readonly frameworks: Set<string>;
  readonly launchesMs: number[];
}

function noteBefore({ slaves, frameworks, launchesMs }: Before, line: HistoryLine): void {
  switch (line.event) {
    case 'slave-registered':
      slaves.add(line.slaveId);
      return;
    case 'slave-lost':
      slaves.delete(line.slaveId);
      return;
    case 'framework-registered':
      frameworks.add(line.frameworkId);
      return;
    case 'framework-removed':
      frameworks.delete(line.frameworkId);
      return;
    case 'task-launched':
      launchesMs.push(line.t);
  }
}

/** What happens after the kill; times count from it. */
class After {
  readonly killedMs: number;
  readonly slavesMs = new Map<string, number>();
  readonly frameworksMs = new Map<string, number>();
  readonly launchesMs: number[] = [];
  lostMs: number | undefined;
  electedMs: number | undefined;
  firstOfferMs: number | undefined;
  /** Slaves that the next master has given up. */
  givenUp = 0;
  /** Why the next master was deposed, each time. */
  readonly depositions: string[] = [];
  #successor: string | undefined;

  constructor(killedMs: number) {
    this.killedMs = killedMs;
  }

  observe(line: HistoryLine): void {
    const ms = line.t - this.killedMs;
    if (line.event === 'leader-lost') this.lostMs ??= ms;
    if (line.event === 'master-elected' && this.#successor === undefined) {
      this.#successor = line.by;
      this.electedMs = ms;
    }
    // What the dead one wrote may come late.
    if (line.by !== this.#successor) return;
    switch (line.event) {
      case 'slave-registered':
        if (!this.slavesMs.has(line.slaveId)) this.slavesMs.set(line.slaveId, ms);
        return;
      case 'framework-registered':
        if (!this.frameworksMs.has(line.frameworkId)) this.frameworksMs.set(line.frameworkId, ms);
        return;
      case 'offer-sent':
        this.firstOfferMs ??= ms;
        return;
      case 'task-launched':
        this.launchesMs.push(ms);
        return;
      case 'slave-lost':
        this.givenUp++;
        return;
      case 'master-deposed':
        this.depositions.push(line.reason);
    }
  }
}

function findings(before: Before, after: After, beforeMs: number): Findings {
  const { killedMs, lostMs, electedMs, firstOfferMs } = after;
  const slaves = timesOf(after.slavesMs, before.slaves);
  const frameworks = timesOf(after.frameworksMs, before.frameworks);
  const allBackMs = maximum(slaves.lastMs, frameworks.lastMs);
  const launchesMs = before.launchesMs.map((t) => t - killedMs).filter((ms) => ms >= -beforeMs);
  const ratePerS = launchesMs.length / (beforeMs / 1000);
  const timesMs = {
    // A master that learns of the loss by its own election has detected it then.
    'detected (s)': electedMs === undefined ? lostMs : Math.min(lostMs ?? electedMs, electedMs),
    'elected (s)': electedMs,
    '1% of slaves back (s)': slaves.afterMs(0.01),
    '50% of slaves back (s)': slaves.afterMs(0.5),
    '99% of slaves back (s)': slaves.afterMs(0.99),
    'all slaves back (s)': slaves.lastMs,
    'all frameworks back (s)': frameworks.lastMs,
    'first offer (s)': firstOfferMs,
    'launch rate restored (s)': restoredMs(after.launchesMs, ratePerS),
    'MTTR (s)': allBackMs,
    'election to all back (s)':
      allBackMs === undefined || electedMs === undefined ? undefined : allBackMs - electedMs,
  };
  return {
    values: { ...inSeconds(timesMs), 'launches before the kill (1/s)': ratePerS },
    curves: {
      'launches (1/s)': launchCurve([...launchesMs, ...after.launchesMs], beforeMs),
      'slaves back (%)': slaves.curve(),
    },
    checks: [backCheck(after, slaves.missing, frameworks.missing)],
  };
}

/** When those that were there before came back, in order. */
function timesOf(back: ReadonlyMap<string, number>, before: ReadonlySet<string>) {
  const times = [...back].flatMap(([id, ms]) => (before.has(id) ? [ms] : [])).toSorted((a, b) => a - b);
  const total = before.size;
  return {
    missing: total - times.length,
    /** When a part of all was back; undefined if it never was. */
    afterMs: (part: number): number | undefined => times[Math.ceil(part * total) - 1],
    lastMs: total === 0 ? undefined : times[total - 1],
    curve(): Curve {
      const every = Math.max(1, Math.ceil(times.length / POINTS_MAX));
      const shown = times.map((_, n) => n).filter((n) => n % every === every - 1 || n === times.length - 1);
      return {
        x: [0, ...shown.map((n) => (times[n] as number) / 1000)],
        y: [0, ...shown.map((n) => (100 * (n + 1)) / total)],
      };
    },
  };
}

/** The first time after the kill at which the launches of the last second are as many as before, nearly. */
function restoredMs(launchesMs: readonly number[], ratePerS: number): number | undefined {
  const enough = Math.max(1, Math.ceil((RESTORED_PART * ratePerS * WINDOW_MS) / 1000));
  return launchesMs.find((ms, n) => {
    const first = launchesMs[n - enough + 1];
    return first !== undefined && ms - first < WINDOW_MS;
  });
}

/** Launches per second over equal steps, each at its middle, in seconds from the kill. */
function launchCurve(launchesMs: readonly number[], beforeMs: number): Curve {
  const counts: number[] = [];
  for (const ms of launchesMs) {
    const step = Math.floor((ms + beforeMs) / STEP_MS);
    counts[step] = (counts[step] ?? 0) + 1;
  }
  // The last step may not be whole.
  const steps = Array.from({ length: Math.max(0, counts.length - 1) }, (_, n) => n);
  return {
    x: steps.map((n) => ((n + 0.5) * STEP_MS - beforeMs) / 1000),
    y: steps.map((n) => (counts[n] ?? 0) / (STEP_MS / 1000)),
  };
}

function backCheck(
  { killedMs, givenUp, depositions }: After,
  slavesMissing: number,
  frameworksMissing: number,
): Check {
  const wasKilled = !Number.isNaN(killedMs);
  const isPassed = wasKilled && slavesMissing + frameworksMissing + givenUp + depositions.length === 0;
  return {
    id: 'all-back',
    claim:
      'Every slave and every framework comes back to the next master, which stays the leader and gives no slave up.',
    verdict: isPassed ? 'passed' : 'failed',
    detail: wasKilled
      ? `${slavesMissing} slaves and ${frameworksMissing} frameworks are missing; ${givenUp} slaves were given up; the next master was deposed ${depositions.length} times${depositions.map((reason) => `: ${reason}`).join('')}`
      : 'no leader was killed',
  };
}

function maximum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

function inSeconds(ms: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(ms).flatMap(([name, value]) => (value === undefined ? [] : [[name, value / 1000]])),
  );
}
