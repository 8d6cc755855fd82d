/** Idle frameworks: they have the least, so they are asked first. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { heatFigure } from '../../figures/heatFigure.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { ends, type SweepPoint, sweep } from '../../results/sweep.ts';
import { enumerate, grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

const IDLE = 'idle frameworks';
const REFUSED = 'refused for (s)';
const MANNER = 'what they do';
const SHARE = 'hungry share (%)';
/** A framework that could use all and gets less than this part of it, in percent, starves. */
const STARVED = 25;

/** How long refusals last × how many frameworks refuse. */
export function refusals(result: ExperimentResult): Topic {
  const points = sweep(result, /^refuse-/);
  const share = (point: SweepPoint): number => estimateOf(result, point.id, SHARE)?.value ?? Number.NaN;
  const starved = points.filter((point) => share(point) < STARVED);
  const usual = ends(
    starved.filter((point) => point.number(REFUSED) === 5),
    IDLE,
  );
  return {
    id: 'refusals',
    title: 'Refusals that run out before the end of the line',
    question:
      'Frameworks that need nothing stand first in line, for they have the least, and refuse. Does the offer ever come to the one that needs it?',
    figures: [
      heatFigure({
        id: 'refusals',
        title: 'What the hungry framework gets of the cluster',
        alt: 'Share of the cluster that the one hungry framework holds, by number of idle frameworks and by how long their refusals last.',
        x: { title: 'idle frameworks' },
        y: { title: 'a refusal lasts for (s)' },
        value: { title: 'share of the hungry framework (%)', domain: [0, 100], format: '.0f' },
        cells: points.map((point) => ({
          x: point.text(IDLE),
          y: point.text(REFUSED),
          ours: estimateOf(result, point.id, SHARE),
          ...(share(point) < STARVED && { word: 'starved' }),
        })),
      }),
    ],
    finding:
      points.length === 0
        ? 'Nothing was measured.'
        : `It could use the whole cluster, and gets less than ${STARVED}% of it in ${starved.length} of ${points.length} cases: about where ` +
          'there are more idle frameworks than a refusal has seconds, for the line moves by one framework a second.' +
          (usual === undefined
            ? ''
            : ` With the usual 5 s, ${usual.first.number(IDLE)} idle frameworks are enough: ${grouped(share(usual.first), 1)}%.`),
    caveat:
      'The master gathers what is free for a second, as Apache Mesos does by default. Tasks of 10 s on 20 slaves of 4 slots. The idle ' +
      'frameworks answer at once, and do not say that they need no offers.',
    tables: [],
  };
}

/** What idle frameworks may do about it. */
export function idleManners(result: ExperimentResult): Topic {
  const points = sweep(result, /^idle-/);
  return {
    id: 'idle-manners',
    title: 'Fair sharing is blind to demand',
    question: 'What do idle frameworks owe the others: to answer quickly, or to say that they need nothing?',
    figures: [
      valuesFigure({
        id: 'idle-manners',
        title: 'What the hungry framework gets of the cluster',
        alt: 'Share of the hungry framework against the number of idle frameworks, by what these do about offers.',
        x: { title: 'idle frameworks', scale: 'log' },
        y: { title: 'share of the hungry framework (%)', domain: [0, 105] },
        rows: points.map((point) => ({
          group: `they ${point.text(MANNER)}`,
          x: point.number(IDLE),
          ours: estimateOf(result, point.id, SHARE),
        })),
      }),
    ],
    finding:
      points.length === 0
        ? 'Nothing was measured.'
        : `${mostIdle(result, points)}Once a refusal (5 s) is over before all have answered, what is free goes round among those that do not want it.`,
    caveat:
      'The master offers what is free at once. Those that take their time wait for a slave that is larger than there is one, and look at each ' +
      'offer. Tromino (arXiv 1905.08387) reports the effect, without numbers to compare with.',
    tables: [],
  };
}

const MANNERS = {
  suppress: 'if they say that they need nothing',
  'at-once': 'if they decline at once',
  '0.1s': 'if that takes them 0.1 s',
  '1s': 'if it takes 1 s',
} as const;

/** What the hungry one holds beside as many idle ones as were run, by their manners; empty if nothing was measured of them. */
function mostIdle(result: ExperimentResult, points: readonly SweepPoint[]): string {
  const most = ends(points, IDLE)?.last.number(IDLE);
  const said = Object.entries(MANNERS).flatMap(([manner, words]) => {
    const point = points.find(({ id, number }) => id.startsWith(`idle-${manner}-`) && number(IDLE) === most);
    const share = point && estimateOf(result, point.id, SHARE);
    return share == null ? [] : [`${grouped(share.value, 1)}% of the cluster ${words}`];
  });
  return said.length === 0 ? '' : `Beside ${most} idle frameworks the hungry one holds ${enumerate(said)}. `;
}
