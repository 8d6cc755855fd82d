/** A job while it runs: its tasks, which of them are pending, and where. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { HadoopJob, TaggedBlock } from './job.ts';
import type { FinishedTask } from './journal.ts';
import { avoids, PendingMaps, type Spot, TaskQueue } from './pendingTasks.ts';
import type { Pool } from './pools.ts';
import { type Attempt, isAlone, type MapInput, newTask, type SideInput, type Task } from './task.ts';
import type { JobData, TaskReport } from './taskData.ts';

/** What a job is told when it is submitted. */
export interface JobPlace {
  /** Of two jobs that are equally far below their share, the one with the lower order comes first. */
  readonly order: number;
  readonly intendedMs: Millis;
  readonly held: boolean;
  readonly pool: Pool;
  readonly inputs: readonly MapInput[];
  readonly side: readonly SideInput[];
}

/** Copies of tasks that are to be launched beside those that run (wantedCopies.ts). */
export interface WantedCopies {
  /** The most urgent first. */
  readonly tasks: readonly Task[];
  /** Hosts that are too slow for them. */
  readonly slowHosts: ReadonlySet<string>;
}

/** None. */
export const NO_COPIES: WantedCopies = { tasks: [], slowHosts: new Set() };

/** A submitted job. */
export class JobInProgress {
  readonly spec: HadoopJob;
  readonly order: number;
  readonly intendedMs: Millis;
  readonly pool: Pool;
  readonly side: readonly SideInput[];
  /** What its tasks are told alike, as JSON. */
  readonly told: string;
  readonly maps: readonly Task[];
  readonly reduces: readonly Task[];
  phase: 'setting-up' | 'running' | 'cleaning-up' | 'ended' = 'setting-up';
  /** When its first task was launched. */
  startedMs: Millis | undefined;
  /** Kept from being started, by somebody's wish. */
  held: boolean;
  /** Does it read what earlier jobs wrote? */
  readonly readsOutput: boolean;
  /** Something that it reads is lost, and being made again. */
  blocked = false;
  /** It had finished before, or another JobTracker ran it: what only its own reduces read may have gone unseen. */
  reopened = false;
  mapsFinished = 0;
  reducesFinished = 0;
  /** Copies that were launched. */
  copiesLaunched = 0;
  /** Attempts that were told to end because another had finished. */
  attemptsKilled = 0;
  /** Attempts that were lost through no fault of their task. */
  attemptsLost = 0;
  /** When it first passed over a slot for want of a local block, after its last local launch. */
  waitingSinceMs: Millis | undefined;
  wantedCopies: WantedCopies = NO_COPIES;
  /** Failures of its tasks through their own fault, by host. */
  readonly #failuresByHost = new Map<string, number>();
  readonly #pendingMaps = new PendingMaps();
  readonly #pendingReduces = new TaskQueue();
  #running = 0;

  constructor(spec: HadoopJob, { order, intendedMs, held, pool, inputs, side }: JobPlace) {
    this.spec = spec;
    this.order = order;
    this.held = held;
    this.pool = pool;
    this.intendedMs = intendedMs;
    this.side = side;
    const { id: jobId, program } = spec;
    this.told = JSON.stringify({ jobId, program } satisfies JobData);
    this.readsOutput =
      inputs.some(({ source }) => source !== undefined) || side.some((file) => 'sources' in file);
    this.maps = inputs.map((input, index) => newTask(this, 'map', index, input));
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

  /** Attempts that run now. */
  get running(): number {
    return this.#running;
  }

  /** Is there a task that could be launched now, given a slot? */
  get launchable(): boolean {
    if (this.phase !== 'running' || this.held || this.blocked) return false;
    return this.hasPending || this.wantedCopies.tasks.some(isAlone);
  }

  /** Is a map pending? */
  get hasPendingMaps(): boolean {
    return this.#pendingMaps.size > 0;
  }

  /** Is a task pending that may run now? */
  get hasPending(): boolean {
    return this.hasPendingMaps || (this.mapsDone && this.#pendingReduces.size > 0);
  }

  /** Is a map pending whose block the host of this spot holds? */
  hasLocalMap(spot: Spot): boolean {
    return this.#pendingMaps.hasLocal(spot);
  }

  /** Takes the next map whose block that host holds. */
  takeLocalMap(spot: Spot): Task | undefined {
    return this.#started(this.#pendingMaps.takeLocal(spot));
  }

  /** Takes the next task that may run there, wherever its data is: a map, or a reduce when all maps have finished. */
  takeAny(spot: Spot): Task | undefined {
    if (this.hasPendingMaps) return this.#started(this.#pendingMaps.takeAny(spot));
    return this.mapsDone ? this.#started(this.#pendingReduces.take(spot)) : undefined;
  }

  /** Takes a task for a copy there, not beside its first attempt; a local one, if that is asked for. */
  takeCopy(spot: Spot, local: boolean): Task | undefined {
    const { host } = spot;
    const { tasks, slowHosts } = this.wantedCopies;
    if (slowHosts.has(host)) return undefined;
    const task = tasks.find(
      (each) =>
        isAlone(each) &&
        !avoids(each, spot) &&
        each.live.every((attempt) => attempt.host !== host) &&
        (!local || each.block?.hosts.includes(host) === true),
    );
    if (task === undefined) return undefined;
    this.copiesLaunched += 1;
    this.wantedCopies = { tasks: tasks.filter((each) => each !== task), slowHosts };
    return this.#started(task);
  }

  /** Is it to run no more tasks on this host, having failed there so often? */
  shuns(host: string, failuresMax: number): boolean {
    return (this.#failuresByHost.get(host) ?? 0) >= failuresMax;
  }

  /** How many hosts it is to run no more tasks on. */
  countShunned(failuresMax: number): number {
    let count = 0;
    for (const failures of this.#failuresByHost.values()) if (failures >= failuresMax) count += 1;
    return count;
  }

  /** A task failed on this host through its own fault: until then it is not to run there again. */
  blame(host: string, task: Task, avoidsUntilMs: Millis): void {
    this.#failuresByHost.set(host, (this.#failuresByHost.get(host) ?? 0) + 1);
    if (!task.failedOn.includes(host)) task.failedOn = [...task.failedOn, host];
    task.avoidsUntilMs = avoidsUntilMs;
  }

  /** An attempt ended without success. Unless another one runs, its task has to run again. */
  lose(attempt: Attempt): void {
    this.#ended(attempt);
    const { task } = attempt;
    if (task.state === 'running' && task.live.length === 0) this.#pend(task);
  }

  /**
   * An attempt finished. Returns whether its task has finished by that; not if it was told to end, since another was faster,
   * and what that one wrote counts. `isThere`: whether a host to which it copied that has been there ever since.
   */
  finish(attempt: Attempt, report: TaskReport, nowMs: Millis, isThere: (host: string) => boolean): boolean {
    if (attempt.unwanted || attempt.task.state !== 'running') {
      this.lose(attempt);
      return false;
    }
    this.#ended(attempt);
    const { task, host } = attempt;
    task.state = 'finished';
    task.host = host;
    task.label = attempt.label;
    task.tookMs = nowMs - attempt.launchedMs;
    task.report = report;
    task.partHosts = report.part?.hosts.filter((holder) => holder === host || isThere(holder));
    if (task.type === 'map') this.mapsFinished += 1;
    else this.reducesFinished += 1;
    return true;
  }

  /** Takes over what the JobTracker before knew of finished tasks: of all, or of maps whose output only reduces read. */
  restore(finished: (type: Task['type'], index: number) => FinishedTask | undefined, all: boolean): void {
    if (!all) this.reopened = true;
    for (const task of all ? [...this.maps, ...this.reduces] : this.maps) {
      const known = finished(task.type, task.index);
      if (known === undefined || task.state !== 'pending') continue;
      if (!all && known.host === undefined) continue;
      if (task.type === 'map') this.#pendingMaps.drop();
      else this.#pendingReduces.drop();
      task.state = 'finished';
      task.host = known.host;
      task.label = known.label;
      task.tookMs = known.tookMs;
      task.report = known.report;
      task.partHosts = known.report.part?.hosts;
      if (task.type === 'map') this.mapsFinished += 1;
      else this.reducesFinished += 1;
    }
  }

  /** An attempt is told to end, since another one of its task has finished. */
  dismiss(attempt: Attempt): void {
    attempt.unwanted = true;
    this.attemptsKilled += 1;
    const place = attempt.task.live.indexOf(attempt);
    if (place >= 0) attempt.task.live.splice(place, 1);
  }

  /** What a finished task wrote is gone: it has to run again. */
  undo(task: Task): void {
    task.host = undefined;
    task.label = undefined;
    task.tookMs = undefined;
    task.report = undefined;
    task.partHosts = undefined;
    if (task.type === 'map') this.mapsFinished -= 1;
    else this.reducesFinished -= 1;
    this.#pend(task);
  }

  /** What a map reads is somewhere else now. */
  relocate(map: Task, block: TaggedBlock): void {
    map.block = block;
    if (map.state === 'pending') this.#pendingMaps.relocate(map);
  }

  /**
   * A host is gone, and the job has ended: what it wrote is lost there, also what only its own reduces read. The latter shows when
   * the job has to run again ({@link reopen}).
   */
  loseHostAfterEnd(host: string): void {
    for (const task of [...this.maps, ...this.reduces]) {
      task.partHosts = task.partHosts?.filter((holder) => holder !== host);
      if (task.host === host && task.state === 'finished') task.host = undefined;
    }
  }

  /** The job has finished, but what these tasks wrote is lost, and wanted: they run again, and all maps that they need. */
  reopen(lost: readonly Task[]): void {
    this.phase = 'running';
    this.reopened = true;
    for (const task of lost) this.undo(task);
    if (this.reducesFinished === this.reduces.length) return;
    for (const map of this.maps) if (map.state === 'finished' && map.host === undefined) this.undo(map);
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
      this.#running += 1;
      this.pool.running += 1;
    }
    return task;
  }

  #ended(attempt: Attempt): void {
    this.#running -= 1;
    this.pool.running -= 1;
    const place = attempt.task.live.indexOf(attempt);
    if (place >= 0) attempt.task.live.splice(place, 1);
  }

  #pend(task: Task): void {
    task.state = 'pending';
    if (task.type === 'map') this.#pendingMaps.add(task);
    else this.#pendingReduces.add(task);
  }
}
