/** Short tasks: what of the cluster's time is work. */
import type { ExperimentResult } from '../../../harness/result.ts';
import { valuesFigure } from '../../figures/valuesFigure.ts';
import { estimateOf } from '../../results/scenarioValues.ts';
import { sweep } from '../../results/sweep.ts';
import { grouped } from '../../words.ts';
import type { Topic } from '../topic.ts';

const TASK = 'task (s)';
const USEFUL = 'useful (%)';

/** Length of tasks × what it takes to start one. */
export function taskLengths(result: ExperimentResult): Topic {
  const points = sweep(result, /^task-/);
  return {
    id: 'task-lengths',
    title: 'How short may tasks be?',
    question:
      'What part of the cluster’s time is work, if each task takes time to start and each free slot time to be offered?',
    figures: [
      valuesFigure({
        id: 'task-lengths',
        title: 'Short tasks stand what is quick, and nothing else',
        alt: 'Useful part of the time of all slots against the length of tasks, by the time that it takes to start one.',
        x: { title: 'work of a task (s)', scale: 'log' },
        y: { title: 'useful part of the slots’ time (%)', domain: [0, 105] },
        rows: points.map((point) => ({
          group:
            point.number('gathered (s)') > 0
              ? `free slots are gathered for ${point.text('gathered (s)')} s`
              : `${point.text('start (s)')} s to start a task`,
          x: point.number(TASK),
          ours: estimateOf(result, point.id, USEFUL),
        })),
      }),
    ],
    finding: finding(result),
    caveat:
      'Messages take 0.25 to 0.5 ms, and the master no time to compute: what a real cluster adds has to be put in as time to start. A study of ' +
      'four schedulers on 1,408 cores (arXiv 1705.03102) found less than 10% with tasks of a few seconds; it comes about if starting one takes ' +
      'many times as long as the task. One framework, 40 slots, constant lengths.',
    tables: [],
  };
}

/** Of what was run. */
function finding(result: ExperimentResult): string {
  const useful = (id: string): string | undefined => {
    const found = estimateOf(result, id, USEFUL);
    return found === null ? undefined : `${grouped(found.value, 1)}%`;
  };
  const [alone, second, minute, gathered] = [
    'task-1s-start-0s-gather-0s',
    'task-1s-start-3s-gather-0s',
    'task-60s-start-3s-gather-0s',
    'task-1s-start-0s-gather-1s',
  ].map(useful);
  const said = [
    alone && `Offers and messages alone leave ${alone} of the time to work, even with tasks of 1 s.`,
    second &&
      minute &&
      `If a task takes 3 s to start, ${second} are left with tasks of 1 s, and ${minute} with tasks of a minute.`,
    gathered &&
      `A master that gathers free slots for a second costs as much as a second to start each task: ${gathered} of the time are work.`,
  ].filter((sentence) => sentence !== undefined);
  return said.length === 0 ? 'Nothing was measured.' : said.join(' ');
}
