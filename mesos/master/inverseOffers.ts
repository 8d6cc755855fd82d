/**
 * Inverse offers: frameworks that use a slave whose machine is to be worked on are asked to leave it in time. They say whether they
 * will; nothing is taken from them before the machine goes down.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FrameworkId, InverseOffer, OfferId, SlaveId, Unavailability } from '../protocol/entities.ts';
import { isTerminal } from '../protocol/tasks.ts';
import type { Millis, Timer } from '../runtime/actor.ts';
import type { Books } from './books.ts';
import type { Machine } from './machines.ts';
import { refusalSeconds } from './offers.ts';
import { together } from './soon.ts';
import type { Framework, Slave } from './state.ts';

/** What a framework has said. */
export type InverseAnswer = 'unknown' | 'accept' | 'decline';

/** A framework that was asked to leave a slave. */
interface Asked {
  readonly id: OfferId;
  readonly framework: Framework;
  readonly slave: Slave;
  readonly unavailability: Unavailability;
  answer: InverseAnswer;
  /** When it was asked, or answered. */
  atMs: Millis;
  /** Asks again. */
  again: Timer | undefined;
}

/** What a framework says of a machine. */
export interface InverseOfferStatus {
  readonly machine: Machine;
  readonly frameworkId: FrameworkId;
  readonly answer: InverseAnswer;
  readonly atMs: Millis;
}

const REFUSE_SECONDS_MAX = 31_536_000;

/** The inverse offers. */
export class InverseOffers {
  readonly #books: Books;
  readonly #asked = new Map<SlaveId, Map<FrameworkId, Asked>>();
  readonly #byId = new Map<OfferId, Asked>();
  readonly #lookSoon: (slave: Slave) => void;
  #made = 0;

  constructor(books: Books) {
    this.#books = books;
    this.#lookSoon = together(books.context, (slaves) => this.#look(slaves));
  }

  /** What all frameworks say that were asked. */
  *statuses(): Iterable<InverseOfferStatus> {
    for (const { slave, framework, answer, atMs } of this.#byId.values()) {
      const machine = this.#books.upkeepOf(slave)?.machine;
      if (machine !== undefined) yield { machine, frameworkId: framework.id, answer, atMs };
    }
  }

  /** What runs on a slave, or what is ordered of its machine, is not what it was. */
  changed(slave: Slave): void {
    if (this.#asked.has(slave.id) || this.#books.unavailabilityOf(slave) !== undefined) this.#lookSoon(slave);
  }

  /** Another scheduler is there, or none: it knows nothing of what was asked, and has to answer for itself. */
  frameworkChanged(framework: Framework): void {
    if (this.#books.directives.schedule.length === 0) return;
    for (const asked of this.#byId.values()) if (asked.framework === framework) this.#forget(asked);
    for (const slave of this.#books.slaves.values()) this.changed(slave);
  }

  /** A framework answers. */
  answer(
    framework: Framework,
    ids: readonly OfferId[],
    answer: Exclude<InverseAnswer, 'unknown'>,
    refuseSeconds: number | undefined,
  ): void {
    const { context } = this.#books;
    for (const id of ids) {
      const asked = this.#byId.get(id);
      if (asked === undefined || asked.framework !== framework || asked.answer !== 'unknown') continue;
      asked.answer = answer;
      asked.atMs = context.now();
      if (answer === 'accept') continue;
      asked.again = context.after(Math.min(refusalSeconds(refuseSeconds), REFUSE_SECONDS_MAX) * 1000, () => {
        this.#forget(asked);
        this.changed(asked.slave);
      });
    }
  }

  #look(slaves: readonly Slave[]): void {
    const news = new Map<Framework, InverseOffer[]>();
    for (const slave of slaves) {
      const unavailability = this.#isThere(slave) ? this.#books.unavailabilityOf(slave) : undefined;
      const users = unavailability === undefined ? [] : [...this.#usersOf(slave)];
      for (const asked of [...(this.#asked.get(slave.id)?.values() ?? [])]) {
        const holds =
          users.includes(asked.framework) && isDeepStrictEqual(asked.unavailability, unavailability);
        if (asked.slave !== slave || !holds) this.#rescind(asked);
      }
      if (unavailability === undefined) continue;
      for (const framework of users) {
        if (this.#asked.get(slave.id)?.has(framework.id)) continue;
        const { id } = this.#ask(framework, slave, unavailability);
        const inverseOffer = { id, frameworkId: framework.id, slaveId: slave.id, unavailability };
        const own = news.get(framework);
        if (own === undefined) news.set(framework, [inverseOffer]);
        else own.push(inverseOffer);
      }
    }
    for (const [framework, inverseOffers] of news)
      this.#books.tell(framework, { type: 'INVERSE_OFFERS', inverseOffers });
  }

  #isThere(slave: Slave): boolean {
    return this.#books.slaves.get(slave.id) === slave;
  }

  /** The connected frameworks that have something on the slave. */
  *#usersOf(slave: Slave): Iterable<Framework> {
    const users = new Set<Framework | undefined>();
    for (const { framework, state } of slave.tasks) if (!isTerminal(state)) users.add(framework);
    for (const id of slave.executors.keys()) users.add(this.#books.frameworks.get(id));
    for (const user of users) if (user?.state.is === 'connected') yield user;
  }

  #ask(framework: Framework, slave: Slave, unavailability: Unavailability): Asked {
    const { context, info } = this.#books;
    const id = `${info.id}-I${this.#made++}`;
    const atMs = context.now();
    const asked: Asked = { id, framework, slave, unavailability, answer: 'unknown', atMs, again: undefined };
    let ofSlave = this.#asked.get(slave.id);
    if (ofSlave === undefined) {
      ofSlave = new Map();
      this.#asked.set(slave.id, ofSlave);
    }
    ofSlave.set(framework.id, asked);
    this.#byId.set(id, asked);
    return asked;
  }

  #rescind(asked: Asked): void {
    this.#forget(asked);
    if (asked.answer === 'unknown')
      this.#books.tell(asked.framework, { type: 'RESCIND_INVERSE_OFFER', inverseOfferId: asked.id });
  }

  #forget(asked: Asked): void {
    asked.again?.cancel();
    this.#byId.delete(asked.id);
    const ofSlave = this.#asked.get(asked.slave.id);
    if (ofSlave?.get(asked.framework.id) !== asked) return;
    ofSlave.delete(asked.framework.id);
    if (ofSlave.size === 0) this.#asked.delete(asked.slave.id);
  }
}
