/** Offer order: whom the allocation module asks first. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { sweep } from '../../results/sweep.ts';
import { grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

const ORDER = 'offer order';
const KINDS = ['short', 'medium', 'long'] as const;
const FAIR = 'order-fair';
const ALIKE = 40;

/** The same jobs under each order. */
export function offerOrder(result: ExperimentResult): Topic {
  const points = sweep(result, /^order-/);
  const alike = sweep(result, /^ties-/);
  const spread = (id: string): string =>
    ['fewest', 'most']
      .map((one) => grouped(estimateOf(result, id, `${one} (jobs)`)?.value ?? Number.NaN))
      .join(' to ');
  const time = (id: string, kind: string): number =>
    estimateOf(result, id, `${kind} job time (s)`)?.value ?? Number.NaN;
  const change = (id: string, kind: string): number => 100 * (time(id, kind) / time(FAIR, kind) - 1);
  const largest = (id: string): string => {
    const all = KINDS.map((kind) => ({ kind, by: change(id, kind) })).filter(({ by }) => Number.isFinite(by));
    const never = KINDS.filter((kind) => !Number.isFinite(time(id, kind)));
    const most = all.toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
    if (most === undefined) return 'no job time at all';
    const starved = never.length === 0 ? '' : `, and not one ${never.join(' or ')} job finishes`;
    return `${most.kind} jobs by ${most.by < 0 ? '−' : '+'}${grouped(Math.abs(most.by), 1)}%${starved}`;
  };
  return {
    id: 'offer-order',
    title: 'How much hangs on the order of offers',
    question:
      'The same jobs on a cluster that is full all the time. Who waits for how long if the order of offers is another?',
    figures: [
      valuesFigure({
        id: 'offer-order',
        title: 'Mean job times under each order',
        alt: 'Mean job times of short, medium and long jobs, by the order in which frameworks are offered what is free.',
        x: { title: '', scale: 'names' },
        y: { title: 'mean job time (s)', scale: 'log' },
        mark: 'points',
        rows: points.flatMap((point) =>
          KINDS.map((kind) => ({
            group: `${kind} jobs`,
            x: point.text(ORDER),
            ours: estimateOf(result, point.id, `${kind} job time (s)`),
          })),
        ),
      }),
      valuesFigure({
        id: 'offer-ties',
        title:
          'Frameworks that are alike: jobs of the one that got the most, and of the one that got the fewest',
        alt: 'Jobs finished by the best and by the worst served of 40 frameworks that are alike, by the order of offers.',
        x: { title: '', scale: 'names' },
        y: { title: 'finished in 10 min (jobs)', format: ',.0f' },
        rows: alike.flatMap((point) =>
          ['most', 'fewest'].map((group) => ({
            group,
            x: point.text(ORDER),
            ours: estimateOf(result, point.id, `${group} (jobs)`),
          })),
        ),
      }),
    ],
    finding:
      points.length === 0
        ? 'Nothing was measured.'
        : `Compared with fair sharing in which of equals the one that was granted less often is first, and of the three kinds the one that changes ` +
          `most: who came first changes ${largest('order-first-come')}; a lottery ${largest('order-lottery')}; priority for long jobs ${largest('order-priority')}. ` +
          'A lottery shares out offers, so that those with long tasks come to hold more. Ties decide where frameworks are many and small: of ' +
          `${ALIKE} that are alike each finished ${spread('ties-fair')} jobs if they go to who was granted less often, ` +
          `${spread('ties-first-come')} if they go to who came first, and ${spread('ties-lottery')} with a lottery.`,
    caveat:
      'Three frameworks on 80 slots: short jobs of 4 tasks of 5 s, medium ones of 12 tasks of 10 s, long ones of 40 tasks of 30 s, which together ' +
      'want more than there is. People wait for their job before they submit the next. The second chart: twice as many frameworks as slots, ' +
      'each with one task of 10 s at a time.',
    tables: [],
  };
}
