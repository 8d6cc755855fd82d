/** Coarse and fine grain: what Spark keeps while it does nothing. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { ends, sweep } from '../../results/sweep.ts';
import { duration } from '../../words.ts';
import type { Topic } from '../topic.ts';

const PAUSE = 'pause (s)';
const GRAIN = 'grain';

/** Grain × pauses between the steps of the Spark job. */
export function grain(result: ExperimentResult): Topic {
  const points = sweep(result, /^(fine|coarse)-/);
  const figure = (id: string, title: string, framework: string) =>
    valuesFigure({
      id: `grain-${id}`,
      title,
      alt: `${title}: by the pause between steps of the Spark job, fine-grained and coarse-grained.`,
      x: { title: 'pause between steps (s)', scale: 'names' },
      y: { title: 'mean job time (s)', format: ',.0f' },
      rows: points.map((point) => ({
        group: `${point.text(GRAIN)}-grained Spark`,
        x: point.text(PAUSE),
        ours: estimateOf(result, point.id, `${framework} job time (s)`),
      })),
    });
  return {
    id: 'grain',
    title: 'Coarse grain beside short jobs',
    question:
      'Spark may run each of its tasks as a Mesos task, or keep one long Mesos task on each slave. What does it gain, and what do short jobs beside it lose?',
    figures: [
      figure('short', 'Short jobs beside Spark', 'short-jobs'),
      figure('spark', 'The Spark job itself', 'spark'),
    ],
    finding: finding(result),
    caveat:
      'Coarse-grained Spark has no limit here, as by default: it takes what it is offered, and keeps it until it ends. How much that is depends on ' +
      'what short jobs happen to hold when it comes: hence the wide intervals. Its job has 12 steps of ' +
      '160 tasks of 3 s, on 80 slots; a short job has 20 tasks of 5 s, and one comes each 6 s. In virtual time a Mesos task costs no more to ' +
      'start than one of Spark’s own, so that what made Spark’s developers give fine grain up, the cost of each task, does not show.',
    tables: [],
  };
}

function finding(result: ExperimentResult): string {
  const isMeasured = (scenario: string): boolean =>
    ['short-jobs', 'spark'].every((name) => estimateOf(result, scenario, `${name} job time (s)`) !== null);
  const points = sweep(result, /^fine-/).filter(({ id }) =>
    [id, id.replace('fine', 'coarse')].every(isMeasured),
  );
  const two = ends(points, PAUSE);
  if (two === undefined) return 'Nothing was measured.';
  const of = (mode: string, pause: string, framework: string): string => {
    const ours = estimateOf(result, `${mode}-pause-${pause}s`, `${framework} job time (s)`);
    return duration(ours?.value ?? Number.NaN);
  };
  const said = points.map((point) => {
    const pause = point.text(PAUSE);
    return (
      `With pauses of ${pause} s short jobs take ${of('fine', pause, 'short-jobs')} beside fine-grained Spark and ` +
      `${of('coarse', pause, 'short-jobs')} beside coarse-grained; Spark’s own job takes ${of('fine', pause, 'spark')} and ` +
      `${of('coarse', pause, 'spark')}.`
    );
  });
  return `${said.join(' ')} Who keeps what it has is faster, at the cost of those who give back.`;
}
