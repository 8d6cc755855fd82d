/** When slaves are to be pinged: all at the same interval, so that one line and one timer do for all of them. */
import type { Context, Millis } from '../runtime/actor.ts';
import type { Slave } from './state.ts';

interface Due {
  readonly slave: Slave;
  readonly atMs: Millis;
}

/** Those that have been served are thrown out when they are so many, and half of the line. */
const SERVED_MAX = 1_000;

/** When a slave is pinged that is not to be. */
export const NEVER: Millis = Number.POSITIVE_INFINITY;

/** The line of slaves that wait to be pinged. */
export class Pings {
  readonly #context: Context;
  readonly #intervalMs: Millis;
  readonly #ping: (slave: Slave) => void;
  /** The next first. One that is not to be pinged then any more is passed over. */
  #line: Due[] = [];
  #served = 0;
  #isArmed = false;

  constructor(context: Context, intervalMs: Millis, ping: (slave: Slave) => void) {
    this.#context = context;
    this.#intervalMs = intervalMs;
    this.#ping = ping;
  }

  /** When a slave that joins the line now is pinged; not so if its state names another time by then. */
  join(slave: Slave): Millis {
    const atMs = this.#context.now() + this.#intervalMs;
    this.#line.push({ slave, atMs });
    if (!this.#isArmed) this.#arm();
    return atMs;
  }

  #arm(): void {
    const next = this.#line[this.#served];
    this.#isArmed = next !== undefined;
    if (next !== undefined) this.#context.after(next.atMs - this.#context.now(), () => this.#serve());
  }

  #serve(): void {
    const now = this.#context.now();
    for (let next = this.#line[this.#served]; next !== undefined; next = this.#line[this.#served]) {
      const { slave, atMs } = next;
      if (atMs > now) break;
      this.#served++;
      if (slave.state.is === 'connected' && slave.state.pingMs === atMs) this.#ping(slave);
    }
    if (this.#served >= SERVED_MAX && 2 * this.#served >= this.#line.length) {
      this.#line = this.#line.slice(this.#served);
      this.#served = 0;
    }
    this.#arm();
  }
}
