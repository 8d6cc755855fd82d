/** What is shown of an experiment that has no section of its own: runs of Mesos and static partitions, clock by clock; values; curves. */
import type { ExperimentResult } from '../../harness/result.ts';
import { clockRuns } from '../results/clockRuns.ts';
import { CLOCKS, clockName } from '../words.ts';
import { runsTopics } from './runs.ts';
import type { Topic } from './topic.ts';
import { valuesTopics } from './values.ts';

/** The general section. */
export function general(result: ExperimentResult): readonly Topic[] {
  return [...comparedRuns(result), ...valuesTopics(result)];
}

/** What it shows of runs of Mesos and static partitions. */
export function comparedRuns(result: ExperimentResult): readonly Topic[] {
  const runs = CLOCKS.map((clock) => clockRuns(clock, result)).filter(({ cells }) => cells.length > 0);
  return runs.flatMap((one) =>
    runsTopics(one, result).map((topic) =>
      runs.length === 1 ? topic : { ...topic, title: `${topic.title}, ${clockName(one.clock)}` },
    ),
  );
}
