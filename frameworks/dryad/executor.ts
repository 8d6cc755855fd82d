/**
 * The executor of a Dryad instance: a TaskTracker, which runs vertices instead of maps and reduces. Channels are files that the
 * node's file server serves, and outlive it.
 */
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import { createTaskTracker, type TaskTrackerEnvironment } from '../hadoop/taskTracker.ts';
import { VertexDataSchema, type VertexFailure } from './vertexData.ts';

/** Makes the executor; `environment` absent: that of this process. */
export function createDryadExecutor(environment?: TaskTrackerEnvironment): ExecutorFactory {
  return createTaskTracker(environment, {
    data: VertexDataSchema,
    script: new URL('./vertexWorker.ts', import.meta.url),
    failure: (unfetchable): VertexFailure => ({ unfetchable }),
  });
}
