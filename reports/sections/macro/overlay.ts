/** The paper's figures 5 and 7 with our curves over them. */
import type { Curve, Estimate, ExperimentResult, RunCell, System } from '../../../harness/result.ts';
import { curvesFigure } from '../../figures/curvesFigure.ts';
import type { Figure } from '../../figures/figure.ts';
import { CPU_USE, FRAMEWORKS, MEMORY_USE } from '../../paper/macro.ts';
import { paperCurve } from '../../paper/macroCurves.ts';
import { clockRuns } from '../../results/clockRuns.ts';
import { curveOf, estimateOf } from '../../results/scenarioValues.ts';
import { interval } from '../../words.ts';
import type { Topic } from '../topic.ts';

/** Frameworks in the order of figure 5. */
export const OVERLAID = ['facebook', 'large', 'spark', 'torque'] as const;

/** Time that is shown: static partitions take longer than the paper's figure shows. */
const SHOWN_S = 1_800;

const WHAT = { [CPU_USE]: 'CPU in use', [MEMORY_USE]: 'Memory in use' } as const;

const PERCENT = { format: '.0%', domain: [0, 1] } as const;

/** Our share curves over figure 5. */
export function sharesTopic(result: ExperimentResult): Topic {
  const shown = shownRun(result, 'mesos');
  return {
    id: 'paper-shares',
    title: 'Figure 5 over ours',
    question: 'Do shares rise and fall as in the paper’s figure 5?',
    figures: OVERLAID.map((name) => shareFigure(result, name, 'mesos')),
    finding:
      shown === null
        ? 'Nothing can be said: no run on Mesos completed.'
        : `Largest shares on Mesos: ${OVERLAID.map((name) => largestOf(result, name)).join('; ')}.`,
    caveat:
      'The paper’s Facebook jobs came in one order, ours come in another with each seed, so that bursts are elsewhere. What can be compared is ' +
      'how high they are, how long they last, and how soon a framework gets slots back.',
    tables: [],
  };
}

/** CPU and memory over figure 7. */
export function useTopic(result: ExperimentResult): Topic {
  const means = ([CPU_USE, MEMORY_USE] as const).flatMap((name) => {
    const [mesos, onStatic] = (['mesos', 'static'] as const).map((system) =>
      estimateOf(result, system, name),
    );
    return mesos == null || onStatic == null ? [] : [{ name, mesos, onStatic }];
  });
  const percents = (value: number): string => `${value.toFixed(1)}%`;
  const within = (one: Estimate): string => [percents(one.value), interval(one, percents)].join(' ').trim();
  return {
    id: 'paper-use',
    title: 'Figure 7 over ours',
    question: 'Are machines better used, as in the paper’s figure 7?',
    figures: (['mesos', 'static'] as const).flatMap((system) => [
      useFigure(result, system, 'cpu', CPU_USE),
      useFigure(result, system, 'mem', MEMORY_USE),
    ]),
    finding:
      means.length === 0
        ? 'Nothing can be said: not both systems completed.'
        : means
            .map(
              ({ name, mesos, onStatic }) =>
                `${WHAT[name]}: ${within(mesos)} on Mesos, ${within(onStatic)} on static partitions.`,
            )
            .join(' '),
    caveat:
      'CPU in use is what tasks hold, times the part of it that the paper’s static partitions used (figure 7 over figure 5), so that the static ' +
      'level is fitted and the level on Mesos is not. Memory is what tasks hold, and what an executor has by default beside them; the ' +
      'paper’s is all that is in use, the operating system’s included.',
    tables: [],
  };
}

/** One framework's share of the cluster, ours over the paper's. */
export function shareFigure(
  result: ExperimentResult,
  name: (typeof OVERLAID)[number],
  system: System,
): Figure {
  const framework = FRAMEWORKS[name];
  const on = system === 'mesos' ? 'on Mesos' : 'on its static partition';
  return curvesFigure({
    id: `paper-share-${name}-${system}`,
    title: `${framework} ${on}`,
    alt: `Share of the cluster’s CPUs that ${framework} held ${on} over time, here and in the paper.`,
    x: { title: 'time (s)', domain: [0, SHOWN_S] },
    y: { title: 'share of the CPUs (%)', ...PERCENT, ...(system === 'static' && { domain: [0, 0.3] }) },
    lines: [
      { label: 'the paper', curve: until(paperCurve(name, system)), look: 'paper' },
      {
        label: 'here',
        curve: until(shareCurve(shownRun(result, system), framework)),
        look: { framework },
      },
    ],
  });
}

/** The run that curves show; null if none of the system completed. */
function shownRun(result: ExperimentResult, system: System): RunCell | null {
  return clockRuns('virtual', result).shown?.[system] ?? null;
}

function useFigure(
  result: ExperimentResult,
  system: System,
  paper: 'cpu' | 'mem',
  measured: keyof typeof WHAT,
): Figure {
  const what = WHAT[measured];
  const on = system === 'mesos' ? 'on Mesos' : 'on static partitions';
  const { x, y } = paperCurve(paper, system);
  return curvesFigure({
    id: `paper-use-${paper}-${system}`,
    title: `${what} ${on}`,
    alt: `${what} of the whole cluster ${on} over the first 1,600 s, here and in the paper.`,
    x: { title: 'time (s)', domain: [0, 1600] },
    y: { title: `${what} (%)`, domain: paper === 'cpu' ? [0, 100] : [0, 50] },
    lines: [
      { label: 'the paper', curve: { x, y: y.map((value) => 100 * value) }, look: 'paper' },
      { label: 'here', curve: curveOf(result, system, measured), look: 'ours' },
    ],
  });
}

function shareCurve(run: RunCell | null, framework: string): Curve | null {
  const share = run?.frameworks.find(({ name }) => name === framework)?.share;
  if (share === undefined) return null;
  return { x: share.values.map((_, n) => n * share.stepS), y: share.values };
}

function until(curve: Curve): Curve;
function until(curve: Curve | null): Curve | null;
function until(curve: Curve | null): Curve | null {
  if (curve === null) return null;
  const kept = curve.x.filter((x) => x <= SHOWN_S).length;
  return { x: curve.x.slice(0, kept), y: curve.y.slice(0, kept) };
}

function largestOf(result: ExperimentResult, name: (typeof OVERLAID)[number]): string {
  const ours = estimateOf(result, 'mesos', `largest share of ${FRAMEWORKS[name]} (%)`);
  const paper = 100 * Math.max(...paperCurve(name, 'mesos').y);
  const here = ours === null ? 'none' : `${ours.value.toFixed(0)}%`;
  return `${FRAMEWORKS[name]} ${here} (${paper.toFixed(0)}% in the paper)`;
}
