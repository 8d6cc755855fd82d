/**
 * An election in virtual time: a model of a ZooKeeper ensemble and its clients. The ensemble is one process, which can be cut
 * off, paused or crashed like any other; what it knows outlives its process, as if written to its members' disks.
 *
 * A client says all that it wants with each heartbeat, and the ensemble answers with all that it should know, so that a lost
 * message costs time and nothing else. A session ends when no heartbeat has come for its time-out. The client counts from
 * when it sent the last one that was answered, the ensemble from when one arrived: so the client gives up first.
 */
import type { MasterInfo } from '../protocol/entities.ts';
import type { Message } from '../protocol/message.ts';
import type { Actor, ActorKind, Address, Context, Millis, Timer } from '../runtime/actor.ts';
import type { VirtualCluster } from '../runtime/virtual.ts';
import type { Candidacy, CandidateEvents, Election, Following, Leadership } from './election.ts';

/** How the ensemble is set up. */
export interface EnsembleOptions {
  /** After so long without a heartbeat a session ends. Default 10 s, as in Mesos. */
  readonly sessionTimeoutMs?: Millis;
  /** Sessions end at multiples of this only, as in ZooKeeper at those of its tick (`tickTime`). Default 0: on time. */
  readonly tickMs?: Millis;
  /** How often clients send heartbeats in a time-out. Default 3, as ZooKeeper's own clients do: two may be lost. */
  readonly heartbeats?: number;
  /** The process that it lives in. Default `zookeeper:2181`. */
  readonly process?: string;
}

/** A modelled ensemble. */
export interface VirtualEnsemble {
  /** The process that it lives in. */
  readonly process: string;
  /** What a process asks who leads, or stands with; each life of a process needs one of its own. */
  electionFor(process: string): Election;
  /** Starts it again after a crash. The sessions count from now. */
  restart(): void;
}

/** Starts an ensemble. */
export function virtualEnsemble(cluster: VirtualCluster, options: EnsembleOptions = {}): VirtualEnsemble {
  const { sessionTimeoutMs = 10_000, tickMs = 0, heartbeats = 3, process = 'zookeeper:2181' } = options;
  const times = { sessionTimeoutMs, tickMs };
  const records: Records = { sessions: new Map(), standing: new Map() };
  const start = (): Address =>
    spawn<Wish>(cluster, process, 'ensemble', (context) => new Ensemble(context, records, times));
  const ensemble = start();
  let clients = 0;
  return {
    process,
    electionFor: (own) => {
      let made: Client | undefined;
      spawn<View>(cluster, own, `election${++clients}`, (context) => {
        made = new Client(context, ensemble, { sessionTimeoutMs, heartbeats });
        return made;
      });
      if (made === undefined) throw new Error('the client was not made');
      return made;
    },
    restart: () => void start(),
  };
}

/** What a client wants. */
interface Wish {
  readonly type: 'WISH';
  readonly session: string;
  /** It does not know yet whether the session is there. */
  readonly isNew: boolean;
  /** A session of its own that is over. */
  readonly over: string | undefined;
  readonly candidate: { readonly n: number; readonly info: MasterInfo } | undefined;
  readonly sentMs: Millis;
}

/** What a client should know. */
interface View {
  readonly type: 'VIEW';
  readonly session: string;
  readonly isOver: boolean;
  readonly leader: Leader | undefined;
  /** When the heartbeat was sent that this answers; undefined: something has changed. */
  readonly answersMs: Millis | undefined;
}

interface Leader {
  readonly session: string;
  /** Of the candidate in its session. */
  readonly n: number;
  readonly masterId: string;
  readonly address: Address;
}

/** The messages of the election are its own: the protocol of the cluster knows nothing of them. */
function spawn<M extends Wish | View>(
  cluster: VirtualCluster,
  process: string,
  name: string,
  create: (context: PrivateContext) => { receive(message: M, from: Address): void; lost?(): void },
): Address {
  const kind: ActorKind = {
    inbox: {},
    create: ({ send, ...context }) =>
      create({
        ...context,
        send: (to, message) => send(to, message as unknown as Message),
      }) as unknown as Actor,
  };
  return cluster.process(process).spawn(name, kind);
}

type PrivateContext = Omit<Context, 'send'> & { send(to: Address, message: Wish | View): void };

// --- the ensemble ---

/** What the ensemble knows of a session. */
interface Session {
  readonly client: Address;
  heardMs: Millis;
  candidate: { readonly n: number; readonly info: MasterInfo; readonly standing: number } | undefined;
}

interface Records {
  /** By id. */
  readonly sessions: Map<string, Session>;
  /** Those with a candidate, so that thousands of followers cost nothing. */
  readonly standing: Map<string, NonNullable<Session['candidate']>>;
}

type EnsembleTimes = Required<Pick<EnsembleOptions, 'sessionTimeoutMs' | 'tickMs'>>;

class Ensemble {
  readonly #context: PrivateContext;
  readonly #records: Records;
  readonly #times: EnsembleTimes;

  constructor(context: PrivateContext, records: Records, times: EnsembleTimes) {
    this.#context = context;
    this.#records = records;
    this.#times = times;
    for (const [id, session] of records.sessions) {
      session.heardMs = context.now();
      this.#expireLater(id, session);
    }
  }

  receive({ session: id, isNew, over, candidate, sentMs }: Wish, client: Address): void {
    this.#change(() => {
      if (over !== undefined) this.#close(over);
      const session = this.#records.sessions.get(id) ?? (isNew ? this.#open(id, client) : undefined);
      if (session === undefined) return;
      session.heardMs = this.#context.now();
      if (candidate?.n !== session.candidate?.n) this.#nominate(id, session, candidate);
    });
    this.#tell(client, id, sentMs);
  }

  #nominate(id: string, session: Session, candidate: Wish['candidate']): void {
    session.candidate = candidate && { ...candidate, standing: this.#nextStanding() };
    if (session.candidate === undefined) this.#records.standing.delete(id);
    else this.#records.standing.set(id, session.candidate);
  }

  #close(id: string): void {
    this.#records.sessions.delete(id);
    this.#records.standing.delete(id);
  }

  #open(id: string, client: Address): Session {
    const session: Session = { client, heardMs: this.#context.now(), candidate: undefined };
    this.#records.sessions.set(id, session);
    this.#expireLater(id, session);
    return session;
  }

  #expireLater(id: string, session: Session): void {
    this.#context.after(this.#endMs(session) - this.#context.now(), () => {
      if (this.#records.sessions.get(id) !== session) return;
      if (this.#endMs(session) > this.#context.now()) return this.#expireLater(id, session);
      this.#change(() => this.#close(id));
    });
  }

  /** When the session ends unless it is heard of before that. */
  #endMs({ heardMs }: Session): Millis {
    const { sessionTimeoutMs, tickMs } = this.#times;
    const endMs = heardMs + sessionTimeoutMs;
    return tickMs > 0 ? Math.ceil(endMs / tickMs) * tickMs : endMs;
  }

  /** Changes the records, and tells everybody if another leads after that. */
  #change(run: () => void): void {
    const before = this.#leader();
    run();
    const after = this.#leader();
    if (isSame(before, after)) return;
    for (const [id, { client }] of this.#records.sessions) this.#tell(client, id, undefined);
  }

  #tell(client: Address, session: string, answersMs: Millis | undefined): void {
    const isOver = !this.#records.sessions.has(session);
    this.#context.send(client, { type: 'VIEW', session, isOver, leader: this.#leader(), answersMs });
  }

  /** One higher than any candidate's. */
  #nextStanding(): number {
    let last = 0;
    for (const { standing } of this.#records.standing.values()) last = Math.max(last, standing);
    return last + 1;
  }

  /** The candidate that has stood longest. */
  #leader(): Leader | undefined {
    let leader: Leader | undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const [session, candidate] of this.#records.standing) {
      if (candidate.standing >= first) continue;
      first = candidate.standing;
      const { id: masterId, address } = candidate.info;
      leader = { session, n: candidate.n, masterId, address: `master@${address}` };
    }
    return leader;
  }
}

// --- a client ---

interface Stand {
  /** Counts the stands of this client. */
  readonly n: number;
  readonly info: MasterInfo;
  readonly events: CandidateEvents;
  isElected: boolean;
}

const OUT_OF_TOUCH = 'it is out of touch with those who decide';
/** From a loss until the next heartbeat. */
const RETRY_MS = 500;

class Client implements Election {
  readonly #context: PrivateContext;
  readonly #ensemble: Address;
  readonly #timeoutMs: Millis;
  readonly #heartbeats: number;
  readonly #followers = new Set<(leadership: Leadership) => void>();
  #sessions = 1;
  /** It has been answered in this session. */
  #isKnown = false;
  #over: string | undefined;
  /** In touch until then: the session lives at least so long. */
  #deadlineMs: Millis = Number.NEGATIVE_INFINITY;
  #deadline: Timer | undefined;
  #retry: Timer | undefined;
  #leader: Leader | undefined;
  #leadership: Leadership = { is: 'unknown' };
  #stands = 0;
  #stand: Stand | undefined;

  constructor(
    context: PrivateContext,
    ensemble: Address,
    { sessionTimeoutMs, heartbeats }: Required<Pick<EnsembleOptions, 'sessionTimeoutMs' | 'heartbeats'>>,
  ) {
    this.#context = context;
    this.#ensemble = ensemble;
    this.#timeoutMs = sessionTimeoutMs;
    this.#heartbeats = heartbeats;
    this.#heartbeat();
  }

  follow(changed: (leadership: Leadership) => void): Following {
    const follower = (leadership: Leadership): void => changed(leadership);
    this.#context.after(0, () => {
      if (this.#followers.has(follower)) changed(this.#leadership);
    });
    this.#followers.add(follower);
    return { stop: () => void this.#followers.delete(follower) };
  }

  stand(info: MasterInfo, events: CandidateEvents): Candidacy {
    if (this.#stand !== undefined) throw new Error('this process stands already; it must withdraw first');
    const stand: Stand = { n: ++this.#stands, info, events, isElected: false };
    this.#stand = stand;
    this.#wish();
    return {
      leads: () => this.#stand === stand && stand.isElected && this.#isInTouch,
      withdraw: () => {
        if (this.#stand !== stand) return;
        this.#stand = undefined;
        this.#wish();
      },
    };
  }

  receive({ session, isOver, leader, answersMs }: View): void {
    if (session !== this.#session) return;
    if (isOver) return this.#end('its session has expired');
    // Who asked whether it leads has been told that it does not.
    if (this.#isKnown && !this.#isInTouch) return this.#end(OUT_OF_TOUCH);
    if (answersMs !== undefined) this.#inTouchUntil(answersMs + this.#timeoutMs);
    if (!this.#isInTouch) return;
    this.#isKnown = true;
    this.#over = undefined;
    const isNews = this.#leadership.is === 'unknown' || !isSame(leader, this.#leader);
    this.#leader = leader;
    if (isNews) this.#learn(leader ? heldBy(leader) : { is: 'vacant' });
    const stand = this.#stand;
    if (stand === undefined || stand.isElected || leader?.session !== session || leader.n !== stand.n) return;
    stand.isElected = true;
    stand.events.elected();
  }

  /** What was under way is lost. */
  lost(): void {
    this.#retry?.cancel();
    this.#retry = this.#context.after(RETRY_MS, () => this.#wish());
  }

  get #session(): string {
    return `${this.#context.self}#${this.#sessions}`;
  }

  get #isInTouch(): boolean {
    return this.#context.now() < this.#deadlineMs;
  }

  #heartbeat(): void {
    this.#wish();
    this.#context.after(this.#timeoutMs / this.#heartbeats, () => this.#heartbeat());
  }

  #wish(): void {
    this.#context.watch(this.#ensemble);
    this.#context.send(this.#ensemble, {
      type: 'WISH',
      session: this.#session,
      isNew: !this.#isKnown,
      over: this.#over,
      candidate: this.#stand && { n: this.#stand.n, info: this.#stand.info },
      sentMs: this.#context.now(),
    });
  }

  #inTouchUntil(deadlineMs: Millis): void {
    // An answer so late is none.
    if (deadlineMs <= Math.max(this.#deadlineMs, this.#context.now())) return;
    this.#deadlineMs = deadlineMs;
    this.#deadline?.cancel();
    this.#deadline = this.#context.after(deadlineMs - this.#context.now(), () => this.#end(OUT_OF_TOUCH));
  }

  /** The session is over, or may be: what it stood for is lost, and the next one begins. */
  #end(reason: string): void {
    this.#over = this.#session;
    this.#sessions++;
    this.#isKnown = false;
    this.#deadline?.cancel();
    this.#deadlineMs = Number.NEGATIVE_INFINITY;
    this.#leader = undefined;
    const stand = this.#stand;
    this.#stand = undefined;
    this.#learn({ is: 'unknown' });
    stand?.events.deposed(reason);
    this.#wish();
  }

  #learn(leadership: Leadership): void {
    this.#leadership = leadership;
    for (const follower of [...this.#followers]) if (this.#followers.has(follower)) follower(leadership);
  }
}

const isSame = (a: Leader | undefined, b: Leader | undefined): boolean =>
  a?.session === b?.session && a?.n === b?.n;

const heldBy = ({ address, masterId }: Leader): Leadership => ({ is: 'held', master: address, masterId });
