/** A stage: the tasks that make all partitions of a dataset, up to the next shuffle (HotCloud'10 §4). */
import type { Millis } from '../../../mesos/driver/actor.ts';
import type { TaskOutput } from '../taskData.ts';
import type { Job } from './job.ts';
import type { LineageNode } from './lineage.ts';
import type { MapOutputs } from './locations.ts';
import { PendingTasks, type Place } from './pendingTasks.ts';

/** Where the tasks of a stage leave what they make. */
export type StageOutput =
  | { readonly type: 'result'; readonly job: Job }
  | { readonly type: 'shuffle'; readonly outputs: MapOutputs };

/** Where a task of a stage stands. */
export type TaskPhase = 'idle' | 'pending' | 'running' | 'finished';

/** A stage with its tasks: partitions of its dataset. */
export class Stage {
  readonly id: number;
  readonly node: LineageNode;
  readonly output: StageOutput;
  /** The jobs that wait for it. */
  readonly jobs = new Set<Job>();
  /** Since when it passes over slots for want of one that it prefers. */
  preferredMs: Millis | undefined;
  /** Shuffles that must be complete before any of its tasks can run. */
  blockers: readonly MapOutputs[] = [];
  /** What was thought to be in memory is not where its tasks ran: all that it reads must be there. */
  ignoresMemory = false;
  readonly #phases: TaskPhase[];
  /** Since the last of its jobs came. */
  readonly #failures = new Map<number, number>();
  #lastJob = -1;
  readonly #attempts = new Map<number, number>();
  /** Partitions of which accumulators have been counted. */
  readonly #counted = new Set<number>();
  readonly pending = new PendingTasks();
  #running = 0;

  constructor(id: number, node: LineageNode, output: StageOutput) {
    this.id = id;
    this.node = node;
    this.output = output;
    this.#phases = new Array<TaskPhase>(node.partitions).fill('idle');
  }

  get running(): number {
    return this.#running;
  }

  /** Could one of its tasks be launched now, given a slot? */
  get isLaunchable(): boolean {
    return this.pending.size > 0 && this.blockers.length === 0 && this.jobs.size > 0;
  }

  phase(partition: number): TaskPhase {
    return this.#phases[partition] ?? 'idle';
  }

  /** The task is to run, rather in one of these places. */
  pend(partition: number, places: readonly Place[]): void {
    if (this.#phases[partition] === 'running') this.#running--;
    this.#phases[partition] = 'pending';
    this.pending.add(partition, places);
  }

  /** A pending task was taken. Returns the number of its attempt, from 0. */
  start(partition: number): number {
    this.#phases[partition] = 'running';
    this.#running++;
    const attempt = this.#attempts.get(partition) ?? 0;
    this.#attempts.set(partition, attempt + 1);
    return attempt;
  }

  finish(partition: number): void {
    if (this.#phases[partition] === 'running') this.#running--;
    this.#phases[partition] = 'finished';
  }

  /** A job needs it: what failed before that came is not its own. */
  neededBy({ order }: Job): void {
    if (order <= this.#lastJob) return;
    this.#lastJob = order;
    this.#failures.clear();
  }

  /** Counts a failure that was the task's own. Returns how many there have been. */
  fail(partition: number): number {
    const failures = (this.#failures.get(partition) ?? 0) + 1;
    this.#failures.set(partition, failures);
    return failures;
  }

  /** Whether the accumulators of this partition are to be counted: the first time only, however often it is made. */
  isFirst(partition: number): boolean {
    if (this.#counted.has(partition)) return false;
    this.#counted.add(partition);
    return true;
  }

  /** What its tasks are told to leave. */
  taskOutput(): TaskOutput {
    if (this.output.type === 'result') return { type: 'result', action: this.output.job.spec.action };
    const { id, parts, write } = this.output.outputs.shuffle;
    return { type: 'shuffle', shuffle: id, parts, write };
  }
}
