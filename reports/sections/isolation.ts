/** How far a web application slows down beside a hog. */
import type { Estimate, ExperimentResult } from '../../harness/result.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { estimateOf, sampleEstimateOf } from '../results/scenarioValues.ts';
import { enumerate, grouped, interval, ratio } from '../words.ts';
import type { Topic } from './topic.ts';

const SLOWDOWN = 'mean response beside the hog, by that alone (×)';

/** The scenarios, with the paper's slow-down. */
const HOW = [
  { id: 'cgroups', label: 'in control groups', paper: 1.3 },
  { id: 'none', label: 'not isolated', paper: 6.5 },
  { id: 'sessions', label: 'not isolated, the hog one session', paper: null },
] as const;

/** What the section shows. */
export function isolationSection(result: ExperimentResult): readonly Topic[] {
  return [
    {
      id: 'slow-down',
      title: 'Response times beside a hog',
      question: 'How much longer do requests take when a hog spins on the same slave?',
      figures: [
        valuesFigure({
          id: 'isolation-slow-down',
          title: 'Slow-down of the web application',
          alt: 'Mean response time beside the hog as a multiple of that alone, with control groups and without, here and in the paper.',
          x: { title: '', scale: 'names' },
          y: { title: 'mean response beside the hog ÷ alone (×)', scale: 'log' },
          mark: 'points',
          repeated: 'pair',
          rows: HOW.map(({ id, label, paper }) => ({
            group: 'here',
            x: label,
            ours: sampleEstimateOf(result, id, SLOWDOWN),
            paper,
          })),
          reference: { value: 1, label: 'as without the hog' },
        }),
        valuesFigure({
          id: 'isolation-response',
          title: 'Response times',
          alt: 'Mean response times alone and beside the hog, with control groups and without.',
          x: { title: '', scale: 'names' },
          y: { title: 'mean response (ms)', scale: 'log' },
          mark: 'points',
          rows: HOW.flatMap(({ id, label }) =>
            (['alone', 'beside the hog'] as const).map((beside) => ({
              group: beside,
              x: label,
              ours: estimateOf(result, id, `mean response ${beside} (ms)`),
            })),
          ),
        }),
      ],
      finding: finding(result),
      caveat:
        'Windows alone and beside the hog alternate; each slow-down is that of two windows that follow each other, and the median over the ' +
        'pairs is given. Shares of processors bound what a hog takes in the long run; a request may still wait for the rest of a slice of ' +
        'time that the hog has begun.',
      tables: [],
    },
  ];
}

function finding(result: ExperimentResult): string {
  const measured = HOW.flatMap(({ id, label }) => {
    const ours = sampleEstimateOf(result, id, SLOWDOWN);
    return ours === null ? [] : [`${label} ${asLong(ours)}`];
  });
  if (measured.length === 0) return 'Nothing can be said: no run completed.';
  const hogs = HOW.flatMap(({ id, label }) => {
    const ours = estimateOf(result, id, 'the hog’s use of processors (CPUs)');
    return ours === null ? [] : [`${grouped(ours.value, 2)} (${label})`];
  });
  return (
    `Beside the hog, requests took ${enumerate(measured)}. In the paper it was 1.3 times in containers and 6.5 times without. The hog ` +
    `used ${enumerate(hogs)} processors.`
  );
}

function asLong(ours: Estimate): string {
  return `${ratio(ours.value)} as long ${interval(ours, ratio)}`;
}
