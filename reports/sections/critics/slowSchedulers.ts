/** Slow schedulers: what a scheduler holds while it thinks, others do without. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { ends, type SweepPoint, sweep } from '../../results/sweep.ts';
import { duration, grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

const DECISION = 'service decision (s)';
const MASTER = 'the master';

/** Batch and service schedulers against the time that a service decision takes. */
export function slowSchedulers(result: ExperimentResult): Topic {
  const points = sweep(result, /^slow-/);
  const figure = (
    id: string,
    title: string,
    value: string,
    unit: string,
    scale: 'linear' | 'log' = 'linear',
  ) =>
    valuesFigure({
      id: `slow-${id}`,
      title,
      alt: `${title}, against the time that the service scheduler takes for a decision, by what the master does.`,
      x: { title: 'time for a service decision (s)', scale: 'log' },
      y: { title: unit, scale },
      rows: points.map((point) => ({
        group: `the master ${point.text(MASTER) === 'nothing' ? 'does nothing' : point.text(MASTER)}`,
        x: point.number(DECISION),
        ours: estimateOf(result, point.id, value),
      })),
    });
  return {
    id: 'slow-schedulers',
    title: 'Slow schedulers hold what others need',
    question:
      'A batch scheduler decides in a tenth of a second, a service scheduler takes longer and longer. What does that do to batch jobs, and what helps?',
    figures: [
      figure(
        'wait',
        'Batch jobs wait for their scheduler',
        'batch attempt after (s)',
        'wait for the first attempt (s)',
        'log',
      ),
      figure(
        'busy',
        'The batch scheduler decides again and again about scraps',
        'batch busy (%)',
        'batch scheduler busy (%)',
      ),
      figure(
        'held',
        'Locked in offers that have no answer yet',
        'in offers (%)',
        'CPUs in unanswered offers (%)',
      ),
      figure(
        'service',
        'Service jobs that get a task at all',
        'service started (%)',
        'service jobs started (%)',
      ),
    ],
    finding: finding(result, points),
    caveat:
      'Omega’s clusters had up to 10,000 machines, its jobs came from Google’s traces, and it simulated a day; here are 100 slaves of 8 CPUs and 40 ' +
      'minutes of synthetic jobs. As there: 60% of the cluster are taken at the start, batch decisions take 0.1 s and 5 ms a task, what an attempt ' +
      'does not use goes back, offers are made each second. A job is abandoned after 100 attempts (Omega: 1,000 in a day), which ' +
      'takes more than 100 s here; by then the service scheduler has given back what it held. Omega’s own ' +
      'proposal, to offer each framework its fair share only, would change nothing here: less than half of the cluster is ever free. ' +
      'A wait that had not ended with the run counts as if it had.',
    tables: [],
  };
}

function finding(result: ExperimentResult, points: readonly SweepPoint[]): string {
  const of = (remedy: string) =>
    ends(
      points.filter(({ id }) => id.endsWith(`-${remedy}`)),
      DECISION,
    );
  const [none, rescind, limit] = [of('none'), of('rescind'), of('limit')];
  if (none === undefined) return 'Nothing was measured.';
  const value = (point: SweepPoint | undefined, name: string): number =>
    point === undefined ? Number.NaN : (estimateOf(result, point.id, name)?.value ?? Number.NaN);
  const wait = (point: SweepPoint | undefined): string => duration(value(point, 'batch attempt after (s)'));
  const lost = Math.max(
    ...points.map((point) => value(point, 'batch abandoned (%)')).filter(Number.isFinite),
  );
  return (
    `When a service decision takes ${none.last.number(DECISION)} s instead of ${none.first.number(DECISION)} s, batch jobs wait ` +
    `${wait(none.last)} instead of ${wait(none.first)}, and their scheduler is busy ${grouped(value(none.last, 'batch busy (%)'), 1)}% of the ` +
    `time instead of ${grouped(value(none.first, 'batch busy (%)'), 1)}%: the direction that Omega found. ` +
    (limit === undefined ? '' : `With a limit on unanswered offers they wait ${wait(limit.last)}. `) +
    (rescind === undefined
      ? ''
      : `If the master rescinds offers they wait ${wait(rescind.last)}, but the other framework decides about offers that are gone by then: ` +
        `${grouped(value(rescind.last, 'service started (%)'))}% of its jobs get a task, instead of ${grouped(value(none.last, 'service started (%)'))}%. `) +
    (lost > 0
      ? `At most ${grouped(lost, 1)}% of the batch jobs were abandoned: here they wait rather than fail.`
      : 'No batch job was abandoned: here they wait rather than fail.')
  );
}
