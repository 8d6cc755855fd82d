/** The queue: which jobs may gather slots, and who gets the next one. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import type { TorqueConfig } from './config.ts';
import { Gang, type Slot } from './gang.ts';
import { cancelTimers, gangOf, type JobRun, type JobState } from './jobRun.ts';
import { POLICIES } from './policy/policies.ts';
import type { TakenSlots, WaitingJob } from './policy/policy.ts';

/** A slot with the job that it was taken for. */
export interface Held {
  readonly run: JobRun;
  readonly gang: Gang;
  readonly slot: Slot;
}

interface Waiting extends WaitingJob {
  readonly run: JobRun;
}

/** What the queue is to know of the cluster. */
export interface Room {
  readonly nowMs: Millis;
  /** The most slots that the framework may have. */
  readonly slotsMax: number;
  /** How many were given back and are not free yet. */
  readonly ending: number;
}

/**
 * The jobs that were submitted and have not ended: those of higher priority first, then in the order of submission. A job tried
 * again keeps its place. All changes of their states go through it, so that a long queue costs no more than a short one as long as
 * nobody can be let in.
 */
export class JobQueue {
  readonly #config: TorqueConfig;
  readonly #order: JobRun[] = [];
  readonly #running = new Set<JobRun>();
  readonly #backingOff = new Set<JobRun>();
  /** In their order. */
  #gathering = new Set<JobRun>();
  #missing = 0;
  #gangs = 0;
  /** Under which nobody else may be let in; undefined if something has changed since. */
  #asked: Room | undefined;

  constructor(config: TorqueConfig) {
    this.#config = config;
  }

  get running(): Iterable<JobRun> {
    return this.#running;
  }

  get gathering(): Iterable<JobRun> {
    return this.#gathering;
  }

  /** How many slots the gathering jobs still need. */
  get missing(): number {
    return this.#missing;
  }

  /** Do jobs only wait, without one that holds something or tries to? */
  get isStuck(): boolean {
    const busy = this.#running.size + this.#backingOff.size + this.#gathering.size;
    return busy === 0 && this.#order.some(({ held }) => !held);
  }

  /** Takes a job that is submitted. */
  enter(run: JobRun): void {
    const place = this.#order.findLastIndex((other) => priorityOf(other) >= priorityOf(run));
    this.#order.splice(place + 1, 0, run);
    this.move(run, { state: 'queued' });
  }

  /** Lets go of a job that ends, if it was submitted. The timers of its state are stopped. */
  leave(run: JobRun, ended: JobState & { readonly state: 'ended' }): void {
    const place = this.#order.indexOf(run);
    if (place >= 0) this.#order.splice(place, 1);
    this.move(run, ended);
  }

  /** Brings a job into another state. The timers of the former are stopped. */
  move(run: JobRun, next: JobState): void {
    cancelTimers(run);
    this.#running.delete(run);
    this.#backingOff.delete(run);
    if (this.#gathering.delete(run)) this.#missing -= gangOf(run)?.missing ?? 0;
    run.now = next;
    if (next.state === 'running') this.#running.add(run);
    if (next.state === 'backing-off') this.#backingOff.add(run);
    if (next.state === 'gathering') {
      this.#gathering.add(run);
      this.#missing += next.gang.missing;
    }
    this.#asked = undefined;
  }

  /** Keeps a job from being started, or no more. */
  setHeld(run: JobRun, held: boolean): void {
    run.held = held;
    this.#asked = undefined;
  }

  /**
   * Lets jobs gather that may. Returns those that have been gathering and may no more: what they hold is to be given back, and
   * then the queue to be asked again.
   */
  admit(room: Room): readonly JobRun[] {
    const { slotsMax, ending } = room;
    if (this.#asked?.slotsMax === slotsMax && this.#asked.ending === ending) return [];
    const mayGather = new Set(this.#chosen(room));
    const outdone = [...this.#gathering].filter((run) => !mayGather.has(run));
    if (outdone.length > 0) return outdone;
    for (const run of mayGather)
      if (run.now.state === 'queued') {
        const gang = new Gang(run.job, ++this.#gangs, this.#config);
        this.move(run, { state: 'gathering', gang, deadline: undefined });
      }
    this.#gathering = mayGather;
    this.#asked = room;
    return [];
  }

  /** Takes what is needed of an offer that has room for so many slots, for the gathering jobs in their order. */
  take(offer: Offer, room: number): readonly Held[] {
    const taken: Held[] = [];
    for (const run of this.#gathering) {
      if (taken.length >= room) break;
      const gang = gangOf(run);
      if (gang === undefined) continue;
      const count = Math.min(room - taken.length, gang.roomOn(offer.slaveId));
      for (let n = 0; n < count; n++) taken.push({ run, gang, slot: gang.take(offer) });
    }
    this.#missing -= taken.length;
    return taken;
  }

  /** A slot is gone before its job has started; another may take its place. */
  drop({ gang, slot }: Held): void {
    gang.drop(slot);
    this.#missing++;
  }

  /** Ends the random waits: slots have become free. */
  wake(): void {
    for (const run of [...this.#backingOff]) this.move(run, { state: 'queued' });
  }

  /** What the policy says. */
  #chosen({ nowMs, slotsMax, ending }: Room): readonly JobRun[] {
    const taken: TakenSlots[] = ending === 0 ? [] : [{ slots: ending, endsMs: nowMs }];
    for (const { now, job } of this.#running)
      if (now.state === 'running') taken.push({ slots: job.ranks, endsMs: now.endsMs });
    let capacity = slotsMax;
    for (const { now } of this.#backingOff)
      if (now.state === 'backing-off') capacity = Math.min(capacity, now.slotsSeen);
    const freeSlots = Math.max(0, capacity - taken.reduce((sum, { slots }) => sum + slots, 0));
    const gathering = [...this.#gathering].map((run) => this.#seen(run));
    const view = { nowMs, freeSlots, waiting: this.#waiting(), gathering, taken };
    return POLICIES[this.#config.queue](view).map(({ run }) => run);
  }

  /** As far as somebody wants to know. */
  *#waiting(): Generator<Waiting, void, void> {
    for (const run of this.#order) if (run.now.state !== 'running' && !run.held) yield this.#seen(run);
  }

  #seen(run: JobRun): Waiting {
    const { state } = run.now;
    return {
      run,
      state: state === 'gathering' || state === 'backing-off' ? state : 'queued',
      ranks: run.job.ranks,
      wallTimeMs: wallTimeOf(run, this.#config),
    };
  }
}

/** How long the job may run; Infinity if nobody has said. */
export function wallTimeOf({ job }: JobRun, { defaultWallTimeMs }: TorqueConfig): Millis {
  return job.wallTimeMs ?? defaultWallTimeMs ?? Number.POSITIVE_INFINITY;
}

function priorityOf({ job }: JobRun): number {
  return job.priority ?? 0;
}
