/**
 * Pending tasks, found by the hosts of their data. Entries of tasks that are no longer pending are dropped
 * lazily.
 */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Task } from './task.ts';

/** Where a task may be run, and when. */
export interface Spot {
  readonly host: string;
  readonly nowMs: Millis;
}

/** Has a task failed there, and may still wait for another place? */
export function avoids({ failedOn, avoidsUntilMs }: Task, { host, nowMs }: Spot): boolean {
  return nowMs < avoidsUntilMs && failedOn.includes(host);
}

/**
 * Tasks in the order in which they came to be pending. All operations take constant time, amortised, and a step for each task that
 * avoids the spot.
 */
export class TaskQueue {
  #tasks: Task[] = [];
  #head = 0;
  #pending = 0;

  /** How many were added and not taken. Exact only if all tasks are taken from this queue. */
  get size(): number {
    return this.#pending;
  }

  /** Adds a pending task. */
  add(task: Task): void {
    this.#tasks.push(task);
    this.#pending += 1;
  }

  /** A task that was added is not pending any more, without having been taken. The caller changes its state. */
  drop(): void {
    this.#pending -= 1;
  }

  /** The next task that is still pending and does not avoid this spot. */
  peek(spot: Spot): Task | undefined {
    for (; this.#head < this.#tasks.length; this.#head += 1) {
      const task = this.#tasks[this.#head];
      if (task?.state === 'pending') return avoids(task, spot) ? this.#peekPast(this.#head, spot) : task;
    }
    this.#tasks = [];
    this.#head = 0;
    return undefined;
  }

  /** Takes that task. The caller changes its state. */
  take(spot: Spot): Task | undefined {
    const task = this.peek(spot);
    if (task !== undefined) {
      if (task === this.#tasks[this.#head]) this.#head += 1;
      this.#pending -= 1;
    }
    return task;
  }

  #peekPast(head: number, spot: Spot): Task | undefined {
    for (let at = head + 1; at < this.#tasks.length; at += 1) {
      const task = this.#tasks[at] as Task;
      if (task.state === 'pending' && !avoids(task, spot)) return task;
    }
    return undefined;
  }
}

/** The pending maps of a job, in order and by the hosts that hold their blocks. */
export class PendingMaps {
  readonly #all = new TaskQueue();
  readonly #byHost = new Map<string, TaskQueue>();
  #size = 0;

  /** How many maps are pending. */
  get size(): number {
    return this.#size;
  }

  /** Adds a map that has come to be pending. */
  add(map: Task): void {
    this.#size += 1;
    this.#all.add(map);
    this.relocate(map);
  }

  /** Finds a pending map by the hosts that hold its block now. */
  relocate(map: Task): void {
    for (const host of map.block?.hosts ?? []) {
      let queue = this.#byHost.get(host);
      if (queue === undefined) {
        queue = new TaskQueue();
        this.#byHost.set(host, queue);
      }
      queue.add(map);
    }
  }

  /** A map is not pending any more, without having been taken. The caller changes its state. */
  drop(): void {
    this.#size -= 1;
  }

  /** Is there a map whose block the host of this spot holds? */
  hasLocal(spot: Spot): boolean {
    return this.#byHost.get(spot.host)?.peek(spot) !== undefined;
  }

  /** Takes a map whose block that host holds. The caller changes its state. */
  takeLocal(spot: Spot): Task | undefined {
    return this.#taken(this.#byHost.get(spot.host)?.take(spot));
  }

  /** Takes the map that has been pending for longest. The caller changes its state. */
  takeAny(spot: Spot): Task | undefined {
    return this.#taken(this.#all.take(spot));
  }

  #taken(map: Task | undefined): Task | undefined {
    if (map !== undefined) this.#size -= 1;
    return map;
  }
}
