/** What is shown of an experiment that has no section of its own: runs of Mesos and static partitions, clock by clock. */
import type { ExperimentResult } from '../../harness/result.ts';
import { clockRuns } from '../results/clockRuns.ts';
import { CLOCKS, clockName } from '../words.ts';
import { runsTopics } from './runs.ts';
import type { Topic } from './topic.ts';

/** The general section. Values and curves of other scenarios stand in the tables that every experiment has. */
export function general(result: ExperimentResult): readonly Topic[] {
  const runs = CLOCKS.map((clock) => clockRuns(clock, result)).filter(({ cells }) => cells.length > 0);
  return runs.flatMap((one) => {
    const topics = runsTopics(one);
    return runs.length === 1
      ? topics
      : topics.map((topic) => ({ ...topic, title: `${topic.title}, ${clockName(one.clock)}` }));
  });
}
