/**
 * The tasks that ended last on a slave or in an executor, so that a launch that comes twice does not start them again. There may be tens of
 * thousands of slaves in a process: of each task eight bytes are kept, not its ids.
 */
import type { FrameworkId, TaskId } from './entities.ts';

/** As many are remembered. What comes twice comes soon after, and before its end was acknowledged, for all goes through one master. */
const REMEMBERED_MAX = 8;

/** The tasks, oldest first, each by a number that stands for its ids. */
export type EndedTasks = readonly number[];

/** No task has ended. */
export const NONE_ENDED: EndedTasks = [];

/** The tasks that are remembered when one more has ended. */
export function withEnded(ended: EndedTasks, frameworkId: FrameworkId, taskId: TaskId): EndedTasks {
  const print = printOf(frameworkId, taskId);
  if (ended.includes(print)) return ended;
  return (ended.length < REMEMBERED_MAX ? ended : ended.slice(1)).concat([print]);
}

/** Has the task ended, as far as is remembered? */
export function hasEnded(ended: EndedTasks, frameworkId: FrameworkId, taskId: TaskId): boolean {
  return ended.length > 0 && ended.includes(printOf(frameworkId, taskId));
}

/** The fingerprint of a task: 53 bits, which two tasks have in common once in 10¹⁵ times. */
function printOf(frameworkId: FrameworkId, taskId: TaskId): number {
  const { length } = frameworkId;
  // Where the one id ends and the other begins is part of it.
  let high = 0x2c1b3c6d ^ length;
  let low = 0x297a2d39;
  for (let at = 0; at < length + taskId.length; at++) {
    const code = at < length ? frameworkId.charCodeAt(at) : taskId.charCodeAt(at - length);
    high = Math.imul(high ^ code, 0x85ebca6b);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high ^= high >>> 15;
    low ^= low >>> 13;
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
