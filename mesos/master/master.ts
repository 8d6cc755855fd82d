/**
 * The master: keeps the books of slaves, frameworks, offers and tasks, asks the allocation module what to offer to whom, and
 * carries messages between schedulers and slaves (NSDI'11 §3). Of several masters one leads; the others send those who ask to
 * it (§3.6).
 */
import type { Candidacy, Leadership } from '../election/election.ts';
import type { MasterInfo } from '../protocol/entities.ts';
import { MASTER_INBOX, type MasterMessage } from '../protocol/message.ts';
import { type Actor, type ActorKind, type Address, type Context, processOf } from '../runtime/actor.ts';
import { VERSION } from '../version.ts';
import type { MasterOptions } from './options.ts';
import { Reign } from './reign.ts';
import type { MasterWindow } from './window.ts';

/** A master, as an actor. */
export function master(options: MasterOptions): ActorKind<MasterMessage> {
  return { inbox: MASTER_INBOX, create: (context) => new Master(context, options) };
}

/** A master that was deposed stands again after this long, so that a lasting cause does not make it try without pause. */
const STAND_AGAIN_MS = 500;

/** Without an election nobody can take its place. */
const UNCONTESTED: Candidacy = { leads: () => true, withdraw() {} };

class Master implements Actor<MasterMessage> {
  readonly #context: Context;
  readonly #options: MasterOptions;
  #leadership: Leadership = { is: 'unknown' };
  /** The last that is known to have led; it may lead still, if nothing is known now. */
  #leader: (Leadership & { readonly is: 'held' }) | undefined;
  #candidacy: Candidacy = UNCONTESTED;
  #info: MasterInfo;
  #state:
    | { readonly is: 'standby' }
    | { readonly is: 'leading'; readonly reign: Reign; readonly isFirst: boolean } = { is: 'standby' };
  /** There was a reign, its own or another's. */
  #sawReign = false;

  constructor(context: Context, options: MasterOptions) {
    this.#context = context;
    this.#options = options;
    this.#info = this.#introduce();
    const { election, stopping } = options;
    options.opened?.(this.#window());
    stopping?.addEventListener('abort', () => {
      this.#candidacy.withdraw();
      this.#abdicate('it is told to end');
    });
    election?.follow((leadership) => this.#follow(leadership));
    if (election === undefined) this.#elected();
    else this.#stand();
  }

  receive(message: MasterMessage, from: Address): void {
    this.#options.observer?.received(message.type);
    const reign = this.#reign();
    if (reign !== undefined) return reign.receive(message, from);
    this.#options.observer?.dropped(message.type);
    if (message.type === 'PONG') return;
    this.#context.send(from, {
      type: 'REDIRECT',
      ...(this.#leadership.is === 'held' && { leader: this.#leadership.master }),
    });
  }

  lost(peer: Address): void {
    this.#reign()?.lost(peer);
  }

  #follow(leadership: Leadership): void {
    this.#leadership = leadership;
    if (leadership.is === 'held' && leadership.masterId !== this.#info.id) this.#sawReign = true;
    if (leadership.is === 'unknown') return;
    const former = this.#leader;
    this.#leader = leadership.is === 'held' ? leadership : undefined;
    if (former?.masterId === undefined || former.masterId === this.#leader?.masterId) return;
    if (former.master !== this.#context.self)
      this.#context.record({ event: 'leader-lost', masterId: former.masterId });
  }

  /** The reign, if this master may act as the leader at this moment. */
  #reign(): Reign | undefined {
    if (this.#state.is === 'standby') return undefined;
    if (this.#candidacy.leads()) return this.#state.reign;
    // If its session lives after all, it must not keep the others from leading.
    this.#candidacy.withdraw();
    this.#deposed('its session may have ended');
    return undefined;
  }

  #window(): MasterWindow {
    const reign = (): Reign | undefined => this.#reign();
    const leader = (): Address | undefined => {
      if (reign() !== undefined) return this.#context.self;
      return this.#leadership.is === 'held' ? this.#leadership.master : undefined;
    };
    const isFirst = (): boolean => this.#state.is === 'leading' && this.#state.isFirst;
    const info = (): MasterInfo => this.#info;
    const { self, now } = this.#context;
    return {
      self,
      startedMs: now(),
      now,
      get info() {
        return info();
      },
      get reign() {
        return reign();
      },
      get isFirst() {
        return isFirst();
      },
      get leader() {
        return leader();
      },
    };
  }

  /** Each reign has an id of its own, and so have the frameworks, slaves and offers that it names. */
  #introduce(): MasterInfo {
    const { self, random } = this.#context;
    const id = [0, 0, 0].map(() => random.uint32().toString(16).padStart(8, '0')).join('');
    return { id, address: processOf(self), version: VERSION };
  }

  #stand(): void {
    const { election, stopping } = this.#options;
    if (election === undefined || stopping?.aborted) return;
    this.#info = this.#introduce();
    this.#candidacy = election.stand(this.#info, {
      elected: (isFirst) => this.#elected(isFirst),
      deposed: (reason) => this.#deposed(reason),
    });
  }

  #deposed(reason: string): void {
    this.#abdicate(reason);
    this.#context.after(STAND_AGAIN_MS, () => this.#stand());
  }

  #elected(isFirst = false): void {
    const leads = (): boolean => this.#reign() !== undefined;
    let reign: Reign;
    try {
      reign = new Reign(this.#context, this.#options, this.#info, leads);
    } catch (error) {
      if (this.#options.election === undefined) throw error;
      // Another may be able to lead.
      this.#candidacy.withdraw();
      const { message: reason } = error as Error;
      this.#context.record({ event: 'master-deposed', masterId: this.#info.id, reason });
      return this.#deposed(reason);
    }
    this.#context.record({ event: 'master-elected', masterId: this.#info.id });
    this.#state = { is: 'leading', reign, isFirst: isFirst && !this.#sawReign };
    this.#sawReign = true;
    this.#options.observer?.reignBegun(reign.books);
  }

  #abdicate(reason: string): void {
    if (this.#state.is === 'standby') return;
    this.#state.reign.end();
    this.#state = { is: 'standby' };
    this.#options.observer?.reignEnded();
    this.#context.record({ event: 'master-deposed', masterId: this.#info.id, reason });
  }
}
