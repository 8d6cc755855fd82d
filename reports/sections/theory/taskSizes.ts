/** Large tasks beside small ones, and what does not fit. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';
import { formula, type Place, rows, sweep } from './sweep.ts';

/** Large tasks that starve, unless nothing smaller is offered. */
export function starvation(result: ExperimentResult): Topic {
  const places = sweep(result, 'minimum offer (CPUs)', { 'large tasks (CPUs)': 4 });
  const of = (minimum: number, value: string) => estimateOf(result, `minimum-offer-${minimum}`, value)?.value;
  const [large, used, before] = [
    of(4, 'CPUs of large-tasks (%)'),
    of(4, 'CPUs in use (%)'),
    of(1, 'CPUs of large-tasks (%)'),
  ];
  return {
    id: 'starvation',
    title: 'Large tasks beside small ones',
    question: 'Does a framework with large tasks starve where others have small ones? (§4.6)',
    figures: [
      valuesFigure({
        id: 'theory-starvation',
        title: 'CPUs by the least that is offered',
        alt: 'CPUs of small and of large tasks against the minimum offer: large ones have none until the minimum is as large as they are.',
        x: { title: 'least that is offered of a node (CPUs)', scale: 'linear' },
        y: { title: 'CPUs of the cluster (%)', domain: [0, 100] },
        rows: [
          ...rows(result, places, 'CPUs of small-tasks (%)', 'tasks of 1 CPU'),
          ...rows(result, places, 'CPUs of large-tasks (%)', 'tasks of 4 CPUs'),
          ...rows(result, places, 'CPUs in use (%)', 'all'),
        ],
      }),
    ],
    finding:
      large === undefined || used === undefined || before === undefined
        ? 'Nothing can be said: no run completed.'
        : `Where anything that is free is offered, the framework with tasks of 4 CPUs gets ${grouped(before)}%, though it is always offered it first: a CPU at a time is no use to it. ` +
          `If nothing below 4 CPUs is offered, it gets ${grouped(large)}%. That costs: CPUs wait for others on their node, and ${grouped(used)}% are in use.`,
    caveat:
      '20 nodes of 4 CPUs, exponential lengths of the same mean, fair sharing. In between it only costs: what is offered is still too little.',
    tables: [],
  };
}

/** What is wasted by tasks that do not fit. */
export function waste(result: ExperimentResult): Topic {
  const one = sweep(result, 'largest task (CPUs)', { 'sizes of tasks': 1 });
  const mixed = sweep(result, 'largest task (CPUs)', { 'sizes of tasks': 3 });
  const value = 'CPUs not in use (%)';
  const wasteOf = ({ id }: Place): number => estimateOf(result, id, value)?.value ?? 0;
  const worst = one
    .map((place) => ({ x: place.x, waste: wasteOf(place) }))
    .sort((a, b) => b.waste - a.waste)[0];
  return {
    id: 'waste',
    title: 'What does not fit',
    question: 'How much is wasted because tasks do not fit into what is left of a node? (§4.6)',
    figures: [
      valuesFigure({
        id: 'theory-waste',
        title: 'CPUs that are not in use',
        alt: 'CPUs that are not in use against the size of the largest task: a saw under a straight line, the bound of the paper; with mixed sizes far below it.',
        x: { title: 'largest task (CPUs, of 10 on a node)', scale: 'linear' },
        y: { title: 'CPUs not in use (%)' },
        mark: 'points',
        rows: [
          ...rows(result, one, value, 'all tasks of that size'),
          ...rows(result, mixed, value, 'and tasks of 60 and 80% of it'),
        ],
        models: [
          {
            label: 'paper: at most its part of a node',
            look: 'paper',
            curve: formula(result, one, 'CPUs not in use, at most (%)'),
          },
        ],
      }),
    ],
    finding:
      worst === undefined
        ? 'Nothing can be said: no run completed.'
        : `Most is wasted by tasks of ${worst.x} CPUs, just above half a node: ${grouped(worst.waste)}%. Nowhere is it more than the paper’s bound; ` +
          `with tasks of three sizes it is ${grouped(Math.max(0, ...mixed.map(wasteOf)))}% at most.`,
    caveat: 'There are always more tasks than fit. Small tasks, as the paper assumes them, waste little.',
    tables: [],
  };
}
