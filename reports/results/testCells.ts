/** Cells for tests: a completed one with what the test is about, and nothing of interest in the rest. */
import type {
  ClockKind,
  Curve,
  FailedCell,
  FrameworkMeasure,
  HarnessMeasure,
  JobMeasure,
  Provenance,
  RunCell,
  System,
  ValuesCell,
} from '../../harness/result.ts';

/** What a test may set. */
export interface CellParts {
  readonly system?: System;
  readonly clock?: ClockKind;
  readonly seed?: number;
  readonly frameworks?: readonly FrameworkMeasure[];
  readonly meanCpus?: number;
  readonly limited?: string | null;
}

/** A job that took `seconds`; null means that it never ended. */
export function job(id: string, kind: string, tasks: number, seconds: number | null, waitS = 1): JobMeasure {
  return {
    id,
    kind,
    tasks,
    submittedS: 10,
    startedS: 10 + waitS,
    endedS: seconds === null ? null : 10 + seconds,
    outcome: seconds === null ? 'unfinished' : 'finished',
  };
}

/** A framework with these jobs. */
export function framework(name: string, jobs: readonly JobMeasure[]): FrameworkMeasure {
  return {
    name,
    share: { stepS: 10, values: [0.5, 0.25] },
    jobs,
    locality: { local: 3, remote: 1 },
    meanShareWhileBusy: 0.4,
  };
}

/** A completed cell of which everything is kept. */
export function completedCell(parts: CellParts = {}): RunCell {
  const {
    system = 'mesos',
    clock = 'virtual',
    seed = 1,
    frameworks = [],
    meanCpus = 0.5,
    limited = null,
  } = parts;
  return {
    state: 'completed',
    kind: 'run',
    provenance: provenance(system, clock, seed),
    values: {},
    curves: {},
    cluster: { slaves: 4, cpus: 16, memMiB: 4096 },
    makespanS: 20,
    frameworks,
    utilisation: {
      cpus: { stepS: 10, values: [0.75, 0.25] },
      mem: { stepS: 10, values: [0.2, 0.1] },
      meanCpus,
      meanMem: 0.15,
    },
    tasks: { finished: 7, failed: 0, killed: 0, lost: 0 },
    offerFlow: null,
    faults: [],
    timeline: null,
    offers: system === 'static' ? null : { sent: 9, accepted: 7, declined: 2, rescinded: 0, open: 0 },
    checks: [],
    harness: {
      cpuBusy: null,
      eventsPerSecond: 1000,
      historyLines: 42,
      historySha256: 'ab'.repeat(32),
      historyFile: `cells/${system}-${seed}/history.ndjson`,
      limited,
    },
  };
}

/** What a test may set of a cell of values. */
export interface ValuesParts {
  readonly scenario?: string;
  readonly clock?: ClockKind;
  readonly seed?: number;
  readonly values?: Readonly<Record<string, number>>;
  readonly curves?: Readonly<Record<string, Curve>>;
  readonly parameters?: Provenance['parameters'];
  readonly limited?: string | null;
  readonly limitedValues?: HarnessMeasure['limitedValues'];
}

/** A completed cell of which only values and curves are kept. */
export function valuesCell(parts: ValuesParts = {}): ValuesCell {
  const { scenario = 'a', clock = 'virtual', seed = 1, values = {}, curves = {} } = parts;
  const { parameters = {}, limited = null, limitedValues } = parts;
  return {
    state: 'completed',
    kind: 'values',
    provenance: { ...provenance(scenario, clock, seed), parameters },
    values,
    curves,
    checks: [],
    harness: {
      cpuBusy: null,
      eventsPerSecond: null,
      historyLines: 0,
      historySha256: null,
      historyFile: null,
      limited,
      ...(limitedValues !== undefined && { limitedValues }),
    },
  };
}

/** A cell that failed. */
export function failedCell(scenario: string, seed: number, reason: string): FailedCell {
  return { state: 'failed', provenance: provenance(scenario, 'virtual', seed), cause: 'system', reason };
}

/** The names of the two systems that are compared; other scenarios are called by their id. */
const LABELS: Readonly<Record<string, string>> = { mesos: 'Mesos', static: 'Static partitions' };

function provenance(scenario: string, clock: ClockKind, seed: number): Provenance {
  return {
    experiment: 'mix',
    cellId: `${scenario}-${clock}-${seed}`,
    scenario,
    label: LABELS[scenario] ?? scenario,
    clock,
    seed,
    command: `lab run mix --seed ${seed}`,
    commit: 'c0ffee'.repeat(6),
    dirty: false,
    lockfileSha256: 'cd'.repeat(32),
    nodeVersion: 'v24.0.0',
    cpuModel: 'a processor',
    cores: 2,
    memoryBytes: 2 ** 33,
    kernel: 'Linux',
    startedAt: '2026-01-01T00:00:00Z',
    wallSeconds: 1.5,
    parameters: {},
  };
}
