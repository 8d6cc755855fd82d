/** Job times on static partitions over job times on Mesos, by kind of job (the paper's Table 5). */
import type { ClaimResult } from '../../harness/result.ts';
import { paperSpeedUp } from '../paper/paperNumbers.ts';
import { type ClockRuns, fullPairs, whyNoPair } from '../results/clockRuns.ts';
import { type KindOfJob, kindsOfJobs } from '../results/jobTimes.ts';
import { count, intervalName } from '../words.ts';
import { type Dataset, type Figure, type Panel, rounded, type Value } from './figure.ts';
import { ratioTicks } from './ratioTicks.ts';
import { brokenNames, COLOUR, frameworkColour, nameRoom } from './theme.ts';

/** Draws every job's ratio, the mean by kind with its interval, and the paper's value where it has one. */
export function speedUpsFigure(runs: ClockRuns): Figure {
  const id = `${runs.clock}-speed-ups`;
  const title = 'Speed-up by kind of job: right of 1 is faster on Mesos';
  const kinds = runs.frameworks.map((framework) => kindsOfJobs(fullPairs(runs), framework));
  const all = kinds.flat();
  if (all.length === 0) {
    const reason = whyNoPair(runs) ?? 'No job finished on both systems.';
    return { state: 'empty', id, title, reason };
  }
  const byKind = kindsDataset(runs, all);
  const byJob = jobsDataset(runs, all);
  const domain = ratioDomain(runs.claims, all);
  const drawn = runs.frameworks
    .map((name, index) => ({ name, index }))
    .filter(({ index }) => kinds[index]?.length);
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: drawn.map(({ name, index }, row) =>
      panel(name, kinds[index] ?? [], {
        byKind,
        byJob,
        domain,
        colour: frameworkColour(name),
        last: row === drawn.length - 1,
      }),
    ),
    key: [
      { mark: 'tick', colour: COLOUR.quiet, label: 'one job' },
      {
        mark: 'dot',
        colour: COLOUR.ink,
        label: `mean by kind, with its ${intervalName(all.map(({ speedUp }) => speedUp))} over the seeds`,
      },
      ...(all.every((kind) => paperSpeedUp(runs.claims, kind) === null)
        ? []
        : [{ mark: 'hollow' as const, colour: COLOUR.paper, label: 'paper, Table 5' }]),
    ],
    datasets: [byKind, byJob],
    notes: runs.frameworks
      .filter((_, index) => kinds[index]?.length === 0)
      .map((name) => `No job of ${name} finished on both systems.`),
  };
}

/** How a kind of job is called in a row. */
export function kindLabel(kind: KindOfJob): string {
  return `${kind.kind}, ${count(kind.tasks, 'task')}`;
}

interface Parts {
  readonly byKind: Dataset;
  readonly byJob: Dataset;
  readonly domain: readonly [number, number];
  readonly colour: string;
  readonly last: boolean;
}

function kindsDataset(runs: ClockRuns, kinds: readonly KindOfJob[]): Dataset {
  const name = intervalName(kinds.map(({ speedUp }) => speedUp));
  return {
    name: `${runs.clock}-speed-ups`,
    title: 'Speed-up by kind of job, medians over the seeds',
    columns: [
      { field: 'framework', title: 'framework' },
      { field: 'label', title: 'kind of job' },
      { field: 'jobs', title: 'jobs a run' },
      { field: 'staticS', title: 'mean on static (s)' },
      { field: 'mesosS', title: 'mean on Mesos (s)' },
      { field: 'ratio', title: 'mean speed-up (×)' },
      { field: 'low', title: `${name} from` },
      { field: 'high', title: `${name} to` },
      { field: 'paper', title: 'paper (×)' },
    ],
    rows: kinds.map((kind): readonly Value[] => [
      kind.framework,
      kindLabel(kind),
      kind.jobs,
      rounded(kind.staticS.value),
      rounded(kind.mesosS.value),
      rounded(kind.speedUp.value),
      kind.speedUp.interval === null ? null : rounded(kind.speedUp.interval[0]),
      kind.speedUp.interval === null ? null : rounded(kind.speedUp.interval[1]),
      paperSpeedUp(runs.claims, kind),
    ]),
  };
}

function jobsDataset(runs: ClockRuns, kinds: readonly KindOfJob[]): Dataset {
  return {
    name: `${runs.clock}-job-ratios`,
    title: 'Speed-up of single jobs, medians over the seeds',
    columns: [
      { field: 'framework', title: 'framework' },
      { field: 'label', title: 'kind of job' },
      { field: 'ratio', title: 'speed-up (×)' },
    ],
    rows: kinds.flatMap((kind) =>
      kind.ratios.map((ratio) => [kind.framework, kindLabel(kind), rounded(ratio)]),
    ),
  };
}

/** The common range of all panels: every mark, the reference line at 1, and a little room. */
function ratioDomain(claims: readonly ClaimResult[], kinds: readonly KindOfJob[]): readonly [number, number] {
  const values = kinds.flatMap((kind) => [
    ...kind.ratios,
    ...(kind.speedUp.interval ?? [kind.speedUp.value]),
    paperSpeedUp(claims, kind) ?? 1,
  ]);
  return [Math.min(0.8, ...values) / 1.08, Math.max(1.25, ...values) * 1.08];
}

function panel(name: string, kinds: readonly KindOfJob[], parts: Parts): Panel {
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: parts.last ? 'static ÷ Mesos job time (log)' : null,
    scale: { type: 'log' as const, domain: [...parts.domain], nice: false },
    axis: { format: '~g', grid: true, labels: parts.last, values: ratioTicks(parts.domain) },
  });
  const { colour } = parts;
  return {
    title: name,
    alt:
      `Speed-ups of the jobs of ${name} by kind on a logarithmic axis with a reference line at 1: ` +
      kinds.map((kind) => `${kindLabel(kind)} ${kind.speedUp.value.toFixed(2)}`).join('; '),
    spec: {
      transform: [{ filter: { field: 'framework', equal: name } }],
      data: { name: parts.byKind.name },
      width: 'container',
      height: 28 * kinds.length,
      layer: [
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.2 },
          encoding: { x: { ...x('one'), title: x('one').title } },
        },
        {
          data: { name: parts.byJob.name },
          transform: [{ filter: { field: 'framework', equal: name } }],
          mark: { type: 'tick', color: colour, thickness: 1.4, size: 13, opacity: 0.5 },
          encoding: { x: x('ratio'), y: rows(kinds) },
        },
        {
          mark: { type: 'rule', color: colour, strokeWidth: 3 },
          encoding: { x: x('low'), x2: { field: 'high' }, y: rows(kinds) },
        },
        {
          mark: {
            type: 'point',
            shape: 'diamond',
            size: 100,
            stroke: COLOUR.paper,
            fill: 'transparent',
            strokeWidth: 1.6,
            opacity: 1,
          },
          encoding: { x: x('paper'), y: rows(kinds) },
        },
        {
          mark: { type: 'point', filled: true, size: 80, color: colour, opacity: 1 },
          encoding: {
            x: x('ratio'),
            y: rows(kinds),
            tooltip: [
              { field: 'label', title: 'kind' },
              { field: 'jobs', title: 'jobs a run' },
              { field: 'ratio', type: 'quantitative', format: '.2f', title: 'speed-up' },
              { field: 'paper', type: 'quantitative', format: '.2f', title: 'paper' },
            ],
          },
        },
      ],
    },
  };
}

function rows(kinds: readonly KindOfJob[]) {
  return {
    field: 'label',
    type: 'nominal' as const,
    title: null,
    sort: kinds.map(kindLabel),
    axis: { ...nameRoom(150), ...brokenNames(kinds.map(kindLabel), 150) },
  };
}
