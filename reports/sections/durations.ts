/** How long jobs and tasks take (NSDI'11 figure 1). */
import type { ExperimentResult } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { JOB_DURATIONS, TASK_DURATIONS } from '../paper/curves/durations.ts';
import { exactCommands } from '../results/commands.ts';
import { curveOf, estimateOf, scenariosOf } from '../results/scenarioValues.ts';
import { figures, seconds } from '../words.ts';
import type { Topic } from './topic.ts';

const X = { title: 'duration (s)', scale: 'log', domain: [1, 100_000] } as const;
const Y = { title: 'fraction that took no longer', domain: [0, 1] } as const;

/** The section. */
export function durationsSection(result: ExperimentResult): readonly Topic[] {
  return [lengthsTopic(result), jobsTopic(result)];
}

function lengthsTopic(result: ExperimentResult): Topic {
  return {
    id: 'lengths',
    title: 'Drawn lengths and the paper’s',
    question: 'Are the lengths that our generators draw distributed like those of Facebook’s cluster?',
    figures: (
      [
        ['job', 'Jobs', JOB_DURATIONS],
        ['task', 'Tasks, maps and reduces', TASK_DURATIONS],
      ] as const
    ).map(([what, title, paper]) =>
      curvesFigure({
        id: `lengths-${what}s`,
        title,
        alt: `Distribution of the lengths of ${what}s, drawn and in the paper: the curves lie on each other within ${distance(result, what)}.`,
        x: X,
        y: Y,
        lines: [
          { label: 'drawn, first seed', curve: curveOf(result, 'lengths', `${what}s`), look: 'ours' },
          { label: 'paper', curve: paper, look: 'paper' },
        ],
      }),
    ),
    finding: (['job', 'task'] as const)
      .map((what) => {
        const median = estimateOf(result, 'lengths', `median ${what} (s)`);
        const critical = estimateOf(result, 'lengths', `critical KS distance, ${what}s (fraction)`);
        if (median === null || critical === null) return `No ${what}s were drawn.`;
        return (
          `Half of the drawn ${what}s take at most ${seconds(median.value)}. Their curve is at most ${distance(result, what)} away from the paper’s ` +
          `(distance of Kolmogorov and Smirnov; draws from the paper’s curve itself would exceed ${figures(critical.value)} once in a million samples).`
        );
      })
      .join(' '),
    caveat:
      'The quantiles that are drawn from were read off the paper’s figure: this shows that little is lost between them.',
    tables: [],
    again: exactCommands(result, ['lengths']),
  };
}

interface Likeness {
  readonly id: string;
  readonly likeness: number;
}

function jobsTopic(result: ExperimentResult): Topic {
  const all = scenariosOf(result.cells)
    .filter(({ id }) => id.startsWith('likeness-') && estimateOf(result, id, DISTANCE) !== null)
    .map(
      ({ id, cells }): Likeness => ({
        id,
        likeness: Number(cells[0]?.provenance.parameters['likeness of a job’s tasks']),
      }),
    )
    .sort((a, b) => a.likeness - b.likeness);
  const best = bestOf(result, all);
  const drawn = [all[0], best, all.at(-1)].filter(
    (one, index, list) => one !== undefined && list.findIndex((other) => other?.id === one.id) === index,
  ) as readonly Likeness[];
  return {
    id: 'jobs',
    title: 'Job times that come out of task lengths',
    question:
      'If jobs are sets of tasks as long as those of the figure, do they take as long as the jobs of the figure?',
    figures: [
      curvesFigure({
        id: 'job-times-by-likeness',
        title: 'Job times, by how alike the tasks of a job are',
        alt: `Distributions of job times for likenesses of ${drawn.map(({ likeness }) => likeness).join(', ')}, and the paper’s.`,
        x: X,
        y: Y,
        lines: [
          ...drawn.map(({ id, likeness }) => ({
            label: `likeness ${likeness}, first seed`,
            curve: curveOf(result, id, 'jobs'),
            look: 'ours' as const,
          })),
          { label: 'paper', curve: JOB_DURATIONS, look: 'paper' },
        ],
      }),
      valuesFigure({
        id: 'distance-by-likeness',
        title: 'Distance from the paper’s curve',
        alt: `Largest distance from the paper's curve of job times by likeness: ${all.map(({ id, likeness }) => `${likeness}: ${figures(estimateOf(result, id, DISTANCE)?.value ?? Number.NaN)}`).join('; ')}.`,
        x: { title: 'likeness of a job’s tasks (0 to 1)', scale: 'linear' },
        y: { title: 'largest distance (fraction of jobs)' },
        rows: all.map(({ id, likeness }) => ({
          group: 'job times',
          x: likeness,
          ours: estimateOf(result, id, DISTANCE),
        })),
      }),
    ],
    finding: jobsFinding(result, all, best),
    caveat:
      'Job sizes are those of the source of the figure, by class; all tasks count as maps, and slots are plenty, so that hardly anything waits. ' +
      'The likeness is shown over its whole range, not fitted.',
    tables: [],
  };
}

const DISTANCE = 'KS distance, jobs (fraction)';

function bestOf(result: ExperimentResult, all: readonly Likeness[]): Likeness | undefined {
  return all
    .flatMap((one) => {
      const found = estimateOf(result, one.id, DISTANCE);
      return found === null ? [] : [{ one, distance: found.value }];
    })
    .sort((a, b) => a.distance - b.distance)[0]?.one;
}

function jobsFinding(result: ExperimentResult, all: readonly Likeness[], best: Likeness | undefined): string {
  const say = ({ id, likeness }: Likeness): string => {
    const [median, far] = [estimateOf(result, id, 'median job (s)'), estimateOf(result, id, DISTANCE)];
    return `with a likeness of ${likeness} half of the jobs take at most ${seconds(median?.value ?? Number.NaN)}, and the curve is up to ${figures(far?.value ?? Number.NaN)} away`;
  };
  if (best === undefined) return 'No jobs were run.';
  const [unlike, equal] = [0, 1].map((of) => all.find(({ likeness }) => likeness === of));
  return [
    `The paper’s median job takes 84 s. Nearest to its curve are jobs whose tasks are much alike: ${say(best)}.`,
    ...(unlike === undefined
      ? []
      : [
          `If tasks of a job have nothing in common, large jobs wait for their longest task: ${say(unlike)}.`,
        ]),
    ...(equal === undefined ? [] : [`If they are equally long, small jobs are too short: ${say(equal)}.`]),
  ].join(' ');
}

function distance(result: ExperimentResult, what: 'job' | 'task'): string {
  const found = estimateOf(result, 'lengths', `KS distance, ${what}s (fraction)`);
  return found === null ? 'an unknown distance' : figures(found.value);
}
