/** The queue: which jobs may gather slots, and who gets the next one. */
import type { Offer } from '../../mesos/protocol/entities.ts';
import type { TorqueConfig } from './config.ts';
import { Gang, type Slot } from './gang.ts';
import { cancelTimer, gangOf, type JobRun } from './jobRun.ts';

/** A slot with the job that it was taken for. */
export interface Held {
  readonly run: JobRun;
  readonly gang: Gang;
  readonly slot: Slot;
}

/** The jobs that were submitted and have not ended, in the order of submission. A job tried again keeps its place. */
export class JobQueue {
  readonly #config: TorqueConfig;
  readonly #runs: JobRun[] = [];

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

  enter(run: JobRun): void {
    this.#runs.push(run);
  }

  leave(run: JobRun): void {
    this.#runs.splice(this.#runs.indexOf(run), 1);
  }

  /** Lets jobs gather that may. `ending`: how many slots were given back and are not free yet. */
  admit(ending: number): void {
    const { slotsMax = Number.POSITIVE_INFINITY, queue } = this.#config;
    let committed = ending;
    for (const run of this.#runs) committed += gangOf(run) === undefined ? 0 : run.job.ranks;
    for (const run of this.#runs) {
      if (gangOf(run) !== undefined) continue;
      if (run.now.state === 'queued' && committed + run.job.ranks <= slotsMax) {
        committed += run.job.ranks;
        const gang = new Gang(run.job, ++run.gangs, this.#config);
        run.now = { state: 'gathering', gang, deadline: undefined };
      } else if (queue === 'fcfs') return;
    }
  }

  /** Takes what is needed of an offer that has room for so many slots, for the gathering jobs in their order. */
  take(offer: Offer, room: number): readonly Held[] {
    const taken: Held[] = [];
    for (const { run, gang } of this.#gathering())
      while (taken.length < room && gang.missing > 0) taken.push({ run, gang, slot: gang.take(offer) });
    return taken;
  }

  /** Ends the random waits: slots have become free. */
  wake(): void {
    for (const run of this.#runs) {
      if (run.now.state !== 'backing-off') continue;
      cancelTimer(run);
      run.now = { state: 'queued' };
    }
  }

  /** The jobs that may take slots now, in their order. */
  #gathering(): readonly { readonly run: JobRun; readonly gang: Gang }[] {
    const gathering: { readonly run: JobRun; readonly gang: Gang }[] = [];
    for (const run of this.#runs) {
      if (run.now.state === 'gathering') gathering.push({ run, gang: run.now.gang });
      else if (run.now.state !== 'running' && this.#config.queue === 'fcfs') break;
    }
    return gathering;
  }
}
