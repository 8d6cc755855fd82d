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

/** The same jobs under each order. */
export function offerOrder(result: ExperimentResult): Topic {
  const points = sweep(result, /^order-/);
  const time = (id: string, kind: string): number =>
    estimateOf(result, id, `${kind} job time (s)`)?.value ?? Number.NaN;
  const change = (id: string, kind: string): number => 100 * (time(id, kind) / time(FAIR, kind) - 1);
  const largest = (id: string): string => {
    const all = KINDS.map((kind) => ({ kind, by: change(id, kind) })).filter(({ by }) => Number.isFinite(by));
    const most = all.toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
    if (most === undefined) return 'no job time at all';
    return `${most.kind} jobs by ${most.by < 0 ? '−' : '+'}${grouped(Math.abs(most.by), 1)}%`;
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
    ],
    finding:
      points.length === 0
        ? 'Nothing was measured.'
        : `Compared with fair sharing in which ties go to who was granted less often: ties to who came first change ${largest('order-first-come')}, ` +
          `the most of the three kinds; a lottery ${largest('order-lottery')}; priority for long jobs ${largest('order-priority')}. ` +
          'How ties are broken hardly matters; what is shared does. A lottery shares out offers, so that those with long tasks come to hold more.',
    caveat:
      'Three frameworks on 80 slots: short jobs of 4 tasks of 5 s, medium ones of 12 tasks of 10 s, long ones of 40 tasks of 30 s, which together ' +
      'want more than there is. People wait for their job before they submit the next.',
    tables: [],
  };
}
