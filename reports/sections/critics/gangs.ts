/** Gangs: hoarding, and who waits for whom. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { heatFigure } from '../../figures/heatFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { type SweepPoint, sweep } from '../../results/sweep.ts';
import { count } from '../../words.ts';
import type { Topic } from '../topic.ts';

const GANGS = 'gangs';
const PATIENCE = 'patience (s)';
const RESCINDED = 'rescinded after (s)';
const DONE = 'finished an hour (jobs)';
const HELD = 'in offers (%)';
/** With more than this part of the cluster in unanswered offers, in percent, everybody waits for everybody. */
const STUCK = 90;
/** Longer than any run. */
const FOR_EVER_S = 10_000;

/** Frameworks with gangs × how long they hoard. */
export function gangs(result: ExperimentResult): Topic {
  const points = sweep(result, /^gangs-/).toSorted((a, b) => a.number(GANGS) - b.number(GANGS));
  const held = (point: SweepPoint): number => estimateOf(result, point.id, HELD)?.value ?? Number.NaN;
  const stuck = points.filter((point) => held(point) > STUCK);
  const most = Math.max(0, ...points.map(({ id }) => estimateOf(result, id, DONE)?.value ?? 0));
  const rescinding = points.filter((point) => point.number(RESCINDED) > 0);
  const lost = rescinding.filter((point) =>
    points.some(
      (other) =>
        other.number(GANGS) === point.number(GANGS) &&
        other.number(RESCINDED) === 0 &&
        other.number(PATIENCE) === point.number(PATIENCE) &&
        held(other) > STUCK,
    ),
  );
  const saved = lost.filter((point) => held(point) <= STUCK).length;
  return {
    id: 'gangs',
    title: 'Gangs that hoard block each other',
    question:
      'A job that starts whole or not at all collects offers until it has enough. What becomes of several such jobs?',
    figures: [
      heatFigure({
        id: 'gangs',
        title: 'Jobs that finish in an hour',
        alt: 'Jobs that finish in an hour, by number of frameworks with gangs and by how long they hoard before they give back.',
        x: { title: 'frameworks with gangs' },
        y: { title: 'they hoard for at most (s)' },
        value: { title: 'finished in an hour (jobs)', domain: [0, most], format: '.0f' },
        cells: ordered(points).map((point) => ({
          x: point.text(GANGS),
          y: patience(point),
          ours: estimateOf(result, point.id, DONE),
          ...(held(point) > STUCK && { word: 'deadlock' }),
        })),
      }),
    ],
    finding:
      points.length === 0
        ? 'Nothing was measured.'
        : `In ${stuck.length} of ${count(points.length, 'case')} more than ${STUCK}% of the cluster sit in offers that nobody answers, and hardly a job ` +
          `finishes. Of ${count(lost.length, 'case')} in which endless patience ends like that, rescinding offers saves ${saved}: what the master takes from one ` +
          'hoarder it gives to the next. Short patience lets the others collect, as long as they are few.',
    caveat:
      `Each framework has one job at a time, of 48 tasks of 30 s on 80 slots: two do not fit at once. “Deadlock” means that more than ${STUCK}% were in ` +
      'unanswered offers; with limited patience it is a livelock. NSDI’11 §4.2 has the waste of hoarding as a formula (experiment ' +
      `theory), and assumes that admission keeps demand below the guarantees; Omega (§3.3) names the deadlock.${most === 0 ? '' : ` The fullest colour stands for ${count(most, 'job')}.`}`,
    tables: [],
  };
}

/** Those without rescinding first, the most patient last. */
function ordered(points: readonly SweepPoint[]): readonly SweepPoint[] {
  return points.toSorted(
    (a, b) => a.number(RESCINDED) - b.number(RESCINDED) || a.number(PATIENCE) - b.number(PATIENCE),
  );
}

function patience(point: SweepPoint): string {
  const [s, rescinded] = [point.number(PATIENCE), point.number(RESCINDED)];
  const words = s >= FOR_EVER_S ? 'for ever' : `${s}`;
  return rescinded > 0 ? `${words}; rescinded after ${rescinded}` : words;
}
