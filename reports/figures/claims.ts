/** The paper's ratios beside ours, at a glance. */
import type { ClaimResult } from '../../harness/result.ts';
import { claimsOf } from '../paper/claims.ts';
import { type Dataset, type Figure, rounded, type Value } from './figure.ts';
import { ticks } from './speedUps.ts';
import { COLOUR } from './theme.ts';

/** Draws all claims whose unit is a ratio; those of other units stand in the table only. */
export function claimsFigure(experiment: string, claims: readonly ClaimResult[]): Figure {
  const id = 'claims-chart';
  const title = 'Speed-ups, the paper’s and ours: right of 1 is faster on Mesos';
  const ratios = claims.filter((claim) => claim.unit === '×' && claim.paper > 0);
  if (ratios.length === 0)
    return { state: 'empty', id, title, reason: 'No claim of this report is a ratio.' };
  if (ratios.every((claim) => claim.ours === null)) {
    return { state: 'empty', id, title, reason: 'No ratio of the paper was measured.' };
  }
  const labels = [...new Set(ratios.map((claim) => claimLabel(experiment, claim)))];
  const dataset = claimsDataset(experiment, ratios);
  const values = ratios.flatMap((claim) => [
    claim.paper,
    ...(claim.ours?.interval ?? []),
    claim.ours?.value ?? 1,
  ]);
  const positive = values.filter((value) => value > 0);
  const domain = [Math.min(0.8, ...positive) / 1.08, Math.max(1.25, ...positive) * 1.08] as const;
  const x = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: 'static ÷ Mesos job time (log)',
    scale: { type: 'log' as const, domain: [...domain], nice: false },
    axis: { format: '~g', grid: true, values: ticks(domain) },
  });
  const y = {
    field: 'label',
    type: 'nominal' as const,
    title: null,
    sort: labels,
    axis: { labelLimit: 165, minExtent: 165 },
  };
  const yOffset = {
    field: 'clock',
    type: 'nominal' as const,
    sort: ['virtual', 'real'],
    scale: { paddingInner: 0.2, paddingOuter: 0.25 },
  };
  const ours = { x: x('ours'), y, yOffset };
  const clocks = new Set(ratios.map((claim) => claim.clock));
  return {
    state: 'drawn',
    id,
    title,
    layout: 'rows',
    panels: [
      {
        title: '',
        alt: `The paper’s and our speed-ups on a logarithmic axis for ${labels.length} kinds of jobs; the table above holds the numbers.`,
        spec: {
          data: { name: dataset.name },
          width: 'container',
          height: labels.length * (clocks.size > 1 ? 34 : 26),
          layer: [
            {
              data: { values: [{ one: 1 }] },
              mark: { type: 'rule', color: COLOUR.ink, strokeWidth: 1.2 },
              encoding: { x: x('one') },
            },
            {
              transform: [{ aggregate: [{ op: 'max', field: 'paper', as: 'paper' }], groupby: ['label'] }],
              mark: {
                type: 'point',
                shape: 'diamond',
                size: 90,
                stroke: COLOUR.paper,
                fill: 'transparent',
                strokeWidth: 1.6,
                opacity: 1,
              },
              encoding: { x: x('paper'), y },
            },
            {
              mark: { type: 'rule', strokeWidth: 2.5, color: COLOUR.mesos },
              encoding: { x: x('low'), x2: { field: 'high' }, y, yOffset },
            },
            {
              mark: { type: 'point', filled: true, size: 70, opacity: 1, color: COLOUR.mesos },
              encoding: {
                ...ours,
                shape: {
                  field: 'clock',
                  type: 'nominal',
                  legend: null,
                  scale: { domain: ['virtual', 'real'], range: ['circle', 'square'] },
                },
                tooltip: [
                  { field: 'label', title: 'jobs' },
                  { field: 'clock', title: 'clock' },
                  { field: 'paper', type: 'quantitative', format: '.2f', title: 'paper' },
                  { field: 'ours', type: 'quantitative', format: '.2f', title: 'ours' },
                  { field: 'verdict', title: 'verdict' },
                ],
              },
            },
          ],
        },
      },
    ],
    key: [
      { mark: 'hollow', colour: COLOUR.paper, label: 'paper' },
      ...(clocks.has('virtual')
        ? [{ mark: 'dot', colour: COLOUR.mesos, label: 'ours, virtual time' } as const]
        : []),
      ...(clocks.has('real')
        ? [{ mark: 'square', colour: COLOUR.mesos, label: 'ours, real processes' } as const]
        : []),
    ],
    datasets: [dataset],
    notes: [],
  };
}

/** A few words for a claim: the paper entry's own, else its id. */
export function claimLabel(experiment: string, claim: ClaimResult): string {
  return claimsOf(experiment).find((one) => one.id === claim.id)?.label ?? claim.id;
}

function claimsDataset(experiment: string, claims: readonly ClaimResult[]): Dataset {
  return {
    name: 'claims',
    title: 'Speed-ups in the paper and here',
    columns: [
      { field: 'label', title: 'jobs' },
      { field: 'clock', title: 'clock' },
      { field: 'paper', title: 'paper (×)' },
      { field: 'ours', title: 'ours (×)' },
      { field: 'low', title: 'interval from' },
      { field: 'high', title: 'interval to' },
      { field: 'verdict', title: 'verdict' },
    ],
    rows: claims.map((claim): readonly Value[] => [
      claimLabel(experiment, claim),
      claim.clock,
      claim.paper,
      claim.ours === null ? null : rounded(claim.ours.value),
      claim.ours?.interval == null ? null : rounded(claim.ours.interval[0]),
      claim.ours?.interval == null ? null : rounded(claim.ours.interval[1]),
      claim.verdict,
    ]),
  };
}
