/** Offer order: whom the allocation module asks first. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { sweep } from '../../results/sweep.ts';
import { enumerate, grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

const ORDER = 'offer order';
const KINDS = ['short', 'medium', 'long'] as const;
const FAIR = 'order-fair';
const ALIKE = 40;
const OTHERS = {
  'order-first-come': 'who came first changes',
  'order-lottery': 'a lottery changes',
  'order-priority': 'priority for long jobs changes',
} as const;
const TIES = {
  'ties-fair': 'if they go to who was granted less often',
  'ties-first-come': 'if they go to who came first',
  'ties-lottery': 'with a lottery',
} as const;

/** The same jobs under each order. */
export function offerOrder(result: ExperimentResult): Topic {
  const points = sweep(result, /^order-/);
  const alike = sweep(result, /^ties-/);
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
    finding: [changes(result), ties(result)].filter((one) => one !== '').join(' ') || 'Nothing was measured.',
    caveat:
      'Three frameworks on 80 slots: short jobs of 4 tasks of 5 s, medium ones of 12 tasks of 10 s, long ones of 40 tasks of 30 s, which together ' +
      'want more than there is. People wait for their job before they submit the next. The second chart: twice as many frameworks as slots, ' +
      'each with one task of 10 s at a time.',
    tables: [],
  };
}

/** How far each order is from fair sharing, of those that were run; empty without any, or without fair sharing. */
function changes(result: ExperimentResult): string {
  const others = Object.entries(OTHERS).flatMap(([id, words]) => {
    const change = largestChange(result, id);
    return change === undefined ? [] : [`${words} ${change}`];
  });
  if (others.length === 0) return '';
  return (
    `Compared with fair sharing in which of equals the one that was granted less often is first, and of the three kinds the one that changes ` +
    `most: ${others.join('; ')}. A lottery shares out offers, so that those with long tasks come to hold more.`
  );
}

/** The kind of jobs that the order changes most, and those that it starves; undefined if nothing can be compared. */
function largestChange(result: ExperimentResult, order: string): string | undefined {
  const time = (id: string, kind: string): number | undefined =>
    estimateOf(result, id, `${kind} job time (s)`)?.value;
  const known = KINDS.flatMap((kind) => {
    const [fair, other] = [time(FAIR, kind), time(order, kind)];
    return fair === undefined || other === undefined ? [] : [{ kind, by: 100 * (other / fair - 1) }];
  });
  const most = known.toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
  if (most === undefined) return undefined;
  const never = KINDS.filter((kind) => time(order, kind) === undefined);
  const starved = never.length === 0 ? '' : `, and not one ${never.join(' or ')} job finishes`;
  return `${most.kind} jobs by ${most.by < 0 ? '−' : '+'}${grouped(Math.abs(most.by), 1)}%${starved}`;
}

/** How unequal each order makes those that are alike, of those that were run; empty without any. */
function ties(result: ExperimentResult): string {
  const said = Object.entries(TIES).flatMap(([id, words]) => {
    const [fewest, most] = ['fewest', 'most'].map((one) => estimateOf(result, id, `${one} (jobs)`)?.value);
    return fewest === undefined || most === undefined
      ? []
      : [`${grouped(fewest)} to ${grouped(most)} jobs ${words}`];
  });
  if (said.length === 0) return '';
  return `Ties decide where frameworks are many and small: of ${ALIKE} that are alike each finished ${enumerate(said)}.`;
}
