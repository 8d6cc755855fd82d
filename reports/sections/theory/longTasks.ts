/** Long tasks beside short ones: nodes that are full of long tasks, and slots that are kept for short ones. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { grouped, seconds } from '../../words.ts';
import type { Topic } from '../topic.ts';
import { formula, rows, sweep } from './sweep.ts';

/** Parts of long tasks, in %. */
const PARTS = [90, 70, 50, 30] as const;

/** How rarely a node is full of long tasks. */
export function longTasks(result: ExperimentResult): Topic {
  const places = (part: number) => sweep(result, 'slots of a node', { 'long tasks (%)': part });
  const full = 'slaves full of long tasks (%)';
  const eight = estimateOf(result, 'long-tasks-0.5-of-8-slots', full);
  return {
    id: 'long-tasks',
    title: 'Nodes full of long tasks',
    question: 'How likely is it that a node has long tasks only, so that it gives no slot for long? (§4.4)',
    figures: [
      valuesFigure({
        id: 'theory-long-tasks',
        title: 'Nodes full of long tasks',
        alt: 'Part of nodes that are full of long tasks, on a logarithmic axis, against slots of a node: straight lines that fall the steeper the fewer tasks are long.',
        x: { title: 'slots of a node', scale: 'linear' },
        y: { title: 'nodes full of long tasks (%)', scale: 'log' },
        mark: 'points',
        rows: PARTS.flatMap((part) => rows(result, places(part), full, `${part}% of tasks long`)),
        models: PARTS.map((part, index) => ({
          label: index === 0 ? `paper, ${part}% to the power of slots` : `paper, ${part}%`,
          look: 'paper' as const,
          curve: formula(result, places(part), 'slaves full of long tasks by the paper (%)'),
        })),
      }),
    ],
    finding:
      eight === null
        ? 'Nothing can be said: the runs did not complete.'
        : `With 8 slots on a node and half of all tasks long, ${grouped(eight.value, 2)}% of nodes are full of long tasks; exactly it should be 0.39%, ` +
          'which the paper rounds to 0.4%. Many slots on a node keep it open for newcomers.',
    caveat:
      'Placement is random by lottery among two frameworks, one with long tasks and one with tasks half as long, in a full ' +
      'cluster. Where full nodes are rarer than one in a thousand nothing was run.',
    tables: [],
  };
}

/** Waiting of short jobs with and without slots that are kept for them. */
export function shortSlots(result: ExperimentResult): Topic {
  const cases = [
    ['short-slots-none', 'none kept'],
    ['short-slots-kept', 'one of four kept'],
    ['short-slots-kept-and-abused', 'kept, and abused'],
  ] as const;
  const figure = (id: string, title: string, value: string, axis: string) =>
    valuesFigure({
      id,
      title,
      alt: `${title}, without slots for short tasks, with them, and where a framework with long tasks takes them too.`,
      x: { title: '', scale: 'names' },
      y: { title: axis },
      rows: cases.map(([scenario, x]) => ({ group: 'here', x, ours: estimateOf(result, scenario, value) })),
    });
  const wait = (id: string) => estimateOf(result, id, 'wait of short, mean (s)');
  const [none, kept, abused] = cases.map(([id]) => wait(id));
  const up = estimateOf(result, 'short-slots-kept-and-abused', 'tasks of abuser whose time was up (count)');
  return {
    id: 'short-slots',
    title: 'Slots for short tasks',
    question: 'What is it worth to keep some slots of each node for short tasks? (§4.4)',
    figures: [
      figure(
        'theory-short-wait',
        'Wait of a short job for its first slot',
        'wait of short, mean (s)',
        'mean wait (s)',
      ),
      figure('theory-short-jobs', 'Time of a short job', 'job of short, mean (s)', 'mean job time (s)'),
      figure('theory-short-use', 'CPUs in use', 'CPUs in use (%)', 'CPUs in use (%)'),
    ],
    finding:
      none == null || kept == null || abused == null
        ? 'Nothing can be said: the runs did not complete.'
        : `A short job waits ${seconds(none.value)} for its first slot in a cluster full of tasks of 20 minutes, and ${kept.value < 0.01 ? 'next to no time' : seconds(kept.value)} if a slot in four is kept for ` +
          `tasks of a minute at most. If a framework with long tasks takes these, too, it loses ${grouped(up?.value ?? 0)} tasks to the limit, and short ` +
          `jobs wait ${seconds(abused.value)}. The price is in the last chart: kept slots are mostly idle.`,
    caveat:
      'Ten nodes of four slots; jobs of four tasks of 10 s on average come once a minute on average. Tasks on kept slots are ended after a minute, some short ones too.',
    tables: [],
  };
}
