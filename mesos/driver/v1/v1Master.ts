/**
 * A master behind the v1 scheduler API, ours or Apache's: an actor that the scheduler's driver in its process takes for its
 * master. It carries the driver's calls there over HTTP, and the events of the stream back. The driver does all the rest: when the
 * stream is lost it is told as if the master did not know it any more, and asks again.
 */
import type { Detector, Leadership } from '../../election/election.ts';
import type { FrameworkId } from '../../protocol/entities.ts';
import { SCHEDULER_CALLS, type SchedulerCall, type SchedulerEvent } from '../../protocol/scheduler.ts';
import {
  type ActorKind,
  type Address,
  type Context,
  type Millis,
  processOf,
  type Runtime,
} from '../../runtime/actor.ts';
import { type ContentType, encode } from '../../v1/codec.ts';
import { Call } from '../../v1/scheduler.ts';
import { Unsupported } from '../../v1/translate/refusal.ts';
import { callToV1, type Subscribe, subscribeToV1 } from '../../v1/translate/schedulerCalls.ts';
import { type CallQueue, callQueue } from './callQueue.ts';
import { readEvent } from './events.ts';
import { ANSWER_MS, type ClientTls, type HttpClient, httpClient, inWords } from './httpClient.ts';
import { CallRefused, type Opened, openStream } from './opening.ts';
import { hearRecords } from './stream.ts';
import { type Scheme, schedulerUrl } from './url.ts';

/** How to reach masters. */
export interface V1MasterOptions {
  /** The URLs of their APIs, of which one leads or knows who does; or who finds the one that leads. */
  readonly masters: readonly URL[] | { readonly detector: Detector; readonly scheme: Scheme };
  readonly contentType: ContentType;
  /** The header by which it proves who it is. */
  readonly authorization?: string;
  readonly tls?: ClientTls;
  readonly log: (line: string) => void;
}

/** A master behind the v1 API. */
export interface V1Master {
  /** What the scheduler's driver takes for it. One driver can. */
  readonly master: Address | Detector;
  /** Ends it when the calls that were made have been answered, within a second. */
  close(): Promise<void>;
}

/** A question that comes so soon after the answer has crossed it. */
const CROSSING_MS: Millis = 1_000;
const CLOSE_MS: Millis = 1_000;

/** Starts it; `runtime` is that of the driver. */
export function v1Master(runtime: Runtime, options: V1MasterOptions): V1Master {
  let bridge: Bridge | undefined;
  const kind: ActorKind<SchedulerCall> = {
    inbox: SCHEDULER_CALLS,
    create(context) {
      bridge = new Bridge(context, options);
      return bridge;
    },
  };
  const address = runtime.spawn('v1-master', kind);
  const { masters } = options;
  return {
    master: 'detector' in masters ? behind(masters, address, (urls) => bridge?.lookTo(urls)) : address,
    close: async () => bridge?.close(),
  };
}

/** Finds the bridge, while the bridge is told whom to look to. */
function behind(
  { detector, scheme }: { readonly detector: Detector; readonly scheme: Scheme },
  bridge: Address,
  lookTo: (masters: readonly URL[]) => void,
): Detector {
  function translated(leadership: Leadership): Leadership {
    switch (leadership.is) {
      case 'unknown':
        return leadership;
      case 'vacant':
        lookTo([]);
        return leadership;
      case 'held': {
        const { master, masterId = '' } = leadership;
        const url = urlOf(master, scheme);
        if (url === undefined) return { is: 'unknown' };
        lookTo([url]);
        return { is: 'held', master: bridge, masterId: `${masterId}@${master}` };
      }
      default:
        return leadership satisfies never;
    }
  }
  return { follow: (changed) => detector.follow((leadership) => changed(translated(leadership))) };
}

/** Undefined: it is not what a URL can name. */
function urlOf(master: Address, scheme: Scheme): URL | undefined {
  try {
    return schedulerUrl(processOf(master), scheme);
  } catch {
    return undefined;
  }
}

/** A stream, from the moment that it is asked for. */
interface Session {
  readonly ending: AbortController;
  /** How the framework subscribed. */
  readonly asked: Subscribe;
  state:
    | { readonly is: 'opening' }
    | {
        readonly is: 'subscribed';
        readonly welcome: SchedulerEvent & { readonly type: 'SUBSCRIBED' };
        readonly sinceMs: Millis;
        readonly calls: CallQueue;
      };
}

class Bridge {
  readonly #context: Context;
  readonly #options: V1MasterOptions;
  readonly #client: HttpClient;
  #masters: readonly URL[];
  /** The driver, and how its framework would subscribe now. */
  #driver: Address | undefined;
  #wishes: Subscribe | undefined;
  #session: Session | undefined;
  /** A refusal ends the framework only if it has never been wanted: it may be a mistake of who has set up a new master. */
  #wasSubscribed = false;
  #isClosed = false;
  #trouble = '';
  /** The framework is to be removed; resolved when that has been told. */
  #leaving: PromiseWithResolvers<void> | undefined;

  constructor(context: Context, options: V1MasterOptions) {
    this.#context = context;
    this.#options = options;
    this.#client = httpClient(context, options.tls);
    this.#masters = 'detector' in options.masters ? [] : options.masters;
  }

  /** Masters are elsewhere from now on. The driver need not be told: it hears of that from the same detector. */
  lookTo(masters: readonly URL[]): void {
    this.#masters = masters;
    this.#end();
  }

  async close(): Promise<void> {
    // What was sent in this turn of the event loop is received at its end.
    await new Promise((resolve) => setImmediate(resolve));
    const { state } = this.#session ?? {};
    const drained = state?.is === 'subscribed' ? state.calls.drained() : undefined;
    const late = new Promise<void>((resolve) => this.#context.after(CLOSE_MS, resolve));
    await Promise.race([late, this.#leaving?.promise ?? drained]);
    this.#isClosed = true;
    this.#end();
    this.#client.close();
  }

  receive(call: SchedulerCall, from: Address): void {
    if (this.#isClosed) return;
    this.#driver = from;
    if (call.type === 'SUBSCRIBE') return this.#subscribe(call);
    if (call.type === 'TEARDOWN') this.#leaving ??= Promise.withResolvers();
    this.#keepInMind(call);
    const state = this.#session?.state;
    if (state?.is === 'subscribed') return this.#send(state, call);
    // Only who is subscribed can leave; the driver says so again when it is.
    if (call.type === 'TEARDOWN') return this.#open();
    this.#tell({ type: 'REDIRECT' });
  }

  /** What is not told until the framework subscribes again is told then. */
  #keepInMind(call: SchedulerCall): void {
    const wishes = this.#wishes;
    if (wishes === undefined) return;
    if (call.type === 'SET_FILTERS') this.#wishes = { ...wishes, slaveFilters: call.slaveFilters };
    else if (call.type === 'REVIVE' || call.type === 'SUPPRESS')
      this.#wishes = { ...wishes, suppressed: call.type === 'SUPPRESS' };
  }

  // --- the stream ---

  #subscribe(call: Subscribe): void {
    this.#wishes = call;
    const objection = objectionTo(call);
    if (objection !== undefined) return this.#tell({ type: 'ERROR', message: objection });
    const state = this.#session?.state;
    // It asks again while it waits, but to begin anew could make two frameworks of it.
    if (state?.is === 'opening') return;
    if (state?.is === 'subscribed' && this.#context.now() - state.sinceMs < CROSSING_MS)
      return this.#tell(state.welcome);
    this.#end();
    this.#open();
  }

  #open(): void {
    const asked = this.#wishes;
    if (asked === undefined || this.#session !== undefined) return;
    const session: Session = { asked, ending: new AbortController(), state: { is: 'opening' } };
    this.#session = session;
    this.#run(session).catch((error: Error) => {
      if (this.#session !== session) return;
      if (error instanceof CallRefused && !this.#wasSubscribed) {
        this.#end();
        this.#tell({ type: 'ERROR', message: error.message });
      } else this.#lose(error.message);
    });
  }

  /** Rejects when the stream ends, with one sentence. */
  async #run(session: Session): Promise<never> {
    const { asked, ending } = session;
    const { contentType } = this.#options;
    const body = encode(Call, contentType, subscribeToV1(asked));
    const headers = { ...this.#headers(), Accept: contentType };
    const { signal } = ending;
    const opened = await openStream(this.#masters, {
      post: (url) => this.#client.post({ url, headers, body, signal }),
      textOf: this.#client.textOf,
    });
    const patience = this.#context.after(ANSWER_MS, () => {
      if (session.state.is === 'opening')
        ending.abort(new Error(`it did not subscribe the framework in ${ANSWER_MS / 1000} s`));
    });
    const heard = (record: Buffer): void => this.#heard(session, opened, record);
    return await hearRecords(opened.answer, signal, heard).finally(() => patience.cancel());
  }

  #heard(session: Session, opened: Opened, record: Buffer): void {
    if (this.#session !== session) return;
    const { contentType, log } = this.#options;
    const { event, unusable, trouble } = readEvent(record, contentType, this.#context.now() / 1000);
    if (trouble !== undefined) log(`an event of ${opened.url.origin} cannot be used: ${trouble}`);
    if (event?.type === 'SUBSCRIBED') this.#subscribed(session, opened, event);
    if (event !== undefined) this.#tell(event);
    if (event?.type === 'ERROR') this.#end();
    if (unusable !== undefined && session.state.is === 'subscribed') {
      const { frameworkId } = session.state.welcome;
      this.#send(session.state, { type: 'DECLINE', frameworkId, offerIds: unusable, filters: {} });
    }
  }

  #subscribed(
    session: Session,
    opened: Opened,
    welcome: SchedulerEvent & { readonly type: 'SUBSCRIBED' },
  ): void {
    if (session.state.is === 'subscribed') return;
    this.#wasSubscribed = true;
    this.#trouble = '';
    const calls = callQueue(
      (body) => this.#carry(session, opened, body),
      (error) => {
        if (this.#session === session) this.#lose(error.message);
      },
    );
    session.state = { is: 'subscribed', welcome, sinceMs: this.#context.now(), calls };
    const wishes = this.#wishes;
    if (wishes !== undefined && isOther(session.asked, wishes))
      this.#send(session.state, update(wishes, welcome.frameworkId));
  }

  /** It goes on without a master that it could speak to; the driver asks again. */
  #lose(reason: string): void {
    if (this.#session === undefined) return;
    this.#end();
    const [first, ...others] = this.#masters;
    if (first !== undefined) this.#masters = [...others, first];
    if (reason !== this.#trouble) this.#options.log(`no stream of events from a master: ${reason}`);
    this.#trouble = reason;
    this.#tell({ type: 'REDIRECT' });
  }

  #end(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.ending.abort(new Error('it is not needed any more'));
  }

  #tell(event: SchedulerEvent): void {
    if (this.#driver !== undefined) this.#context.send(this.#driver, event);
  }

  // --- calls ---

  #send({ calls, welcome }: Session['state'] & { readonly is: 'subscribed' }, call: SchedulerCall): void {
    const wishes = this.#wishes;
    if (wishes === undefined) return;
    const { role = '*' } = wishes.frameworkInfo;
    const own = call.type === 'SET_FILTERS' ? update(wishes, welcome.frameworkId) : call;
    calls.send(encode(Call, this.#options.contentType, callToV1(own, role)));
    if (call.type === 'TEARDOWN') void calls.drained().then(this.#leaving?.resolve);
  }

  async #carry(
    { ending: { signal } }: Session,
    { url, streamId }: Opened,
    body: string | Uint8Array,
  ): Promise<void> {
    const id = streamId === undefined ? {} : { 'Mesos-Stream-Id': streamId };
    const answer = await this.#client.post({ url, headers: { ...this.#headers(), ...id }, body, signal });
    const text = await this.#client.textOf(answer);
    const { statusCode = 0 } = answer;
    if (statusCode < 200 || statusCode >= 300)
      throw new Error(`${url.origin} does not take a call: ${inWords(answer, text)}`);
  }

  #headers(): Readonly<Record<string, string>> {
    const { contentType, authorization } = this.#options;
    return {
      'Content-Type': contentType,
      ...(authorization !== undefined && { Authorization: authorization }),
    };
  }
}

/** What the API has no form for. */
function objectionTo(call: Subscribe): string | undefined {
  if (call.standby)
    return 'The v1 API has no schedulers that wait for another to be gone; start this one when it is needed';
  try {
    subscribeToV1(call);
    return undefined;
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}

/** Does the framework want something else than what it subscribed with? */
function isOther(asked: Subscribe, now: Subscribe): boolean {
  const { suppressed = false, slaveFilters = [] } = asked;
  const { suppressed: isSuppressed = false, slaveFilters: filters = [] } = now;
  return suppressed !== isSuppressed || JSON.stringify(slaveFilters) !== JSON.stringify(filters);
}

function update(
  { frameworkInfo, suppressed = false, slaveFilters = [] }: Subscribe,
  frameworkId: FrameworkId,
): SchedulerCall {
  return {
    type: 'UPDATE_FRAMEWORK',
    frameworkId,
    frameworkInfo: { ...frameworkInfo, id: frameworkId },
    suppressed,
    slaveFilters,
  };
}
