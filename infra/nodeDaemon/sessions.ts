/**
 * Sessions of controllers, at the daemon: the processes of one end when it is silent for too long. A connection that breaks does not
 * end it; the controller may come back and misses nothing that is still kept.
 */
import { status } from '@grpc/grpc-js';
import type { ProcessTable } from './processTable.ts';
import { AWAITED_MAX, BEAT_MS, decode, type Order, orderSchema } from './protocol.ts';
import { type SessionCall, type SessionNews, sessionNews } from './sessionNews.ts';

/** All sessions of a daemon. */
export interface Sessions {
  /** Takes a call, which begins a session or goes on with one. */
  take(call: SessionCall): void;
  /** Ends all of them, and their processes. */
  endAll(): Promise<void>;
}

interface Session {
  readonly id: string;
  readonly news: SessionNews;
  silenceMs: number;
  silence: NodeJS.Timeout;
  /** How many messages have come. */
  heard: number;
  /** How many of them were orders beside hello and beat. */
  taken: number;
  /** Why processes were not started, the latest last; of as many as a controller may wait for. */
  readonly refusals: Map<string, string>;
  state: 'open' | 'ending';
}

type Hello = Extract<Order, { order: 'hello' }>;

/** What came while this process did not run is looked at before a controller is called silent. */
const SECOND_LOOK_MS = 100;
/** A call that does not begin with a hello is ended then. */
const HELLO_LIMIT_MS = 5_000;

/** Makes room for sessions. `log` is told when one begins and ends. */
export function sessionsOf(table: ProcessTable, log: (line: string) => void): Sessions {
  const all = new Map<string, Session>();

  function greet(call: SessionCall, { session: id, silenceMs, seen, awaited }: Hello): Session {
    const before = all.get(id);
    const session = before ?? begin(id, silenceMs);
    session.heard += 1;
    session.silenceMs = silenceMs;
    clearTimeout(session.silence);
    session.silence = setTimeout(() => suspect(session), silenceMs);
    session.news.call?.end();
    session.news.carryBy(call);
    session.news.tell({ news: 'welcome', isNew: before === undefined, taken: session.taken });
    for (const [process, next] of Object.entries(seen)) follow(session, process, next);
    for (const process of awaited) {
      if (table.get(process) !== undefined) follow(session, process, 0);
      const reason = session.refusals.get(process);
      if (reason !== undefined) session.news.tell({ news: 'refused', id: process, reason });
    }
    return session;
  }

  function begin(id: string, silenceMs: number): Session {
    log(`session ${id} begins`);
    const session: Session = {
      id,
      news: sessionNews(),
      silenceMs,
      silence: setTimeout(() => {}, silenceMs),
      heard: 0,
      taken: 0,
      refusals: new Map(),
      state: 'open',
    };
    all.set(id, session);
    return session;
  }

  function refuse(session: Session, id: string, reason: string): void {
    const { refusals } = session;
    refusals.delete(id);
    refusals.set(id, reason);
    const [oldest = id] = refusals.keys();
    if (refusals.size > AWAITED_MAX) refusals.delete(oldest);
    session.news.tell({ news: 'refused', id, reason });
  }

  function follow(session: Session, id: string, from?: number): void {
    const entry = table.get(id);
    if (entry === undefined) return refuse(session, id, 'it is not known any more');
    const { news } = session;
    news.tell({ news: 'started', id, pid: entry.process.pid });
    news.follow(entry, from ?? entry.lines.first);
  }

  function suspect(session: Session): void {
    const { heard } = session;
    setTimeout(() => {
      if (session.heard !== heard) session.silence.refresh();
      else void end(session, `nothing was heard for ${session.silenceMs} ms`);
    }, SECOND_LOOK_MS);
  }

  async function end(session: Session, why: string): Promise<void> {
    if (session.state === 'ending') return;
    session.state = 'ending';
    clearTimeout(session.silence);
    log(`session ${session.id} ends: ${why}`);
    await table.end(session.id);
    session.news.close();
    session.news.tell({ news: 'ended' });
    session.news.call?.end();
    all.delete(session.id);
  }

  function obey(session: Session, order: Exclude<Order, Hello>): void {
    if (order.order !== 'beat') session.taken += 1;
    switch (order.order) {
      case 'beat':
        return;
      case 'start': {
        const { id, spec } = order;
        if (session.state === 'ending') return refuse(session, id, 'the session is ending');
        table.start(id, spec, session.id).then(
          () => follow(session, id, 0),
          (error: Error) => refuse(session, id, error.message),
        );
        return;
      }
      case 'follow':
        return follow(session, order.id);
      case 'signal': {
        const process = table.get(order.id)?.process;
        if (order.isAlone) process?.signalAlone(order.signal);
        else process?.signal(order.signal);
        return;
      }
      case 'stop':
        void table.get(order.id)?.process.stop();
        return;
      case 'end':
        void end(session, 'its controller says so');
        return;
      default:
        order satisfies never;
    }
  }

  function take(call: SessionCall): void {
    let session: Session | undefined;
    const fail = (details: string): void => {
      call.emit('error', { code: status.INVALID_ARGUMENT, details });
    };
    const limit = setTimeout(() => fail('it begins with no hello'), HELLO_LIMIT_MS);
    const beat = setInterval(() => session?.news.beat(session.taken), BEAT_MS);
    const gone = (): void => {
      clearTimeout(limit);
      clearInterval(beat);
      if (session?.news.call === call) session.news.carryBy(undefined);
    };
    for (const over of ['cancelled', 'error', 'close']) call.on(over, gone);
    call.on('end', () => call.end());
    call.on('data', (bytes: Buffer) => {
      const order = read(bytes);
      if (typeof order === 'string') return fail(`an order is not understood: ${order}`);
      if (session !== undefined) {
        if (session.news.call !== call) return;
        if (order.order === 'hello') return fail('it says hello twice');
        session.heard += 1;
        session.silence.refresh();
        return obey(session, order);
      }
      clearTimeout(limit);
      if (order.order !== 'hello') return fail('it begins with no hello');
      if (all.get(order.session)?.state === 'ending') return fail('the session is ending');
      session = greet(call, order);
    });
  }

  return {
    take,
    async endAll() {
      await Promise.all([...all.values()].map((session) => end(session, 'the daemon ends')));
    },
  };
}

/** An order, or what is wrong with it. */
function read(bytes: Buffer): Order | string {
  try {
    return decode(orderSchema, bytes);
  } catch (error) {
    return (error as Error).message;
  }
}
