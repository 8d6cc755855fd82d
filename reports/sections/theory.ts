/** The paper's model of fine-grained sharing, topic by topic. */
import type { ExperimentResult } from '../../harness/result.ts';
import { longTasks, shortSlots } from './theory/longTasks.ts';
import { contended, converging } from './theory/preferences.ts';
import { table2Topics } from './theory/table2.ts';
import { starvation, waste } from './theory/taskSizes.ts';
import type { Topic } from './topic.ts';

/** What the section shows. */
export function theorySection(result: ExperimentResult): readonly Topic[] {
  return [
    ...table2Topics(result),
    longTasks(result),
    shortSlots(result),
    converging(result),
    contended(result),
    starvation(result),
    waste(result),
  ];
}
