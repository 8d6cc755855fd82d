/** A master with nothing around it: who uses it says what slaves and frameworks say, and moves its clock. */
import { master } from '../../mesos/master/master.ts';
import type { MasterOptions } from '../../mesos/master/options.ts';
import type { MasterMessage, Message } from '../../mesos/protocol/message.ts';
import { type Address, type Context, happen } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';

/** What the master has sent. */
export interface Sent {
  readonly to: Address;
  readonly message: Message;
}

/** The master. */
export interface MasterAlone {
  tell(from: Address, message: MasterMessage): void;
  /** Runs what it had put off until now. */
  settle(): void;
  /** Lets time pass. Nothing that was put off for longer than that moment ever happens. */
  pass(ms: number): void;
  /** What it has sent since this was asked last. */
  sent(): readonly Sent[];
}

/** Starts it. */
export function masterAlone(options: MasterOptions, seed: number): MasterAlone {
  let now = 0;
  let due: (() => void)[] = [];
  let outbox: Sent[] = [];
  const context: Context = {
    self: 'master@master:5050',
    random: seededRandom(`master ${seed}`),
    now: () => now,
    after(delay, alarm) {
      let isCancelled = false;
      // Pings, heartbeats and time-outs are no part of what is measured.
      if (delay === 0)
        due.push(() => {
          if (!isCancelled) happen(alarm);
        });
      return {
        cancel() {
          isCancelled = true;
        },
      };
    },
    record() {},
    send: (to, message) => void outbox.push({ to, message }),
    watch() {},
    principalOf: () => undefined,
  };
  const actor = master(options).create(context);
  return {
    tell: (from, message) => actor.receive(message, from),
    settle() {
      while (due.length > 0) {
        const all = due;
        due = [];
        for (const run of all) run();
      }
    },
    pass(ms) {
      now += ms;
    },
    sent() {
      const all = outbox;
      outbox = [];
      return all;
    },
  };
}
