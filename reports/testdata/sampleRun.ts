/** One run of the sample: a small fluid model of three frameworks on one cluster. Good for testing a page, and for nothing else. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type {
  Check,
  ClockKind,
  FrameworkMeasure,
  JobMeasure,
  Provenance,
  RunCell,
  System,
} from '../../harness/result.ts';
import { FRAMEWORKS } from '../paper/macro.ts';
import { sampleOfferFlow, sampleTimeline } from './sampleTimeline.ts';

/** How much to make. */
export interface SampleOptions {
  readonly virtualSeeds: number;
  readonly realSeeds: number;
  /** Step of all series. */
  readonly stepS: number;
  /** Fraction of the jobs of the paper's mix. */
  readonly scale: number;
}

interface Job {
  readonly id: string;
  readonly kind: string;
  readonly tasks: number;
  readonly rigid: boolean;
  readonly taskS: number;
  /** Seconds, or the job of the same framework that must end first. */
  readonly after: number | string;
}

interface Progress {
  readonly job: Job;
  submittedS: number | null;
  startedS: number | null;
  endedS: number | null;
  /** Task seconds still to do. */
  leftS: number;
}

interface Load {
  readonly name: string;
  readonly jobs: readonly Progress[];
  readonly share: number[];
  readonly busyShares: number[];
  readonly locality: readonly [number, number] | null;
}

const TABLE_3 = [
  { kind: 'selection', tasks: 1, jobs: 38, taskS: 4 },
  { kind: 'text search', tasks: 2, jobs: 18, taskS: 8 },
  { kind: 'aggregation', tasks: 12, jobs: 14, taskS: 24 },
  { kind: 'selection', tasks: 50, jobs: 12, taskS: 16 },
  { kind: 'aggregation', tasks: 110, jobs: 6, taskS: 32 },
  { kind: 'selection', tasks: 200, jobs: 6, taskS: 16 },
  { kind: 'text search', tasks: 400, jobs: 4, taskS: 8 },
  { kind: 'join', tasks: 430, jobs: 2, taskS: 56 },
] as const;

/** A completed run. */
export function sampleRun(clock: ClockKind, system: System, seed: number, options: SampleOptions): RunCell {
  const slots = clock === 'virtual' ? 384 : 24;
  const draw = uniform(seed * 2 + (clock === 'virtual' ? 0 : 1));
  const loads = workload(draw, slots, options);
  const cpus: number[] = [];
  let nowS = 0;
  while (loads.some(({ jobs }) => jobs.some((job) => job.endedS === null)) && nowS < 20_000) {
    const shares = step(loads, system, slots, nowS);
    if (nowS % options.stepS === 0) {
      shares.forEach((share, index) => {
        loads[index]?.share.push(round(share));
      });
      cpus.push(round(shares.reduce((sum, share) => sum + share, 0)));
    }
    nowS += 1;
  }
  const mem = cpus.map((share) => round(share * (system === 'mesos' ? 0.46 : 0.25)));
  const frameworks = loads.map((load) => framework(load, system, options.stepS, draw));
  const tasks = frameworks.flatMap((one) => one.jobs).reduce((sum, job) => sum + job.tasks, 0);
  const sent = Math.round(tasks * 1.7);
  return {
    state: 'completed',
    kind: 'run',
    values: {},
    curves: {},
    provenance: sampleProvenance(clock, system, seed, clock === 'virtual' ? 6.3 + draw() : nowS / 4),
    cluster: { slaves: slots / 4, cpus: slots, memMiB: (slots / 4) * 15_360 },
    makespanS: nowS,
    frameworks,
    utilisation: {
      cpus: { stepS: options.stepS, values: cpus },
      mem: { stepS: options.stepS, values: mem },
      meanCpus: mean(cpus),
      meanMem: mean(mem),
    },
    tasks: { finished: tasks, failed: 0, killed: system === 'mesos' ? 2 : 0, lost: 0 },
    offers:
      system === 'static'
        ? null
        : { sent, accepted: tasks, declined: sent - tasks - 14, rescinded: 12, open: 2 },
    offerFlow: system === 'static' ? null : sampleOfferFlow(frameworks, nowS),
    faults: clock === 'real' && system === 'mesos' ? [{ fromS: 40, toS: 55, label: 'no master' }] : [],
    timeline: seed === 1 ? sampleTimeline(frameworks, slots / 4, nowS) : null,
    checks: checks(system, clock),
    harness: {
      cpuBusy: clock === 'virtual' ? null : 0.62,
      eventsPerSecond: clock === 'virtual' ? 310_000 : null,
      historyLines: tasks * 6 + sent * 2,
      historySha256: sha(`${clock}${system}${seed}`),
      historyFile: `cells/${clock}-${system}-${seed}/history.ndjson`,
      limited: null,
    },
  };
}

/** One second of the cluster: who holds which share of it, and how far the jobs come. */
function step(loads: readonly Load[], system: System, slots: number, nowS: number): readonly number[] {
  for (const load of loads) {
    for (const one of load.jobs) {
      if (one.submittedS !== null) continue;
      const { after } = one.job;
      const before =
        typeof after === 'string' ? load.jobs.find((other) => other.job.id === after)?.endedS : after;
      if (before != null && before <= nowS) one.submittedS = nowS;
    }
  }
  const wanted = loads.map((load) => active(load, nowS).reduce((sum, one) => sum + width(one), 0));
  const cap = system === 'static' ? slots / loads.length : slots;
  const held = fair(
    wanted.map((want) => Math.min(want, cap)),
    slots,
  );
  return loads.map((load, index) => {
    const jobs = active(load, nowS);
    const given = fair(jobs.map(width), held[index] ?? 0);
    jobs.forEach((one, at) => {
      const got = given[at] ?? 0;
      if (got <= 0 || (one.job.rigid && got < one.job.tasks)) return;
      one.startedS ??= nowS;
      one.leftS -= got;
      if (one.leftS <= 0) one.endedS = nowS + 1 + (one.job.rigid ? 0 : 10);
    });
    const share = given.reduce((sum, got) => sum + got, 0) / slots;
    if (load.jobs.some((one) => one.submittedS !== null && (one.endedS === null || one.endedS > nowS))) {
      load.busyShares.push(share);
    }
    return share;
  });
}

/** Max-min fair division of `total` among demands. */
function fair(wants: readonly number[], total: number): readonly number[] {
  const got = wants.map(() => 0);
  let left = total;
  let open = wants.map((_, index) => index).filter((index) => (wants[index] ?? 0) > 0);
  while (open.length > 0 && left > 1e-9) {
    const each = left / open.length;
    for (const index of open) {
      const more = Math.min(each, (wants[index] ?? 0) - (got[index] ?? 0));
      got[index] = (got[index] ?? 0) + more;
      left -= more;
    }
    open = open.filter((index) => (wants[index] ?? 0) - (got[index] ?? 0) > 1e-9);
  }
  return got;
}

/** Jobs past their set-up with work left. */
function active(load: Load, nowS: number): readonly Progress[] {
  return load.jobs.filter(
    (one) => one.submittedS !== null && one.submittedS + (one.job.rigid ? 3 : 10) <= nowS && one.leftS > 0,
  );
}

function width(one: Progress): number {
  return one.job.rigid ? one.job.tasks : Math.min(one.job.tasks, Math.max(1, one.leftS / 4));
}

function workload(draw: () => number, slots: number, options: SampleOptions): readonly Load[] {
  const size = slots / 384;
  const bins = TABLE_3.flatMap((bin) =>
    Array.from({ length: Math.max(1, Math.round(bin.jobs * options.scale)) }, () => ({ bin, order: draw() })),
  ).sort((a, b) => a.order - b.order);
  let atS = 0;
  const facebook = bins.map(({ bin }, index): Job => {
    atS -= (14 / options.scale) * 0.9 * Math.log(1 - draw());
    const taskS = bin.taskS * (0.85 + 0.3 * draw()) * size;
    return {
      id: `facebook-${index + 1}`,
      kind: bin.kind,
      tasks: bin.tasks,
      rigid: false,
      taskS,
      after: Math.round(atS),
    };
  });
  const large = Array.from({ length: Math.round(10 * Math.max(options.scale, 0.4)) }, (_, index): Job => {
    const after = index === 0 ? 0 : `large-${index}`;
    return {
      id: `large-${index + 1}`,
      kind: 'text search',
      tasks: 2400,
      rigid: false,
      taskS: 11.47 * size,
      after,
    };
  });
  const ranks = clockRanks(slots);
  const rigid = [0, 60, 360, 420, 1200, 1230, 1260, 1290].map((after, index): Job => {
    const taskS = (index < 2 ? 750 : 240) * (0.95 + 0.1 * draw());
    return {
      id: `tachyon-${index + 1}`,
      kind: index < 2 ? 'large tachyon' : 'small tachyon',
      tasks: ranks,
      rigid: true,
      taskS,
      after,
    };
  });
  return [
    load(FRAMEWORKS.facebook, facebook, [0.95, 0.55]),
    load(FRAMEWORKS.large, large, [0.93, 0.42]),
    load(FRAMEWORKS.torque, rigid, null),
  ];
}

function clockRanks(slots: number): number {
  return slots === 384 ? 24 : 2;
}

function load(name: string, jobs: readonly Job[], locality: readonly [number, number] | null): Load {
  const progress = jobs.map(
    (job): Progress => ({
      job,
      submittedS: null,
      startedS: null,
      endedS: null,
      leftS: job.tasks * job.taskS,
    }),
  );
  return { name, jobs: progress, share: [], busyShares: [], locality };
}

function framework(one: Load, system: System, stepS: number, draw: () => number): FrameworkMeasure {
  const jobs = one.jobs.map(
    ({ job, submittedS, startedS, endedS }): JobMeasure => ({
      id: job.id,
      kind: job.kind,
      tasks: job.tasks,
      submittedS: submittedS ?? 0,
      startedS: startedS === null ? null : round(startedS + draw()),
      endedS: endedS === null ? null : round(endedS + 2 * draw()),
      outcome: endedS === null ? 'unfinished' : 'finished',
    }),
  );
  const maps = jobs.reduce((sum, job) => sum + job.tasks, 0);
  const local = Math.round(maps * ((one.locality?.[system === 'mesos' ? 0 : 1] ?? 0) + 0.04 * draw() - 0.02));
  return {
    name: one.name,
    share: { stepS, values: one.share },
    jobs,
    locality: one.locality === null ? null : { local, remote: maps - local },
    meanShareWhileBusy: mean(one.busyShares),
  };
}

function checks(system: System, clock: ClockKind): readonly Check[] {
  return [
    {
      id: 'no-double-use',
      claim: 'No resource was offered or used twice at the same time.',
      verdict: 'passed',
      detail: 'All slaves, all times.',
    },
    {
      id: 'tasks-terminal',
      claim: 'Every accepted task reached a terminal state.',
      verdict: 'passed',
      detail: 'None is left.',
    },
    {
      id: 'word-counts',
      claim: 'The word counts are those of a run on one machine.',
      verdict: clock === 'virtual' ? 'unknown' : system === 'mesos' ? 'passed' : 'failed',
      detail:
        clock === 'virtual'
          ? 'Virtual tasks compute nothing.'
          : system === 'mesos'
            ? '12,430 words agree.'
            : '2 of 12,430 words differ; first: "scheduler" 41, not 42.',
    },
  ];
}

/** Where a run comes from. */
export function sampleProvenance(
  clock: ClockKind,
  system: System,
  seed: number,
  wallSeconds: number,
): Provenance {
  return {
    experiment: 'mix',
    cellId: sha(`cell ${clock} ${system} ${seed}`),
    scenario: system,
    label: system === 'mesos' ? 'Mesos' : 'Static partitions',
    clock,
    seed,
    command: `harness/lab run mix --clock ${clock} --system ${system} --seed ${seed}`,
    commit: '4d503ea0c2b1f6a7d8e9f0a1b2c3d4e5f6a7b8c9',
    dirty: clock === 'real',
    lockfileSha256: sha('lock'),
    nodeVersion: 'v24.21.0',
    cpuModel: 'AMD EPYC 7763 64-Core Processor',
    cores: 2,
    memoryBytes: 25_276_510_208,
    kernel: 'Linux 6.1.0-44-amd64',
    startedAt: `2026-01-12T09:${String(10 + seed).padStart(2, '0')}:00Z`,
    wallSeconds: round(wallSeconds),
    parameters: { 'delay scheduling': '5 s', allocation: 'fair', 'task length cv': 0.2 },
  };
}

/** A stand-in for a hash: 64 hexadecimal digits that depend on the text. */
function sha(text: string): string {
  const draw = uniform([...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7));
  return Array.from({ length: 64 }, () => Math.floor(draw() * 16).toString(16)).join('');
}

function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

function mean(values: readonly number[]): number {
  return round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
