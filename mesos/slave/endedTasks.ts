/** The tasks that ended last, by their ids, so that a launch that comes twice does not start them again. */
import type { FrameworkId, TaskId } from '../protocol/entities.ts';
import { FewBy } from '../runtime/few.ts';

/** As many ids are remembered, and up to twice as many. */
const REMEMBERED_MIN = 500;
/** As many frameworks of one id: there is no end of frameworks that call their first task the same. */
const OWNERS_MAX = 10;

/** Whose tasks: mostly one framework's; of several the latest stands first. */
type Owners = FrameworkId | readonly FrameworkId[];

/** The tasks. A slave has many, and there may be tens of thousands of slaves in a process: the ids are kept as they are, not joined. */
export class EndedTasks {
  #latest = new FewBy<Owners>();
  /** Those before; forgotten all together. */
  #earlier: FewBy<Owners> | undefined;

  add(frameworkId: FrameworkId, taskId: TaskId): void {
    const owners = this.#latest.get(taskId) ?? this.#earlier?.get(taskId);
    const isKnown = owners === undefined || isAmong(owners, frameworkId);
    const all = isKnown ? (owners ?? frameworkId) : [frameworkId].concat(owners).slice(0, OWNERS_MAX);
    this.#latest.set(taskId, all);
    if (this.#latest.size < REMEMBERED_MIN) return;
    this.#earlier = this.#latest;
    this.#latest = new FewBy();
  }

  has(frameworkId: FrameworkId, taskId: TaskId): boolean {
    const owners = this.#latest.get(taskId) ?? this.#earlier?.get(taskId);
    return owners !== undefined && isAmong(owners, frameworkId);
  }

  clear(): void {
    this.#latest.clear();
    this.#earlier = undefined;
  }
}

function isAmong(owners: Owners, frameworkId: FrameworkId): boolean {
  return typeof owners === 'string' ? owners === frameworkId : owners.includes(frameworkId);
}
