/** Histories made by hand, for the tests of this folder. */
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { TaskState } from '../../mesos/protocol/tasks.ts';

/** Writes the lines of one actor; times are given, sequence numbers counted. */
export function writer(by: string): (t: number, event: HistoryEvent) => HistoryLine {
  let seq = 0;
  return (t, event) => ({ t, seq: seq++, by, ...event });
}

export const slaveRegistered = (slaveId: string, resources: Resources): HistoryEvent => ({
  event: 'slave-registered',
  slaveId,
  hostname: `host-of-${slaveId}`,
  resources,
});
export const frameworkRegistered = (frameworkId: string, name: string): HistoryEvent => ({
  event: 'framework-registered',
  frameworkId,
  name,
  role: '*',
});
export const offerSent = (
  offerId: string,
  frameworkId: string,
  slaveId: string,
  resources: Resources,
): HistoryEvent => ({ event: 'offer-sent', offerId, frameworkId, slaveId, resources });
export const offerAccepted = (offerId: string, tasks: number): HistoryEvent => ({
  event: 'offer-accepted',
  offerId,
  tasks,
});
export const offerDeclined = (offerId: string): HistoryEvent => ({
  event: 'offer-declined',
  offerId,
  refuseSeconds: 5,
});
export const offerRescinded = (offerId: string): HistoryEvent => ({
  event: 'offer-rescinded',
  offerId,
  reason: 'test',
});
export const launched = (
  taskId: string,
  frameworkId: string,
  slaveId: string,
  resources: Resources,
): HistoryEvent => ({
  event: 'task-launched',
  taskId,
  frameworkId,
  slaveId,
  executorId: 'executor',
  resources,
});
export const updated = (
  taskId: string,
  frameworkId: string,
  slaveId: string,
  state: TaskState,
): HistoryEvent => ({ event: 'task-updated', taskId, frameworkId, slaveId, state });
export const jobSubmitted = (framework: string, jobId: string, intendedMs: number): HistoryEvent => ({
  event: 'job-submitted',
  framework,
  jobId,
  kind: `kind of ${jobId}`,
  tasks: 2,
  intendedMs,
});
export const jobStarted = (framework: string, jobId: string): HistoryEvent => ({
  event: 'job-started',
  framework,
  jobId,
});
export const jobFinished = (framework: string, jobId: string): HistoryEvent => ({
  event: 'job-finished',
  framework,
  jobId,
  outcome: 'finished',
});
export const blockRead = (framework: string, taskId: string, locality: 'local' | 'remote'): HistoryEvent => ({
  event: 'block-read',
  framework,
  jobId: 'job',
  taskId,
  locality,
  bytes: 64,
});
