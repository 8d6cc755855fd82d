/**
 * The slots that jobs gather. To hold slots while waiting for more is hoarding, and two frameworks that hoard can block each
 * other for ever. So slots that have not become a whole gang in time are given back, and the job tries again after a random time.
 */
import type { Millis } from '../../mesos/driver/actor.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import type { Offer } from '../../mesos/protocol/entities.ts';
import { timesContained } from '../../mesos/protocol/resources.ts';
import type { TorqueConfig } from './config.ts';
import { gangOf, type JobRun } from './jobRun.ts';
import type { Held, JobQueue } from './queue.ts';
import type { SlotBook } from './slotBook.ts';

/** The random wait before a new try grows with every time-out, up to this many times the time-out. */
const BACK_OFF_MAX = 32;

/** See the top of the file. */
export class Hoard {
  readonly #config: TorqueConfig;
  readonly #driver: SchedulerDriver;
  readonly #queue: JobQueue;
  readonly #slots: SlotBook;
  readonly #settle: () => void;

  /** `settle` is called when a job gave back its slots, and when it may try again. */
  constructor(
    config: TorqueConfig,
    driver: SchedulerDriver,
    {
      queue,
      slots,
      settle,
    }: { readonly queue: JobQueue; readonly slots: SlotBook; readonly settle: () => void },
  ) {
    this.#config = config;
    this.#driver = driver;
    this.#queue = queue;
    this.#slots = slots;
    this.#settle = settle;
  }

  /** Takes what the queue needs of an offer. The first slot of a gang starts its clock. */
  take(offer: Offer): readonly Held[] {
    const { slot, slotsPerSlaveMax, hoardTimeoutMs } = this.#config;
    const fits = timesContained(offer.resources, slot);
    const room =
      slotsPerSlaveMax === undefined
        ? fits
        : Math.min(fits, slotsPerSlaveMax - this.#slots.on(offer.slaveId));
    const taken = this.#queue.take(offer, room);
    for (const held of taken) {
      const { run } = held;
      this.#slots.hold(held);
      if (run.now.state === 'gathering')
        run.now.deadline ??= this.#driver.after(hoardTimeoutMs, () => this.#giveUp(run));
    }
    return taken;
  }

  /** Gives back all slots of the job's gang. */
  giveBack(run: JobRun): void {
    this.#slots.giveBack(gangOf(run)?.slots ?? []);
  }

  /** Gives back what a job has gathered; it waits at its place. */
  requeue(run: JobRun): void {
    this.giveBack(run);
    this.#queue.move(run, { state: 'queued' });
  }

  /** The gang did not become whole in time: others may need its slots more. */
  #giveUp(run: JobRun): void {
    if (run.now.state !== 'gathering') return;
    // It is whole, and starts at the next iteration.
    run.now.deadline = undefined;
    if (run.now.gang.complete) return;
    const slotsSeen = this.#slots.size;
    this.giveBack(run);
    const growth = Math.min(2 ** run.hoardTimeouts++, BACK_OFF_MAX);
    const delayMs: Millis = this.#driver.random.uniform() * this.#config.hoardTimeoutMs * growth;
    const timer = this.#driver.after(delayMs, () => {
      this.#queue.move(run, { state: 'queued' });
      this.#settle();
    });
    this.#queue.move(run, { state: 'backing-off', timer, slotsSeen });
    this.#settle();
  }
}
