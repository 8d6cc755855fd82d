/** What the data say, one sentence or two per section, computed and never written by hand. */
import type { RunCell, System } from '../../harness/result.ts';
import { localMaps } from '../figures/locality.ts';
import { kindLabel } from '../figures/speedUps.ts';
import { paperGain } from '../paper/paperNumbers.ts';
import { type ClockRuns, fullPairs, type Pair, whyNoPair } from '../results/clockRuns.ts';
import { estimate } from '../results/estimate.ts';
import { jobsOf, type KindOfJob, kindsOfJobs, medianJobTime, sums } from '../results/jobTimes.ts';
import { count, enumerate, grouped, interval, percent, points, ratio, seconds } from '../words.ts';

/** Above this share the cluster counts as full. */
const FULL = 0.9;

/** Ratios nearer to 1 than this count as equal. */
const NO_DIFFERENCE = 0.01;

/** No median of fewer jobs: ten must lie on each side of it. */
const MIN_JOBS = 20;

/** Who held more of the cluster while it had work, and who gained least. */
export function sharesFinding(runs: ClockRuns): string {
  const gains = runs.frameworks
    .flatMap((name) => {
      const mesos = busyShare(runs, 'mesos', name);
      const onStatic = busyShare(runs, 'static', name);
      return mesos === null || onStatic === null ? [] : [{ name, mesos, onStatic, gain: mesos - onStatic }];
    })
    .sort((a, b) => b.gain - a.gain);
  const most = gains[0];
  if (most === undefined) return nothing(runs);
  const peak = peakShare(runs.shown, most.name);
  const least = gains[gains.length - 1];
  const first =
    `While it had unfinished jobs, ${most.name} held ${percent(most.mesos)} of the CPUs on Mesos ` +
    `and ${percent(most.onStatic)} on its partition${peak === null ? '' : `; at its peak on Mesos ${percent(peak)}`}.`;
  if (least === undefined || least === most) return first;
  const change = least.gain < -0.0005 ? 'held less there' : 'gained least';
  return `${first} ${least.name} ${change}: ${percent(least.mesos)} and ${percent(least.onStatic)}.`;
}

/** How long the cluster was full on either system, and when the last job ended. */
export function stackedFinding(runs: ClockRuns): string {
  const { mesos = null, static: onStatic = null } = runs.shown ?? {};
  const parts = [
    ...(mesos === null ? [] : [`on Mesos for ${percent(fullFraction(mesos))} of the run`]),
    ...(onStatic === null ? [] : [`on static partitions for ${percent(fullFraction(onStatic))}`]),
  ];
  if (parts.length === 0) return nothing(runs);
  const ends = [
    ...(mesos === null ? [] : [`${seconds(mesos.makespanS)} on Mesos`]),
    ...(onStatic === null ? [] : [`${seconds(onStatic.makespanS)} on static partitions`]),
  ];
  return `Tasks held at least ${percent(FULL).replace('.0', '')} of all CPUs ${enumerate(parts)}. The last job ended after ${enumerate(ends)}.`;
}

/** Means of CPU and memory, the difference, and the paper's difference. */
export function utilisationFinding(runs: ClockRuns): string {
  const sentences = (['cpus', 'mem'] as const).flatMap((resource) => {
    const field = resource === 'cpus' ? 'meanCpus' : 'meanMem';
    const mesos = overSeeds(runs, 'mesos', (cell) => cell.utilisation[field]);
    const onStatic = overSeeds(runs, 'static', (cell) => cell.utilisation[field]);
    if (mesos === null || onStatic === null) return [];
    const paper = paperGain(runs.claims, resource);
    const name = resource === 'cpus' ? 'CPU' : 'memory';
    return [
      `Mean ${name} utilisation was ${percent(mesos)} on Mesos and ${percent(onStatic)} on static partitions: ` +
        `${points(mesos - onStatic)}${paper === null ? '' : ` (paper, over its first 1,600 s: ${points(paper / 100)})`}.`,
    ];
  });
  return sentences.length === 0 ? nothing(runs) : sentences.join(' ');
}

/** Who gained most and least by sums of job times, and which kinds of jobs became slower. */
export function speedUpFinding(runs: ClockRuns): string {
  const pairs = fullPairs(runs);
  const byGain = runs.frameworks
    .flatMap((name) => sums(pairs, name) ?? [])
    .sort((a, b) => b.speedUp.value - a.speedUp.value);
  const [most, least] = [byGain[0], byGain[byGain.length - 1]];
  if (most === undefined || least === undefined) return nothing(runs);
  const bracket = interval(most.speedUp, ratio);
  const sum =
    `Summed up, the jobs of ${most.framework} took ${ratio(most.speedUp.value)} as long on static partitions as on Mesos` +
    `${bracket === '' ? '' : ` ${bracket}`}` +
    `${least === most ? '.' : `, ${most.speedUp.value > 1 ? 'the largest gain' : 'the smallest loss'}; those of ${least.framework} took ${ratio(least.speedUp.value)}, ${least.speedUp.value < 1 ? 'the largest loss' : 'the smallest gain'}.`}`;
  return `${sum} ${kindsSentence(runs.frameworks.flatMap((name) => kindsOfJobs(pairs, name)))}`;
}

/** Kinds of jobs by which system they are faster on; differences within 1% count as none. */
function kindsSentence(kinds: readonly KindOfJob[]): string {
  const named = (some: readonly KindOfJob[]) =>
    some.map((kind) => `${kindLabel(kind)} (${ratio(kind.speedUp.value)})`);
  const faster = kinds.filter((kind) => kind.speedUp.value > 1 + NO_DIFFERENCE);
  const slower = kinds.filter((kind) => kind.speedUp.value < 1 - NO_DIFFERENCE);
  const same = kinds.length - faster.length - slower.length;
  const parts = [
    ...(faster.length > 0
      ? [`${grouped(faster.length)} ${faster.length === 1 ? 'is' : 'are'} faster on Mesos`]
      : []),
    ...(same > 0 ? [`${grouped(same)} the same within 1%`] : []),
    ...(slower.length > 0 ? [`${grouped(slower.length)} slower: ${enumerate(named(slower))}`] : []),
  ];
  return `Of ${count(kinds.length, 'kind')} of jobs, ${enumerate(parts)}.`;
}

/** Median job times where there are jobs enough for a median. */
export function jobTimesFinding(runs: ClockRuns): string {
  const { mesos = null, static: onStatic = null } = runs.shown ?? {};
  const sentences = runs.frameworks.flatMap((name) => {
    const [here, there] = [medianOrNull(mesos, name), medianOrNull(onStatic, name)];
    const jobs = Math.min(here?.jobs ?? Infinity, there?.jobs ?? Infinity);
    if (!Number.isFinite(jobs) || jobs < MIN_JOBS) return [];
    const parts = [
      ...(here === null ? [] : [`${seconds(here.valueS)} on Mesos`]),
      ...(there === null ? [] : [`${seconds(there.valueS)} on its static partition`]),
    ];
    return [`Half of the ${count(jobs, 'job')} of ${name} had ended after ${enumerate(parts)}.`];
  });
  const few = runs.frameworks.filter((name) => {
    const jobs = [mesos, onStatic].map((cell) => (cell === null ? 0 : jobsOf(cell, name).length));
    return Math.max(...jobs) > 0 && Math.max(...jobs) < MIN_JOBS;
  });
  const rest =
    few.length === 0
      ? []
      : [
          `${enumerate(few)} ${few.length === 1 ? 'has' : 'have'} too few jobs for a median; look at the steps.`,
        ];
  const all = [...sentences, ...rest];
  return all.length === 0 ? nothing(runs) : all.join(' ');
}

/** Local maps on both systems. */
export function localityFinding(runs: ClockRuns): string {
  const maps = localMaps(runs);
  const sentences = [...new Set(maps.map((one) => one.framework))].map((name) => {
    const parts = maps
      .filter((one) => one.framework === name)
      .map(
        (one) =>
          `${percent(one.fraction)} ${one.system === 'mesos' ? 'on Mesos' : 'on its static partition'}`,
      );
    return `Of the maps of ${name}, ${enumerate(parts)} read their block from their own slave.`;
  });
  return sentences.length === 0 ? nothing(runs) : sentences.join(' ');
}

/** How many offers were of use, and whether tasks were lost. */
export function endingsFinding(runs: ClockRuns): string {
  const { mesos = null, static: onStatic = null } = runs.shown ?? {};
  const offers = mesos?.offers ?? null;
  const sentences = [
    ...(offers === null || offers.sent === 0
      ? []
      : [
          `Of ${count(offers.sent, 'offer')}, ${percent(offers.accepted / offers.sent)} were accepted and ` +
            `${percent(offers.declined / offers.sent)} declined.`,
        ]),
    ...(mesos === null ? [] : [tasksSentence(mesos, 'on Mesos')]),
    ...(onStatic === null ? [] : [tasksSentence(onStatic, 'on static partitions')]),
  ];
  return sentences.length === 0 ? nothing(runs) : sentences.join(' ');
}

/** How many slaves ran tasks of several frameworks. */
export function timelineFinding(runs: ClockRuns): string {
  const sentences = (['mesos', 'static'] as const).flatMap((system) => {
    const timeline = runs.shown?.[system]?.timeline ?? null;
    if (timeline === null || timeline.slave.length === 0) return [];
    const seen = Map.groupBy(timeline.slave, (slave, index) => `${slave} ${timeline.framework[index]}`);
    const perSlave = Map.groupBy(seen.keys(), (key) => key.split(' ')[0] ?? '');
    const shared = [...perSlave.values()].filter((frameworks) => frameworks.length > 1).length;
    const { slots, slavesLeftOut } = timeline;
    const all = `${slavesLeftOut === 0 ? '' : 'the '}${count(slots.length, 'slave')}${slavesLeftOut === 0 ? '' : ' shown'}`;
    const where = system === 'mesos' ? 'On Mesos' : 'On static partitions';
    return [`${where}, ${grouped(shared)} of ${all} ran tasks of more than one framework.`];
  });
  return sentences.length === 0 ? nothing(runs) : sentences.join(' ');
}

function tasksSentence({ tasks }: RunCell, where: string): string {
  const rest = (['failed', 'killed', 'lost'] as const).filter((end) => tasks[end] > 0);
  if (rest.length === 0) return `All ${count(tasks.finished, 'task')} ${where} finished.`;
  return `${count(tasks.finished, 'task')} ${where} finished, ${enumerate(rest.map((end) => `${grouped(tasks[end])} ${end}`))}.`.replace(
    /(\d) (killed|lost)/g,
    '$1 were $2',
  );
}

function nothing(runs: ClockRuns): string {
  return `Nothing can be said. ${whyNoPair(runs) ?? 'The runs recorded nothing of this.'}`;
}

function busyShare(runs: ClockRuns, system: System, name: string): number | null {
  return overSeeds(
    runs,
    system,
    (cell) => cell.frameworks.find((one) => one.name === name)?.meanShareWhileBusy ?? null,
  );
}

function overSeeds(runs: ClockRuns, system: System, pick: (cell: RunCell) => number | null): number | null {
  const values = runs.pairs.flatMap((pair) => {
    const cell = pair[system];
    return (cell === null ? null : pick(cell)) ?? [];
  });
  return estimate(values)?.value ?? null;
}

function peakShare(pair: Pair | null, name: string): number | null {
  const values = pair?.mesos?.frameworks.find((one) => one.name === name)?.share.values ?? [];
  return values.length === 0 ? null : values.reduce((peak, value) => Math.max(peak, value), 0);
}

function fullFraction(cell: RunCell): number {
  const { values } = cell.utilisation.cpus;
  return values.length === 0 ? 0 : values.filter((value) => value >= FULL).length / values.length;
}

function medianOrNull(cell: RunCell | null, framework: string) {
  return cell === null ? null : medianJobTime(cell, framework);
}
