/** A slave's standing with the master that leads: it finds it, registers with it, and obeys no other (NSDI'11 §3.6). */
import type { Following, Leadership } from '../election/election.ts';
import type { SlaveId, SlaveInfo } from '../protocol/entities.ts';
import { isEqual, type Resources, unreserved } from '../protocol/resources.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import { type Address, type Context, type Millis, nameOf, type Timer } from '../runtime/actor.ts';
import type { SlaveSettings } from './options.ts';

/** How long the waits before asking a master may become, unless the first is longer. */
const BACKOFF_MAX_MS = 5_000;
/**
 * Longest wait before a master is asked again whose link broke, and one that then could not be reached, if a detector tells who leads: it
 * is gone, most likely, and thousands of slaves would ask it in vain until the detector knows.
 */
const BROKEN_MS = 1_000;
const UNREACHABLE_MS = 15_000;
/**
 * How long to wait for an answer to a registration that was sent. A link that breaks is noticed, so there is none only from a master
 * that has much to do, such as to hear of all other slaves: to ask it again adds to that.
 */
const ANSWER_MS = 15_000;

type State =
  /** Nobody is known to lead. */
  | { readonly is: 'leaderless' }
  /** Will ask. If it has asked before, the answer may still come. */
  | { readonly is: 'pausing'; readonly master: Address; readonly timer: Timer; readonly hasAsked: boolean }
  /** Has asked, and will again if there is no answer. */
  | { readonly is: 'asked'; readonly master: Address; readonly timer: Timer }
  /** `silence` ends when the master has not been heard of for too long. */
  | {
      readonly is: 'registered';
      readonly master: Address;
      silence: Timer | undefined;
      readonly isLast: boolean;
    };

/** What a slave tells a master that has not known it, or has forgotten it. */
export type Inventory = Pick<
  SlaveReport & { type: 'REREGISTER_SLAVE' },
  'frameworks' | 'executors' | 'tasks'
>;

/** How a master registers the slave. */
type Acceptance = Omit<SlaveOrder & { type: 'SLAVE_REGISTERED' }, 'type'>;

/** What registration needs of its slave, and tells it. */
export interface RegistrationSurroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  /** All that is on the slave. */
  inventory(): Inventory;
  /** Registered, with an id that is the slave's from now on. */
  registered(id: SlaveId): void;
  /** The master is gone, and none comes in its place. */
  orphaned(): void;
}

/** What a registered slave is, and whom it tells. */
export type Registered = Pick<Registration, 'slaveId' | 'slaveInfo' | 'report'>;

/** A registration, from the first attempt to the last. */
export class Registration {
  readonly #slave: RegistrationSurroundings;
  #state: State = { is: 'leaderless' };
  #id: SlaveId | undefined;
  /** What it was before it started anew: an answer that is still under way must not make it that again. */
  #formerId: SlaveId | undefined;
  #following: Following | undefined;
  /** Of the leader, as the detector told last. */
  #leaderId: string | undefined;
  /** Of the leader before: what it said comes late, and is void, also if it has the address of the new one. */
  #deposedId: string | undefined;
  /** The next wait is a random part of it. */
  #backoffMs: Millis;
  /** When the master that has registered the slave was heard of last. */
  #heardMs: Millis = 0;
  /** How long that master may be silent. */
  #silenceMaxMs: Millis;

  /** As they are named now. */
  #resources: Resources;

  /** `former`: what an earlier process of the slave was registered as, and how its resources were named. */
  constructor(
    slave: RegistrationSurroundings,
    former: { readonly id: SlaveId | undefined; readonly resources: Resources | undefined },
  ) {
    const { settings } = slave;
    this.#slave = slave;
    this.#id = former.id;
    this.#resources = settings.resources;
    this.#backoffMs = settings.registrationBackoffMs;
    this.#silenceMaxMs = settings.masterSilenceMaxMs;
    if (former.resources !== undefined) this.rename(former.resources);
  }

  /** Starts to look for the master. */
  start(): void {
    const { master } = this.#slave.settings;
    if (typeof master !== 'string') {
      this.#following = master.follow((leadership) => this.#changed(leadership));
      return;
    }
    const timer = this.#slave.context.after(0, () => this.#ask(master));
    this.#state = { is: 'pausing', master, timer, hasAsked: false };
  }

  /** The slave as it introduces itself; with its id, if it has one. */
  get info(): SlaveInfo {
    const {
      hostname = nameOf(this.#slave.context.self),
      ports,
      attributes,
      checkpoint,
    } = this.#slave.settings;
    return {
      ...(this.#id !== undefined && { id: this.#id }),
      hostname,
      resources: this.#resources,
      ...(ports && { ports }),
      attributes,
      ...(checkpoint !== undefined && { checkpoint: true }),
    };
  }

  /** The same with its id. Fails before it has one. */
  get slaveInfo(): SlaveInfo & { readonly id: SlaveId } {
    return { ...this.info, id: this.slaveId };
  }

  /** Its resources bear these names from now on. Not so, and it returns false, if they are not those that it has. */
  rename(resources: Resources): boolean {
    const isIts = isEqual(unreserved(resources), unreserved(this.#slave.settings.resources));
    if (isIts) this.#resources = resources;
    return isIts;
  }

  /** The names of its resources, unless they are those that it was started with. */
  get renamed(): Resources | undefined {
    return this.#resources === this.#slave.settings.resources ? undefined : this.#resources;
  }

  /** What it is registered as. Fails before it has an id. */
  get slaveId(): SlaveId {
    if (this.#id === undefined) throw new Error('the slave has no id before it is registered');
    return this.#id;
  }

  /** Is this the master that leads, as far as is known, and that the slave has asked? */
  obeys(master: Address): boolean {
    const state = this.#state;
    switch (state.is) {
      case 'leaderless':
        return false;
      case 'pausing':
        return state.hasAsked && state.master === master;
      case 'asked':
      case 'registered':
        return state.master === master;
      default:
        return state satisfies never;
    }
  }

  /** Has the leader registered the slave, so that its orders are not those of an earlier time of its? */
  get isAccepted(): boolean {
    return this.#deposedId === undefined;
  }

  /** Has the master registered the slave? */
  get isRegistered(): boolean {
    return this.#state.is === 'registered';
  }

  /** The master that has registered the slave, or is asked to. */
  get master(): Address | undefined {
    return this.#state.is === 'leaderless' ? undefined : this.#state.master;
  }

  /** Tells the master something; dropped unless it has registered the slave. */
  report(report: SlaveReport): void {
    if (this.#state.is === 'registered') this.#slave.context.send(this.#state.master, report);
  }

  /** The master has registered the slave. */
  accepted({ slaveId: id, masterId, isLast = false, silenceMaxMs }: Acceptance): void {
    if (this.#state.is === 'leaderless' || id === this.#formerId) return;
    if (masterId !== undefined && masterId === this.#deposedId) return;
    this.#deposedId = undefined;
    if (this.#state.is === 'registered' && this.#id === id) return;
    const { master } = this.#state;
    // Again: the answer may have come after a loss, which ends the watching.
    this.#slave.context.watch(master);
    this.#heardMs = this.#slave.context.now();
    this.#silenceMaxMs = silenceMaxMs ?? this.#slave.settings.masterSilenceMaxMs;
    const silence = isLast ? undefined : this.#awaitPing();
    this.#enter({ is: 'registered', master, silence, isLast });
    this.#backoffMs = this.#slave.settings.registrationBackoffMs;
    this.#id = id;
    this.#slave.registered(id);
  }

  /** The master has asked for a sign of life. */
  pinged(): void {
    if (this.#state.is !== 'registered') return;
    this.#heardMs = this.#slave.context.now();
    this.#state.silence ??= this.#awaitPing();
    this.report({ type: 'PONG' });
  }

  /**
   * The master that was asked, or that had registered the slave, says that it does not lead, or does not know it. Where a
   * detector tells who leads, that has the last word.
   */
  redirected(leader: Address | undefined): void {
    const state = this.#state;
    if (state.is !== 'asked' && state.is !== 'registered') return;
    const isHint =
      typeof this.#slave.settings.master === 'string' && leader !== undefined && leader !== state.master;
    // It may not have heard of its own election yet.
    this.#askLater(isHint ? leader : state.master, false);
  }

  /** A process is gone, or out of reach. If it is the master's, all goes on here, and the slave registers again. */
  lost(peer: Address): void {
    const state = this.#state;
    if (state.is === 'registered' && state.isLast && state.master === peer) {
      // It may not have noticed.
      this.#slave.context.send(peer, { type: 'UNREGISTER_SLAVE' });
      return this.#slave.orphaned();
    }
    if ((state.is !== 'asked' && state.is !== 'registered') || state.master !== peer) return;
    const { master } = this.#slave.settings;
    if (typeof master !== 'string') this.#backoffMs = state.is === 'asked' ? UNREACHABLE_MS : BROKEN_MS;
    const next = typeof master === 'string' ? master : peer;
    this.#askLater(next, state.is === 'asked' && next === peer);
  }

  /** Forgets its id, and registers as a new slave. */
  startAnew(): void {
    this.#formerId = this.#id;
    this.#id = undefined;
    if (this.#state.is !== 'leaderless') this.#askLater(this.#state.master, false);
  }

  /** Takes leave. */
  stop(): void {
    this.#following?.stop();
    if (this.#state.is !== 'leaderless')
      this.#slave.context.send(this.#state.master, { type: 'UNREGISTER_SLAVE' });
    this.#enter({ is: 'leaderless' });
  }

  #changed(leadership: Leadership): void {
    switch (leadership.is) {
      case 'unknown':
        // The master that the slave has may lead still.
        return;
      case 'vacant':
        return this.#enter({ is: 'leaderless' });
      case 'held':
        if (this.#isKnown(leadership)) return;
        if (this.#leaderId !== leadership.masterId) this.#deposedId = this.#leaderId;
        this.#leaderId = leadership.masterId;
        this.#backoffMs = this.#slave.settings.registrationBackoffMs;
        return this.#askLater(leadership.master, false);
      default:
        leadership satisfies never;
    }
  }

  /** Is it the one that the slave has asked? */
  #isKnown({ master, masterId }: Leadership & { readonly is: 'held' }): boolean {
    return this.#state.is !== 'leaderless' && this.#state.master === master && this.#leaderId === masterId;
  }

  /** Asks after a while, so that the slaves of a cluster do not all ask at once. */
  #askLater(master: Address, hasAsked: boolean): void {
    const timer = this.#slave.context.after(this.#nextBackoff(), () => this.#ask(master));
    this.#enter({ is: 'pausing', master, timer, hasAsked });
  }

  #ask(master: Address): void {
    this.#slave.context.watch(master);
    const slaveInfo = this.info;
    this.#slave.context.send(
      master,
      slaveInfo.id === undefined
        ? { type: 'REGISTER_SLAVE', slaveInfo }
        : { type: 'REREGISTER_SLAVE', slaveInfo, ...this.#slave.inventory() },
    );
    this.#enter({
      is: 'asked',
      master,
      timer: this.#slave.context.after(ANSWER_MS, () => this.#ask(master)),
    });
  }

  #nextBackoff(): Millis {
    const waitMs = this.#backoffMs * this.#slave.context.random.uniform();
    this.#backoffMs = Math.min(
      2 * this.#backoffMs,
      Math.max(BACKOFF_MAX_MS, this.#slave.settings.registrationBackoffMs),
    );
    return waitMs;
  }

  /** Looks, when the master may have been silent for too long, whether it was: pings are many. */
  #awaitPing(): Timer {
    const nowMs = this.#slave.context.now();
    const limitMs = this.#heardMs + this.#silenceMaxMs;
    return this.#slave.context.after(limitMs - nowMs, this);
  }

  /** Is told when the master may have been silent for too long. */
  due(): void {
    if (this.#state.is !== 'registered') return;
    if (this.#slave.context.now() < this.#heardMs + this.#silenceMaxMs)
      this.#state.silence = this.#awaitPing();
    // At once, because it may only have been slow: what it orders meanwhile must not be missed.
    else this.#ask(this.#state.master);
  }

  #enter(state: State): void {
    switch (this.#state.is) {
      case 'leaderless':
        break;
      case 'pausing':
      case 'asked':
        this.#state.timer.cancel();
        break;
      case 'registered':
        this.#state.silence?.cancel();
        break;
      default:
        this.#state satisfies never;
    }
    this.#state = state;
  }
}
