/**
 * What goes wrong between processes in virtual time: links that break, partitions, processes that stop and go on, slow links.
 *
 * The model is the wire's: between two processes there is one link, a TCP connection. While packets vanish, what is sent waits,
 * and arrives if they come through again in time. If not, the link breaks: all that waited is lost, and those who watch are
 * told, on both sides. Then whoever sends or watches dials; a dial that gets no answer fails, with the same consequences on
 * the side that dialled.
 */
import { type Millis, processOf, type Random } from './actor.ts';
import type { Event, Loss, NetworkModel, Transit } from './virtualEvent.ts';

/** How long a dial may take, as on the wire. */
const DIAL_TIMEOUT_MS = 5000;
const PARTITION_DETECT_MS = 10_000;

/** What faults need of the cluster. */
export interface FaultHost {
  readonly network: NetworkModel;
  readonly random: Random;
  /** All events with a lower order were scheduled before now. */
  order(): number;
  /** All that have or had actors. */
  processes(): Iterable<string>;
  /** Does something later, at least after all that was scheduled before; if a process is given, not while it is paused. */
  step(delayMs: Millis, run: () => void, process?: string): void;
  /** Lets an event happen, unless a fault forbids it. */
  handle(event: Event): void;
  /** Lets an event happen. */
  act(event: Event): void;
  /** Tells those in `watcher` that watch actors in `gone` of their loss, now. */
  tellWatchers(gone: string, watcher: string): void;
}

/** Packets between some processes vanish until it is healed. */
export interface Partition {
  heal(): void;
}

/** One direction of a pair. */
interface Way {
  readonly from: string;
  readonly to: string;
  readonly pair: Pair;
  /** What has come as far as the place where packets vanish. */
  held: (Transit | Loss)[];
  /** Messages of a lower order are lost. */
  lostBefore: number;
  /** `from` has been paused and does not know yet that the link broke: what it sends is lost. */
  isDeaf: boolean;
  /** Tells those of its actors that have begun to watch meanwhile. */
  unheard: (() => void)[];
  /** Of the dial by `from` that is under way. */
  dial: object | undefined;
}

interface Pair {
  /** So many faults keep packets from getting through. */
  cuts: number;
  link:
    | { readonly is: 'open' }
    /** It broke, but nobody knows yet. */
    | { readonly is: 'breaking' }
    /** Packets vanish, and nobody knows yet. */
    | { readonly is: 'silent' }
    /** It broke, and none can be made. */
    | { readonly is: 'down' };
  extraMs: Millis;
  readonly ways: Way[];
}

interface Pause {
  readonly waiting: Event[];
  /** Pairs whose links broke because of it. */
  readonly cutOff: Set<Pair>;
  /** Has it lasted so long that every link has broken? */
  isLong: boolean;
}

/** The faults of a cluster. */
export class VirtualFaults {
  readonly #host: FaultHost;
  readonly #ways = new Map<string, Map<string, Way>>();
  readonly #pauses = new Map<string, Pause>();

  constructor(host: FaultHost) {
    this.#host = host;
  }

  // --- what a test or a simulation may do ---

  breakLink(a: string, b: string): void {
    const pair = this.#pair(a, b);
    if (pair.link.is === 'silent') return this.#sever(pair);
    if (pair.link.is !== 'open') return;
    pair.link = { is: 'breaking' };
    this.#host.step(this.#host.network.detectMs, () => {
      if (pair.link.is === 'breaking') this.#sever(pair);
    });
  }

  partition(groupA: readonly string[], groupB: readonly string[]): Partition {
    const pairs = new Set(groupA.flatMap((a) => groupB.flatMap((b) => (a === b ? [] : this.#pair(a, b)))));
    for (const pair of pairs) this.#cut(pair);
    return {
      heal: () => {
        for (const pair of pairs) this.#uncut(pair);
        pairs.clear();
      },
    };
  }

  pause(process: string): void {
    if (this.#pauses.has(process)) return;
    const pause: Pause = { waiting: [], cutOff: new Set(), isLong: false };
    this.#pauses.set(process, pause);
    const ifPaused = (run: () => void) => () => {
      if (this.#pauses.get(process) === pause) run();
    };
    for (const peer of this.#host.processes())
      if (peer !== process)
        this.#host.step(
          this.#drawDetectMs(),
          ifPaused(() => this.#cutOff(pause, this.#pair(process, peer))),
        );
    this.#host.step(
      1.5 * this.#detectMs,
      ifPaused(() => {
        pause.isLong = true;
      }),
    );
  }

  resume(process: string): void {
    const pause = this.#pauses.get(process);
    if (pause === undefined) return;
    this.#pauses.delete(process);
    for (const event of pause.waiting) this.#host.act(event);
    for (const pair of pause.cutOff) this.#uncut(pair);
  }

  isPaused(process: string): boolean {
    return this.#pauses.has(process);
  }

  slow(a: string, b: string, extraMs: Millis, forMs: Millis): void {
    const pair = this.#pair(a, b);
    pair.extraMs += extraMs;
    this.#host.step(forMs, () => {
      pair.extraMs -= extraMs;
    });
  }

  // --- what the cluster asks and tells ---

  /** Keeps an event from happening, now or at all, and says so. */
  intercepts(event: Event): boolean {
    switch (event.kind) {
      case 'message': {
        const way = this.#way(event.from.process.name, event.to.process.name);
        if (way !== undefined && this.#stops(way, event)) return true;
        return this.#waits(event.to.process.name, event);
      }
      case 'lost': {
        const way = this.#way(processOf(event.peer), event.to.process.name);
        if (way !== undefined && this.#delays(way, event)) return true;
        return this.#waits(event.to.process.name, event);
      }
      case 'timer':
        return this.#waits(event.owner.process.name, event);
      case 'step':
        return event.process !== undefined && this.#waits(event.process, event);
      default:
        return event satisfies never;
    }
  }

  /** A message is sent: how much longer it takes, or that it is lost. */
  sends(from: string, to: string): Millis | 'lost' {
    const way = this.#reach(from, to);
    if (way === undefined) return 0;
    return way.isDeaf ? 'lost' : way.pair.extraMs;
  }

  /** Someone begins to watch. True if it watches a link that has broken already: it will be told. */
  watches(watcher: string, peer: string, tell: () => void): boolean {
    const way = this.#reach(watcher, peer);
    if (!way?.isDeaf) return false;
    way.unheard.push(tell);
    return true;
  }

  /** How much longer it takes until a process' death is noticed by another. */
  extraMs(gone: string, watcher: string): Millis {
    return this.#way(gone, watcher)?.pair.extraMs ?? 0;
  }

  crashed(process: string): void {
    const pause = this.#pauses.get(process);
    this.#pauses.delete(process);
    for (const way of this.#ways.get(process)?.values() ?? []) {
      way.isDeaf = false;
      way.unheard = [];
      way.dial = undefined;
      if (way.pair.link.is === 'down') way.held = [];
    }
    for (const pair of pause?.cutOff ?? []) this.#uncut(pair);
  }

  // --- links ---

  #stops(way: Way, event: Transit): boolean {
    if (event.order < way.lostBefore) return true;
    switch (way.pair.link.is) {
      case 'open':
        return false;
      case 'breaking':
        return true;
      case 'silent':
      case 'down':
        way.held.push(event);
        return true;
      default:
        return way.pair.link satisfies never;
    }
  }

  /** The end of a process is told over the same link. */
  #delays(way: Way, event: Loss): boolean {
    if (way.pair.link.is === 'silent') {
      way.held.push(event);
      return true;
    }
    const dialled = this.#way(way.to, way.from);
    if (way.pair.link.is !== 'down' || dialled?.dial === undefined) return false;
    dialled.held.push(event);
    return true;
  }

  #waits(process: string, event: Event): boolean {
    const pause = this.#pauses.get(process);
    pause?.waiting.push(event);
    return pause !== undefined;
  }

  #cut(pair: Pair): void {
    pair.cuts++;
    if (pair.link.is !== 'open') return;
    const silent = { is: 'silent' } as const;
    pair.link = silent;
    this.#host.step(this.#drawDetectMs(), () => {
      if (pair.link === silent) this.#sever(pair);
    });
  }

  #uncut(pair: Pair): void {
    pair.cuts--;
    if (pair.cuts > 0 || pair.link.is === 'open' || pair.link.is === 'breaking') return;
    pair.link = { is: 'open' };
    for (const way of pair.ways) {
      way.dial = undefined;
      const { held } = way;
      way.held = [];
      for (const event of held) this.#host.handle(event);
    }
  }

  #cutOff(pause: Pause, pair: Pair): void {
    pause.cutOff.add(pair);
    pair.cuts++;
    if (pair.link.is !== 'down') this.#sever(pair);
  }

  /** The link is broken, and both sides learn it. */
  #sever(pair: Pair): void {
    pair.link = { is: pair.cuts > 0 ? 'down' : 'open' };
    for (const way of pair.ways) this.#drop(way);
  }

  /** What is under way is lost, and `from` learns it. */
  #drop(way: Way): void {
    const { from, to, held } = way;
    way.lostBefore = this.#host.order();
    way.held = [];
    way.dial = undefined;
    for (const event of held) if (event.kind === 'lost') this.#host.handle(event);
    this.#host.tellWatchers(to, from);
    if (!this.#pauses.has(from)) return;
    way.isDeaf = true;
    const hear = (): void => {
      way.isDeaf = false;
      for (const tell of way.unheard.splice(0)) tell();
    };
    this.#host.step(0, hear, from);
  }

  /** The way, dialling if there is no link. */
  #reach(from: string, to: string): Way | undefined {
    const pause = this.#pauses.get(to);
    if (pause?.isLong && from !== to) {
      const pair = this.#pair(from, to);
      if (!pause.cutOff.has(pair)) this.#cutOff(pause, pair);
    }
    const way = this.#way(from, to);
    if (way?.pair.link.is !== 'down' || way.dial !== undefined || way.isDeaf) return way;
    const dial = {};
    way.dial = dial;
    this.#host.step(DIAL_TIMEOUT_MS, () => {
      if (way.dial === dial) this.#drop(way);
    });
    return way;
  }

  #way(from: string, to: string): Way | undefined {
    return this.#ways.get(from)?.get(to);
  }

  #pair(a: string, b: string): Pair {
    const known = this.#way(a, b)?.pair;
    if (known !== undefined) return known;
    const pair: Pair = { cuts: 0, link: { is: 'open' }, extraMs: 0, ways: [] };
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const way: Way = {
        from,
        to,
        pair,
        held: [],
        lostBefore: 0,
        isDeaf: false,
        unheard: [],
        dial: undefined,
      };
      pair.ways.push(way);
      const ways = this.#ways.get(from) ?? new Map<string, Way>();
      this.#ways.set(from, ways.set(to, way));
    }
    return pair;
  }

  get #detectMs(): Millis {
    return this.#host.network.partitionDetectMs ?? PARTITION_DETECT_MS;
  }

  #drawDetectMs(): Millis {
    return this.#detectMs * (1 + this.#host.random.uniform() / 2);
  }
}
