/** A gang: the slots that one attempt of a job gathers, starts and ends together. Talks to nobody itself. */
import type { ExecutorId, Offer, SlaveId, TaskId, TaskInfo } from '../../mesos/protocol/entities.ts';
import type { Peer, RankResult, Start } from '../mpi/message.ts';
import type { TorqueConfig } from './config.ts';
import type { TorqueJob } from './job.ts';

/** How far a slot has come. */
export type SlotPhase =
  /** Its task is on the way; nothing heard yet. */
  | { readonly phase: 'launched' }
  /** Its rank daemon runs and waits. */
  | { readonly phase: 'waiting'; readonly peer: Peer }
  /** It was told to start and has confirmed it. */
  | { readonly phase: 'working' }
  | { readonly phase: 'finished'; readonly result: RankResult | undefined };

/** A task of the gang, which becomes a rank when the gang is whole. */
export interface Slot {
  readonly taskId: TaskId;
  readonly executorId: ExecutorId;
  readonly slaveId: SlaveId;
  readonly hostname: string;
  now: SlotPhase;
}

/** One attempt of a job. Its slots' order is that of its ranks. */
export class Gang {
  readonly job: TorqueJob;
  readonly #config: TorqueConfig;
  /** Counts the gangs of the server, so that no task id comes twice. */
  readonly #number: number;
  #launches = 0;
  #slots: Slot[] = [];

  constructor(job: TorqueJob, number: number, config: TorqueConfig) {
    this.job = job;
    this.#number = number;
    this.#config = config;
  }

  get slots(): readonly Slot[] {
    return this.#slots;
  }

  /** How many slots it still needs. */
  get missing(): number {
    return this.job.ranks - this.#slots.length;
  }

  /** Does every rank run and wait? Then the job may start. */
  get complete(): boolean {
    return this.missing === 0 && this.#slots.every(({ now }) => now.phase === 'waiting');
  }

  /** How many more of its slots may be on a slave. */
  roomOn(slaveId: SlaveId): number {
    const { slotsPerSlaveMax } = this.job;
    if (slotsPerSlaveMax === undefined) return this.missing;
    const there = this.#slots.filter((slot) => slot.slaveId === slaveId).length;
    return Math.min(this.missing, slotsPerSlaveMax - there);
  }

  /** Takes a slot of an offer. */
  take(offer: Offer): Slot {
    const { incarnation } = this.#config;
    const id = `${this.job.id}-${this.#number}-${this.#launches++}${incarnation === 0 ? '' : `-${incarnation.toString(36)}`}`;
    const slot: Slot = {
      taskId: id,
      executorId: id,
      slaveId: offer.slaveId,
      hostname: offer.hostname,
      now: { phase: 'launched' },
    };
    this.#slots.push(slot);
    return slot;
  }

  /** The task to launch on a slot, with an executor of its own: each rank is a process. */
  task({ taskId, executorId, slaveId }: Slot): TaskInfo {
    const { executor, slot: resources } = this.#config;
    return {
      name: `${this.job.kind} ${this.job.id}`,
      taskId,
      slaveId,
      resources,
      executor: { executorId, name: executor.name, command: executor.command, resources: {} },
    };
  }

  /** A slot is gone before the job has started; another may take its place. */
  drop(slot: Slot): void {
    this.#slots = this.#slots.filter((other) => other !== slot);
  }

  rankOf(slot: Slot): number {
    return this.#slots.indexOf(slot);
  }

  /** What to tell the ranks when the gang is complete, in the order of the slots. */
  starts(secret: string | undefined): readonly Start[] {
    const peers = this.#slots.flatMap(({ now }) => (now.phase === 'waiting' ? [now.peer] : []));
    return this.#slots.map(({ taskId }, rank) => ({
      type: 'start',
      taskId,
      jobId: this.job.id,
      rank,
      peers,
      ...(secret === undefined ? {} : { secret }),
      program: this.job.program,
      seed: this.#config.seed,
    }));
  }
}
