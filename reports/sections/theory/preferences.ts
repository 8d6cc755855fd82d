/** Frameworks that prefer some slots: when everybody can have what it prefers, and when not. */
import type { Curve, ExperimentResult } from '../../../harness/result.ts';
import { curvesFigure } from '../../figures/curvesFigure.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { curveOf, estimateOf } from '../../results/scenarioValues.ts';
import { grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

/** How soon everybody is where it wants to be. */
export function converging(result: ExperimentResult): Topic {
  const right = 'slots with those that prefer them (%)';
  const constant = curveOf(result, 'converging-constant', right);
  const model = (y: (t: number) => number): Curve | null =>
    constant === null ? null : { x: constant.x, y: constant.x.map((t) => 100 * y(t)) };
  const converged = estimateOf(result, 'converging-constant', 'converged after (T)');
  const exponential = estimateOf(result, 'converging-exponential', 'converged after (T)');
  return {
    id: 'preferences',
    title: 'Preferences that can all be met',
    question: 'Do frameworks find the slots that they prefer if nobody knows what others prefer? (§4.3)',
    figures: [
      curvesFigure({
        id: 'theory-converging',
        title: 'Slots with frameworks that prefer them',
        alt: 'Part of slots that are with a framework that prefers them: from none to all within T, along a straight line for constant lengths and along a saturating curve for exponential ones.',
        x: { title: 'time since frameworks refuse other slots (T)', domain: [0, 3] },
        y: { title: 'slots with those that prefer them (%)', domain: [0, 100] },
        lines: [
          { label: 'constant lengths', curve: constant, look: 'ours' },
          {
            label: 'exponential lengths',
            curve: curveOf(result, 'converging-exponential', right),
            look: 'ours',
          },
          { label: 'expected, constant', curve: model((t) => Math.min(1, t)), look: 'model' },
          { label: 'expected, exponential', curve: model((t) => 1 - Math.exp(-t)), look: 'model' },
        ],
      }),
    ],
    finding:
      converged === null
        ? 'Nothing can be said: no run completed.'
        : `Four frameworks that all had slots which another one prefers, and refuse others from then on, have all exchanged them after ${grouped(converged.value, 2)} T: ` +
          'each slot moves when its task ends. ' +
          (exponential === null
            ? ''
            : `With exponential lengths half of them have moved after 0.7 T, and the last one moves after ${grouped(exponential.value, 1)} T.`),
    caveat:
      '100 slots. The chart shows the first seed. Nobody tells the master what it prefers: offers are refused.',
    tables: [],
  };
}

const NAMES = ['a', 'b', 'c', 'd'] as const;

/** How slots are divided that more than one prefers. */
export function contended(result: ExperimentResult): Topic {
  const of = (module: string, name: string) =>
    estimateOf(result, `contended-${module}`, `CPUs of ${name} (%)`);
  const d = of('fair', 'd');
  return {
    id: 'contended',
    title: 'Preferences that cannot all be met',
    question: 'Who gets slots that more than one framework prefers? (§4.3)',
    figures: [
      valuesFigure({
        id: 'theory-contended',
        title: 'Slots that all four frameworks prefer',
        alt: 'Shares of four frameworks of the slots that all prefer: by lottery as their weights, 10, 20, 30 and 40 per cent; by fair sharing the one with other slots gets none.',
        x: { title: 'framework', scale: 'names' },
        y: { title: 'share of the preferred slots (%)' },
        rows: NAMES.flatMap((name, index) =>
          (['lottery', 'fair'] as const).map((module) => ({
            group: module === 'lottery' ? 'lottery' : 'fair sharing',
            x: `${name}, weight ${index + 1}`,
            ours: of(module, name),
            ...(module === 'lottery' && of(module, name) !== null && { paper: 10 * (index + 1) }),
          })),
        ),
      }),
    ],
    finding:
      of('lottery', 'd') === null || d === null
        ? 'Nothing can be said: no run completed.'
        : `By lottery the preferred slots are divided by weight (${NAMES.map((name) => `${grouped(of('lottery', name)?.value ?? 0, 1)}%`).join(', ')}), as the paper says, ` +
          `though framework d has all other slots, too. Fair sharing counts those: there d gets ${grouped(d.value, 1)}% of what all prefer.`,
    caveat:
      '40 of 100 slots are preferred by all; d takes the other 60 as well. Which of the two is fairer is a question of taste: lottery gives each its part of ' +
      'what comes free, fair sharing its part of all.',
    tables: [],
  };
}
