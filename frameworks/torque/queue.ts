/** The queue: which jobs may gather slots, and who gets the next one. */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import type { TorqueConfig } from './config.ts';
import { Gang, type Slot } from './gang.ts';
import { cancelTimers, type JobRun } from './jobRun.ts';
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
 * again keeps its place.
 */
export class JobQueue {
  readonly #config: TorqueConfig;
  readonly #runs: JobRun[] = [];
  #gangs = 0;

  constructor(config: TorqueConfig) {
    this.#config = config;
  }

  get runs(): readonly JobRun[] {
    return this.#runs;
  }

  /** How many slots the gathering jobs still need. */
  get missing(): number {
    return this.#gathering().reduce((sum, { gang }) => sum + gang.missing, 0);
  }

  /** Do jobs only wait, without one that holds something or tries to? */
  get isStuck(): boolean {
    const waiting = this.#runs.filter(({ held }) => !held);
    return waiting.length > 0 && waiting.every(({ now }) => now.state === 'queued');
  }

  enter(run: JobRun): void {
    const place = this.#runs.findLastIndex((other) => priorityOf(other) >= priorityOf(run));
    this.#runs.splice(place + 1, 0, run);
  }

  leave(run: JobRun): void {
    const place = this.#runs.indexOf(run);
    if (place >= 0) this.#runs.splice(place, 1);
  }

  /**
   * Lets jobs gather that may. Returns those that have been gathering and may no more: what they hold is to be given back, and
   * then the queue to be asked again.
   */
  admit(room: Room): readonly JobRun[] {
    const mayGather = new Set(this.#chosen(room));
    const outdone = this.#gathering().flatMap(({ run }) => (mayGather.has(run) ? [] : [run]));
    if (outdone.length > 0) return outdone;
    for (const run of mayGather)
      if (run.now.state === 'queued') {
        const gang = new Gang(run.job, ++this.#gangs, this.#config);
        run.now = { state: 'gathering', gang, deadline: undefined };
      }
    return [];
  }

  /** Takes what is needed of an offer that has room for so many slots, for the gathering jobs in their order. */
  take(offer: Offer, room: number): readonly Held[] {
    const taken: Held[] = [];
    for (const { run, gang } of this.#gathering()) {
      const count = Math.min(room - taken.length, gang.roomOn(offer.slaveId));
      for (let n = 0; n < count; n++) taken.push({ run, gang, slot: gang.take(offer) });
    }
    return taken;
  }

  /** Ends the random waits: slots have become free. */
  wake(): void {
    for (const run of this.#runs) {
      if (run.now.state !== 'backing-off') continue;
      cancelTimers(run);
      run.now = { state: 'queued' };
    }
  }

  /** What the policy says. */
  #chosen({ nowMs, slotsMax, ending }: Room): readonly JobRun[] {
    const waiting: Waiting[] = [];
    const taken: TakenSlots[] = ending === 0 ? [] : [{ slots: ending, endsMs: nowMs }];
    let capacity = slotsMax;
    for (const run of this.#runs) {
      const { now, job } = run;
      if (now.state === 'running') {
        taken.push({ slots: job.ranks, endsMs: now.endsMs });
        continue;
      }
      if (run.held) continue;
      if (now.state === 'backing-off') capacity = Math.min(capacity, now.slotsSeen);
      const ready = now.state !== 'backing-off';
      waiting.push({ run, ready, ranks: job.ranks, wallTimeMs: wallTimeOf(run, this.#config) });
    }
    const freeSlots = Math.max(0, capacity - taken.reduce((sum, { slots }) => sum + slots, 0));
    return POLICIES[this.#config.queue]({ nowMs, freeSlots, waiting, taken }).map(({ run }) => run);
  }

  /** The jobs that may take slots now, in their order. */
  #gathering(): readonly { readonly run: JobRun; readonly gang: Gang }[] {
    return this.#runs.flatMap((run) => (run.now.state === 'gathering' ? [{ run, gang: run.now.gang }] : []));
  }
}

/** How long the job may run; Infinity if nobody has said. */
export function wallTimeOf({ job }: JobRun, { defaultWallTimeMs }: TorqueConfig): Millis {
  return job.wallTimeMs ?? defaultWallTimeMs ?? Number.POSITIVE_INFINITY;
}

function priorityOf({ job }: JobRun): number {
  return job.priority ?? 0;
}
