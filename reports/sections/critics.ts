/** What later work found to be wrong with offers, on our own system. */
import type { ExperimentResult } from '../../harness/result.ts';
import { gangs } from './critics/gangs.ts';
import { grain } from './critics/grain.ts';
import { idleManners, refusals } from './critics/idleFrameworks.ts';
import { offerOrder } from './critics/offerOrder.ts';
import { slowSchedulers } from './critics/slowSchedulers.ts';
import { taskLengths } from './critics/taskLengths.ts';
import type { Topic } from './topic.ts';

/** The experiment's section: a topic for each criticism. */
export function criticsSection(result: ExperimentResult): readonly Topic[] {
  return [slowSchedulers, refusals, idleManners, taskLengths, grain, gangs, offerOrder].map((topic) =>
    topic(result),
  );
}
