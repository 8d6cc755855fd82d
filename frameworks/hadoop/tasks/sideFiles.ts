/** Small files that every task of a job gets: Hadoop's distributed cache. */
import type { TaskData } from '../taskData.ts';

/** The side files of a task, by name. */
export function sideFiles(side: TaskData['side']): ReadonlyMap<string, Buffer> {
  return new Map((side ?? []).map(({ name, text }) => [name, Buffer.from(text)]));
}
