/** States of tasks, as the page groups them. */
import type { TaskStatus } from '../../../v1/entities.ts';

/** A state of the v1 API. */
export type TaskState = TaskStatus['state'];

/** What a state says of a task. */
export type Phase = 'live' | 'ended' | 'unsure';

/** In the order in which they are shown. */
export const TASK_STATES: readonly TaskState[] = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_UNREACHABLE',
  'TASK_UNKNOWN',
  'TASK_FINISHED',
  'TASK_KILLED',
  'TASK_FAILED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
];

/** Live tasks hold resources. Nobody knows of those that are unsure. */
export function phaseOf(state: TaskState): Phase {
  switch (state) {
    case 'TASK_STAGING':
    case 'TASK_STARTING':
    case 'TASK_RUNNING':
    case 'TASK_KILLING':
      return 'live';
    case 'TASK_UNREACHABLE':
    case 'TASK_UNKNOWN':
      return 'unsure';
    case 'TASK_FINISHED':
    case 'TASK_KILLED':
    case 'TASK_FAILED':
    case 'TASK_ERROR':
    case 'TASK_LOST':
    case 'TASK_DROPPED':
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
      return 'ended';
    default:
      return state satisfies never;
  }
}
