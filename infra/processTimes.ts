/** Processor time of other processes of this machine, as Linux counts it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';

/** The kernel counts in ticks of a hundredth of a second, whatever its own. */
const TICKS_PER_SECOND = 100;
const LOOK_MS = 10;

/** Processor time of a process, and of the children that have ended and that it has waited for, and so on. */
export interface ProcessTimes {
  readonly ownSeconds: number;
  readonly childrenSeconds: number;
}

/** Of a process that is there. */
export async function processTimes(pid: number): Promise<ProcessTimes> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything, the fields are counted from the third on: the state.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  return {
    ownSeconds: (user + system) / TICKS_PER_SECOND,
    childrenSeconds: (childrenUser + childrenSystem) / TICKS_PER_SECOND,
  };
}

/** Resolves when a process has no children any more, so that what they took is counted as its own. Rejects after `limitMs`. */
export async function childless(pid: number, limitMs: number): Promise<void> {
  const limit = performance.now() + limitMs;
  while ((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim() !== '') {
    if (performance.now() > limit) throw new Error(`process ${pid} still has children`);
    await after(LOOK_MS);
  }
}
