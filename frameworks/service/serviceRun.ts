/** One service while the framework runs: its instances, how many there are to be, and how it backs off. Talks to nobody. */
import type { Millis, Timer } from '../../mesos/driver/actor.ts';
import type { SlaveId, TaskId } from '../../mesos/protocol/entities.ts';
import type { JobStatus } from '../jobBoard.ts';
import type { Service } from './config.ts';

/** A task that has been launched, or taken over, and has not ended. */
export interface Instance {
  readonly taskId: TaskId;
  readonly slaveId: SlaveId;
  readonly launchedMs: Millis;
  state:
    | { readonly is: 'starting'; readonly deadline: Timer | undefined }
    | { readonly is: 'running'; readonly sinceMs: Millis }
    /** It was told to end. `why` it failed to start, if that is so. */
    | { readonly is: 'ending'; readonly why: string | undefined };
}

/** How a service ended: because somebody wished it so, or because the framework was refused. */
export type ServiceEnd =
  | { readonly outcome: 'finished' }
  | { readonly outcome: 'failed'; readonly message: string };

/** See the top of the file. */
export class ServiceRun {
  readonly service: Service;
  readonly submittedMs: Millis;
  readonly instances = new Map<TaskId, Instance>();
  startedMs: Millis | undefined;
  endedMs: Millis | undefined;
  end: ServiceEnd | undefined;
  /** How many instances there are to be. */
  target: number;
  /** Nothing is launched before this runs. */
  backOff: Timer | undefined;
  launches = 0;
  failures = 0;
  /** Instances that went with their slave, were revoked, or never arrived. */
  losses = 0;
  /** Why the last one failed. */
  lastFailure: string | undefined;
  #failuresInARow = 0;
  #live = 0;
  readonly #bySlave = new Map<SlaveId, number>();

  constructor(service: Service, submittedMs: Millis) {
    this.service = service;
    this.submittedMs = submittedMs;
    this.target = service.instances;
  }

  /** Instances that count: those that were told to end do not. */
  get live(): number {
    return this.#live;
  }

  get running(): number {
    let running = 0;
    for (const { state } of this.instances.values()) if (state.is === 'running') running++;
    return running;
  }

  /** How many instances are on each slave, also such as are ending. */
  get bySlave(): ReadonlyMap<SlaveId, number> {
    return this.#bySlave;
  }

  /** There is one more. */
  add(instance: Instance): void {
    this.instances.set(instance.taskId, instance);
    this.#live++;
    this.#bySlave.set(instance.slaveId, (this.#bySlave.get(instance.slaveId) ?? 0) + 1);
  }

  /** One was told to end. */
  tellToEnd(instance: Instance, why: string | undefined): void {
    if (instance.state.is === 'ending') return;
    if (instance.state.is === 'starting') instance.state.deadline?.cancel();
    instance.state = { is: 'ending', why };
    this.#live--;
  }

  /** One has ended. */
  remove({ taskId, slaveId, state }: Instance): void {
    this.instances.delete(taskId);
    if (state.is === 'starting') state.deadline?.cancel();
    if (state.is !== 'ending') this.#live--;
    const left = (this.#bySlave.get(slaveId) ?? 0) - 1;
    if (left > 0) this.#bySlave.set(slaveId, left);
    else this.#bySlave.delete(slaveId);
  }

  /** How many could be launched now. */
  get missing(): number {
    return this.backOff === undefined ? Math.max(0, this.target - this.live) : 0;
  }

  /** Those that are too many, to be ended: such as have not started before such as run, the youngest first. */
  surplus(): readonly Instance[] {
    if (this.#live <= this.target) return [];
    const live = [...this.instances.values()].filter(({ state }) => state.is !== 'ending');
    const rank = ({ state }: Instance): number => (state.is === 'running' ? 1 : 0);
    live.reverse().sort((a, b) => rank(a) - rank(b) || b.launchedMs - a.launchedMs);
    return live.slice(0, live.length - this.target);
  }

  /** An instance failed that had run for so long. Returns how long to wait before the next launch. */
  failed(ranMs: Millis, why: string): Millis {
    const { firstMs, factor, maxMs, resetMs } = this.service.restart;
    if (ranMs >= resetMs) this.#failuresInARow = 0;
    this.failures++;
    this.lastFailure = why;
    // Bounded, as nothing times infinity is no number.
    return Math.min(maxMs, firstMs * Math.min(Number.MAX_VALUE, factor ** this.#failuresInARow++));
  }

  status(): JobStatus {
    const { service, submittedMs, startedMs, endedMs, target, running, launches, failures, losses } = this;
    const { perSlaveMax: perSlave } = service.placement;
    const phase = this.end?.outcome ?? (running > 0 || target === 0 ? 'running' : 'waiting');
    const message = running < target && endedMs === undefined ? this.#complaint() : undefined;
    return {
      id: service.id,
      kind: 'service',
      phase,
      submittedMs,
      ...(startedMs !== undefined && { startedMs }),
      ...(endedMs !== undefined && { endedMs }),
      tasks: { total: target, running, finished: 0 },
      ...(message !== undefined && { message }),
      counters: { launches, failures, losses },
      needs: {
        slot: service.resources,
        atOnce: { what: 'instances', ...(perSlave !== undefined && { perSlave }) },
      },
    };
  }

  /** Why not all of its instances run. */
  #complaint(): string | undefined {
    if (this.missing === 0) return this.lastFailure;
    return `${this.missing} more need a slave with room for them that they may use`;
  }
}
