/** What is shown of the macrobenchmark beside its runs: the paper's curves over ours, the calibration, and what may be otherwise. */
import type { ExperimentResult } from '../../harness/result.ts';
import { comparedRuns } from './general.ts';
import { calibrationTopic } from './macro/calibration.ts';
import { otherwiseTopic } from './macro/otherwise.ts';
import { sharesTopic, useTopic } from './macro/overlay.ts';
import type { Topic } from './topic.ts';

/** What the section shows. */
export function macroSection(result: ExperimentResult): readonly Topic[] {
  return [
    calibrationTopic(result),
    sharesTopic(result),
    useTopic(result),
    otherwiseTopic(result),
    ...comparedRuns(result),
  ];
}
