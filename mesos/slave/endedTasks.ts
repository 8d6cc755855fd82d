/** The tasks that ended last, by their ids, so that a launch that comes twice does not start them again. */
import type { FrameworkId, TaskId } from '../protocol/entities.ts';

/** As many ids are remembered. */
const REMEMBERED_MAX = 1_000;
/** As many frameworks of one id: there is no end of frameworks that call their first task the same. */
const OWNERS_MAX = 10;

/** The tasks. A slave has many, and there may be tens of thousands of slaves in a process: the ids are kept as they are, not joined. */
export class EndedTasks {
  /** Whose task of this id has ended: mostly one framework's; of several the latest stands first. The latest id stands last. */
  readonly #owners = new Map<TaskId, FrameworkId | readonly FrameworkId[]>();

  add(frameworkId: FrameworkId, taskId: TaskId): void {
    const owners = this.#owners.get(taskId);
    if (owners !== undefined && !isAmong(owners, frameworkId)) {
      this.#owners.delete(taskId);
      this.#owners.set(taskId, [frameworkId].concat(owners).slice(0, OWNERS_MAX));
      return;
    }
    this.#owners.set(taskId, owners ?? frameworkId);
    if (this.#owners.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#owners.keys()) {
      this.#owners.delete(oldest);
      return;
    }
  }

  has(frameworkId: FrameworkId, taskId: TaskId): boolean {
    const owners = this.#owners.get(taskId);
    return owners !== undefined && isAmong(owners, frameworkId);
  }

  clear(): void {
    this.#owners.clear();
  }
}

function isAmong(owners: FrameworkId | readonly FrameworkId[], frameworkId: FrameworkId): boolean {
  return typeof owners === 'string' ? owners === frameworkId : owners.includes(frameworkId);
}
