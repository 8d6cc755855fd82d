/** The same jobs in virtual time and for real: how far apart shares and job times are. */
import type { Curve, ExperimentResult, RunCell, Series } from '../../harness/result.ts';
import { curvesFigure } from '../figures/curvesFigure.ts';
import { valuesFigure } from '../figures/valuesFigure.ts';
import { estimate, mean, median } from '../results/estimate.ts';
import { count, enumerate, intervalName, percent, points, seconds } from '../words.ts';
import type { Topic } from './topic.ts';

/** Both sides of a seed. */
interface Sides {
  readonly simulated: RunCell;
  readonly real: RunCell;
}

/** A job on both sides, in seconds from its submission to its end. */
interface JobPair {
  readonly framework: string;
  readonly simulatedS: number;
  readonly realS: number;
}

/** Sides agree if the median job is as near as this, as a part of its time, whatever chance does, and all mean shares as near as that. */
const TIME_PART = 0.1;
const SHARE_POINTS = 0.03;

/** What the section shows. */
export function simVersusRealSection(result: ExperimentResult): readonly Topic[] {
  const sides = sidesOf(result);
  return [shares(sides), jobTimes(sides)];
}

function sidesOf({ cells }: ExperimentResult): Sides | null {
  const runs = cells.filter((cell): cell is RunCell => cell.state === 'completed' && cell.kind === 'run');
  for (const real of runs.filter(({ provenance }) => provenance.clock === 'real')) {
    const simulated = runs.find(
      ({ provenance }) => provenance.clock === 'virtual' && provenance.seed === real.provenance.seed,
    );
    if (simulated !== undefined) return { simulated, real };
  }
  return null;
}

function shares(sides: Sides | null): Topic {
  const names = sides?.simulated.frameworks.map(({ name }) => name) ?? [];
  const curveOf = (cell: RunCell | undefined, name: string): Curve | null => {
    const share = cell?.frameworks.find((one) => one.name === name)?.share;
    return share === undefined ? null : curveFrom(share);
  };
  const gaps = names.map((name) => {
    const [simulated, real] = [sides?.simulated, sides?.real].map(
      (cell) => cell?.frameworks.find((one) => one.name === name)?.meanShareWhileBusy ?? Number.NaN,
    ) as [number, number];
    return { name, simulated, real, gap: real - simulated };
  });
  const widest = gaps.toSorted((a, b) => Math.abs(b.gap) - Math.abs(a.gap))[0];
  return {
    id: 'shares',
    title: 'Shares over time',
    question: 'Does each framework hold the same part of the cluster at the same time?',
    figures: names.map((name) =>
      curvesFigure({
        id: `sim-versus-real-share-${name}`,
        title: `Share of the CPUs held by ${name}`,
        alt: `Share of the CPUs that ${name} held over time, simulated and with real processes.`,
        x: { title: 'time (s)' },
        y: { title: 'share', format: '.0%', domain: [0, 1] },
        lines: [
          {
            label: 'real processes',
            curve: curveOf(sides?.real, name),
            look: { framework: name },
            step: true,
          },
          { label: 'simulated', curve: curveOf(sides?.simulated, name), look: 'model', step: true },
        ],
      }),
    ),
    finding:
      widest === undefined
        ? NOTHING
        : `While they had work, ${enumerate(
            gaps.map(
              ({ name, simulated, real }) =>
                `${name} held ${percent(real)} with real processes and ${percent(simulated)} simulated`,
            ),
          )}. The widest gap is ${points(widest.gap)}: the sides ${
            Math.abs(widest.gap) <= SHARE_POINTS ? 'agree' : 'differ'
          } (limit ${points(SHARE_POINTS).replace('+', '')}).`,
    caveat: 'One seed. Shares count CPUs that tasks hold.',
    tables: [],
  };
}

function curveFrom({ stepS, values }: Series): Curve {
  return { x: values.map((_, step) => step * stepS), y: values };
}

function jobTimes(sides: Sides | null): Topic {
  const pairs = sides === null ? [] : pairsOf(sides);
  const names = [...new Set(pairs.map(({ framework }) => framework))];
  const apart = pairs.map(({ simulatedS, realS }) => realS / simulatedS - 1).sort((a, b) => a - b);
  const middle = median(apart);
  const farthest = apart.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
  return {
    id: 'job-times',
    title: 'Job times',
    question: 'Does each job take as long?',
    figures: [
      valuesFigure({
        id: 'sim-versus-real-job-times',
        title: 'Mean job time',
        alt: 'Mean time of the jobs of each framework, simulated and with real processes.',
        x: { title: '', scale: 'names' },
        y: { title: 'mean job time (s)' },
        mark: 'points',
        rows: names.flatMap((name) => {
          const own = pairs.filter(({ framework }) => framework === name);
          return [
            { group: 'simulated', x: name, ours: estimate([mean(own.map(({ simulatedS }) => simulatedS))]) },
            { group: 'real processes', x: name, ours: estimate([mean(own.map(({ realS }) => realS))]) },
          ];
        }),
      }),
      curvesFigure({
        id: 'sim-versus-real-job-gaps',
        title: 'How much longer each job took for real',
        alt: 'Cumulative distribution of the relative difference of job times, real over simulated.',
        x: { title: 'longer for real (%)' },
        y: { title: 'part of the jobs', format: '.0%', domain: [0, 1] },
        lines: [
          {
            label: 'all jobs',
            curve:
              apart.length === 0
                ? null
                : { x: apart.map((part) => 100 * part), y: apart.map((_, n) => (n + 1) / apart.length) },
            look: 'ours',
            step: true,
          },
        ],
      }),
    ],
    finding:
      farthest === undefined
        ? NOTHING
        : `Of ${count(pairs.length, 'job')}, half took at least ${percent(middle)} longer for real; the farthest is ${percent(farthest)} off. ` +
          `The mean job took ${seconds(mean(pairs.map(({ realS }) => realS)))} for real and ${seconds(
            mean(pairs.map(({ simulatedS }) => simulatedS)),
          )} simulated: ${timesVerdict(apart)}`,
    caveat:
      'Each job is compared with itself. Times count from the submission. A short job shows the start of a process more than a long one.',
    tables: [],
  };
}

/** Of one run the median job would be another by chance: it is judged by its interval. */
function timesVerdict(apart: readonly number[]): string {
  const found = estimate(apart);
  const [low, high] = found?.interval ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const verdict =
    -TIME_PART <= low && high <= TIME_PART
      ? 'the sides agree'
      : high < -TIME_PART || low > TIME_PART
        ? 'the sides differ'
        : 'it is not clear whether the sides agree';
  const range = Number.isFinite(low) ? `${percent(low)} to ${percent(high)}` : 'not known of so few jobs';
  return `${verdict} (limit ${percent(TIME_PART)}; the ${intervalName([found])} of the median is ${range}).`;
}

function pairsOf({ simulated, real }: Sides): readonly JobPair[] {
  return real.frameworks.flatMap(({ name, jobs }) => {
    const others = simulated.frameworks.find((one) => one.name === name)?.jobs ?? [];
    return jobs.flatMap((job): readonly JobPair[] => {
      const other = others.find(({ id }) => id === job.id);
      if (other === undefined || other.endedS === null || job.endedS === null) return [];
      const [simulatedS, realS] = [other.endedS - other.submittedS, job.endedS - job.submittedS];
      return [{ framework: name, simulatedS, realS }];
    });
  });
}

const NOTHING = 'Nothing can be said: one of the two sides has not run.';
