/** A job while it runs: its tasks, which of them are pending, and where. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { HadoopJob, TaggedBlock } from './job.ts';
import { PendingMaps, TaskQueue } from './pendingTasks.ts';
import type { TaskReport } from './taskData.ts';

/** One map or reduce of a job, through all its attempts. */
export interface Task {
  readonly job: JobInProgress;
  readonly type: 'map' | 'reduce';
  readonly index: number;
  /** Of a map: its input. */
  readonly block: TaggedBlock | undefined;
  state: 'pending' | 'running' | 'finished';
  /** How often it failed through its own fault. */
  failures: number;
  /** How many attempts were launched. */
  attempts: number;
  /** Finished: the hostname of the slave that it ran on, which holds its map output. */
  host: string | undefined;
  /** Finished: what it did. */
  report: TaskReport | undefined;
  /** Finished, and wrote a part of the job's output: who still holds it. */
  partHosts: readonly string[] | undefined;
}

/** A submitted job. */
export class JobInProgress {
  readonly spec: HadoopJob;
  /** Of two jobs with as many running tasks, the one with the lower order comes first. */
  readonly order: number;
  readonly intendedMs: Millis;
  readonly maps: readonly Task[];
  readonly reduces: readonly Task[];
  phase: 'setting-up' | 'running' | 'cleaning-up' | 'ended' = 'setting-up';
  /** When its first task was launched. */
  startedMs: Millis | undefined;
  /** Kept from being started, by somebody's wish. */
  held: boolean;
  /** Tasks that run now. */
  running = 0;
  mapsFinished = 0;
  reducesFinished = 0;
  /** When it first passed over a slot for want of a local block, after its last local launch. */
  waitingSinceMs: Millis | undefined;
  readonly #pendingMaps = new PendingMaps();
  readonly #pendingReduces = new TaskQueue();

  constructor(spec: HadoopJob, order: number, intendedMs: Millis, held = false) {
    this.spec = spec;
    this.order = order;
    this.held = held;
    this.intendedMs = intendedMs;
    this.maps = spec.input.map((block, index) => newTask(this, 'map', index, block));
    this.reduces = Array.from({ length: spec.reduces }, (_, index) =>
      newTask(this, 'reduce', index, undefined),
    );
    for (const map of this.maps) this.#pendingMaps.add(map);
    for (const reduce of this.reduces) this.#pendingReduces.add(reduce);
  }

  /** Have all maps finished, so that reduces may run? */
  get mapsDone(): boolean {
    return this.mapsFinished === this.maps.length;
  }

  /** Have all tasks finished? */
  get done(): boolean {
    return this.mapsDone && this.reducesFinished === this.reduces.length;
  }

  /** Is there a task that could be launched now, given a slot? */
  get launchable(): boolean {
    return (
      this.phase === 'running' &&
      !this.held &&
      (this.hasPendingMaps || (this.mapsDone && this.#pendingReduces.size > 0))
    );
  }

  /** Is a map pending? */
  get hasPendingMaps(): boolean {
    return this.#pendingMaps.size > 0;
  }

  /** Is a map pending whose block this host holds? */
  hasLocalMap(host: string): boolean {
    return this.#pendingMaps.hasLocal(host);
  }

  /** Takes the next map whose block this host holds. */
  takeLocalMap(host: string): Task | undefined {
    return this.#started(this.#pendingMaps.takeLocal(host));
  }

  /** Takes the next task, wherever its data is: a map, or a reduce when all maps have finished. */
  takeAny(): Task | undefined {
    if (this.hasPendingMaps) return this.#started(this.#pendingMaps.takeAny());
    return this.mapsDone ? this.#started(this.#pendingReduces.take()) : undefined;
  }

  /** A running task ended without success, and has to run again. */
  putBack(task: Task): void {
    this.running -= 1;
    this.#pend(task);
  }

  /** A running task finished on this host. */
  finish(task: Task, host: string, report: TaskReport): void {
    this.running -= 1;
    task.state = 'finished';
    task.host = host;
    task.report = report;
    task.partHosts = report.part?.hosts;
    if (task.type === 'map') this.mapsFinished += 1;
    else this.reducesFinished += 1;
  }

  /** What a finished task wrote is gone: it has to run again. */
  undo(task: Task): void {
    task.host = undefined;
    task.report = undefined;
    task.partHosts = undefined;
    if (task.type === 'map') this.mapsFinished -= 1;
    else this.reducesFinished -= 1;
    this.#pend(task);
  }

  /** A host is gone. Returns the finished tasks whose work is lost with it, and still needed. */
  loseHost(host: string): readonly Task[] {
    const reducing = this.reducesFinished < this.reduces.length;
    const lost = (task: Task): boolean => {
      if (task.state !== 'finished') return false;
      task.partHosts = task.partHosts?.filter((holder) => holder !== host);
      return task.partHosts?.length === 0 || (reducing && task.type === 'map' && task.host === host);
    };
    return [...this.maps.filter(lost), ...this.reduces.filter(lost)];
  }

  #started(task: Task | undefined): Task | undefined {
    if (task !== undefined) {
      task.state = 'running';
      task.attempts += 1;
      this.running += 1;
    }
    return task;
  }

  #pend(task: Task): void {
    task.state = 'pending';
    if (task.type === 'map') this.#pendingMaps.add(task);
    else this.#pendingReduces.add(task);
  }
}

function newTask(
  job: JobInProgress,
  type: Task['type'],
  index: number,
  block: TaggedBlock | undefined,
): Task {
  return {
    job,
    type,
    index,
    block,
    state: 'pending',
    failures: 0,
    attempts: 0,
    host: undefined,
    report: undefined,
    partHosts: undefined,
  };
}
