/**
 * A slave behind the v1 executor API, ours or Apache's: an actor that the executor's driver in its process takes for its slave. It
 * carries the driver's calls there over HTTP, and the events of the stream back. When the stream is lost it ends, as if it were the
 * slave's process, and another stands in its place; the driver does all the rest.
 */

import type { ExecutorCall, ExecutorEvent } from '../../protocol/executor.ts';
import { complaint, EXECUTOR_INBOX, SLAVE_INBOX } from '../../protocol/message.ts';
import type { Actor, ActorKind, Address, Context, Millis, Runtime } from '../../runtime/actor.ts';
import { type ContentType, decode, encode } from '../../v1/codec.ts';
import { Call, Event } from '../../v1/executor.ts';
import { MalformedError } from '../../v1/json.ts';
import { executorCallToV1, executorEventFromV1 } from '../../v1/translate/executorClient.ts';
import { Unsupported } from '../../v1/translate/refusal.ts';
import { type CallQueue, callQueue } from './callQueue.ts';
import { ANSWER_MS, type ClientTls, type HttpClient, httpClient, inWords } from './httpClient.ts';
import { CallRefused, openStream } from './opening.ts';
import { hearRecords } from './stream.ts';

/** How to reach the slave. */
export interface V1SlaveOptions {
  /** `http://HOST:PORT`, or `https://…`. */
  readonly origin: string;
  readonly contentType: ContentType;
  /** By which it proves to be the executor of its container. */
  readonly token?: string;
  readonly tls?: ClientTls;
  readonly log: (line: string) => void;
}

/** A slave behind the v1 API. */
export interface V1Slave {
  /** What the executor's driver takes for it. One driver can. */
  readonly slave: Address;
  /** Ends it when the calls that were made have been answered, within a second. */
  close(): Promise<void>;
}

const PATH = '/api/v1/executor';
/** How often the slave is told that the executor is there; as in Mesos. */
const HEARTBEAT_MS: Millis = 30 * 60_000;
const CLOSE_MS: Millis = 1_000;

/** Starts it; `runtime` is that of the driver. */
export function v1Slave(runtime: Runtime, options: V1SlaveOptions): V1Slave {
  let bridge: Bridge;
  const kind: ActorKind<ExecutorCall> = {
    inbox: SLAVE_INBOX,
    create(context) {
      bridge = new Bridge(context, options, lost);
      return bridge;
    },
  };
  const start = (): Address => runtime.spawn('v1-slave', kind);
  const slave = start();
  /** Who watches is told of the end, and asks who comes after. */
  function lost(): void {
    runtime.stop(slave);
    start();
  }
  return { slave, close: () => bridge.close() };
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'opening'; readonly driver: Address }
  | {
      readonly is: 'subscribed';
      readonly driver: Address;
      readonly welcome: ExecutorEvent;
      readonly calls: CallQueue;
    }
  | { readonly is: 'over' };

class Bridge implements Actor<ExecutorCall> {
  readonly #context: Context;
  readonly #options: V1SlaveOptions;
  readonly #client: HttpClient;
  readonly #lost: () => void;
  readonly #url: URL;
  readonly #ending = new AbortController();
  #state: State = { is: 'idle' };

  constructor(context: Context, options: V1SlaveOptions, lost: () => void) {
    this.#context = context;
    this.#options = options;
    this.#client = httpClient(context, options.tls);
    this.#lost = lost;
    this.#url = new URL(PATH, options.origin);
  }

  receive(call: ExecutorCall, from: Address): void {
    const state = this.#state;
    if (call.type === 'SUBSCRIBE') return this.#subscribe(call, from);
    // What is said to nobody the driver says again when it is subscribed.
    if (state.is === 'subscribed') state.calls.send(this.#encoded(call));
  }

  async close(): Promise<void> {
    // What was sent in this turn of the event loop is received at its end.
    await new Promise((resolve) => setImmediate(resolve));
    const late = new Promise<void>((resolve) => this.#context.after(CLOSE_MS, resolve));
    if (this.#state.is === 'subscribed') await Promise.race([late, this.#state.calls.drained()]);
    this.#end('it is not needed any more');
  }

  #subscribe(call: ExecutorCall, driver: Address): void {
    const state = this.#state;
    switch (state.is) {
      case 'idle':
        this.#state = { is: 'opening', driver };
        void this.#run(call, driver).catch((error: Error) => this.#fail(driver, error));
        return;
      // It asks again while it waits.
      case 'opening':
      case 'over':
        return;
      case 'subscribed':
        return this.#tell(state.driver, state.welcome);
      default:
        state satisfies never;
    }
  }

  /** Rejects when the stream ends, with one sentence. */
  async #run(call: ExecutorCall, driver: Address): Promise<never> {
    const headers = { ...this.#headers(), Accept: this.#options.contentType };
    const { signal } = this.#ending;
    const body = this.#encoded(call);
    const { answer } = await openStream([this.#url], {
      post: (url) => this.#client.post({ url, headers, body, signal }),
      textOf: this.#client.textOf,
    });
    const patience = this.#context.after(ANSWER_MS, () => {
      if (this.#state.is === 'opening')
        this.#ending.abort(new Error(`it did not subscribe the executor in ${ANSWER_MS / 1000} s`));
    });
    const heard = (record: Buffer): void => this.#heard(record, driver);
    return await hearRecords(answer, signal, heard).finally(() => patience.cancel());
  }

  #heard(record: Buffer, driver: Address): void {
    if (this.#state.is === 'over') return;
    const event = this.#read(record);
    if (event === undefined) return;
    if (event.type === 'SUBSCRIBED' && this.#state.is === 'opening') this.#subscribed(event, driver);
    this.#tell(driver, event);
    if (event.type === 'ERROR') this.#end(event.message);
  }

  /** What cannot be understood is an error: a task that is not launched would never end. */
  #read(record: Buffer): ExecutorEvent | undefined {
    try {
      const event = executorEventFromV1(decode(Event, this.#options.contentType, record, 'Event'));
      const objection = event && complaint(EXECUTOR_INBOX, event);
      if (objection !== undefined) throw new MalformedError(objection);
      return event;
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof Unsupported)) throw error;
      return { type: 'ERROR', message: `An event of the slave cannot be used: ${error.message}` };
    }
  }

  #subscribed(welcome: ExecutorEvent & { readonly type: 'SUBSCRIBED' }, driver: Address): void {
    const calls = callQueue(
      (body) => this.#carry(body),
      (error) => this.#fail(driver, error),
    );
    this.#state = { is: 'subscribed', driver, welcome, calls };
    const beat = (): void => {
      this.#context.after(HEARTBEAT_MS, () => {
        const { executorInfo, frameworkInfo } = welcome;
        const who = {
          framework_id: { value: frameworkInfo.id ?? '' },
          executor_id: { value: executorInfo.executorId },
        };
        calls.send(encode(Call, this.#options.contentType, { type: 'HEARTBEAT', ...who }));
        beat();
      });
    };
    beat();
  }

  async #carry(body: string | Uint8Array): Promise<void> {
    const { signal } = this.#ending;
    const answer = await this.#client.post({ url: this.#url, headers: this.#headers(), body, signal });
    const text = await this.#client.textOf(answer);
    const { statusCode = 0 } = answer;
    if (statusCode < 200 || statusCode >= 300)
      throw new Error(`it does not take a call: ${inWords(answer, text)}`);
  }

  /** The slave is gone, or does not want the executor. */
  #fail(driver: Address, error: Error): void {
    if (this.#state.is === 'over') return;
    const { message } = error;
    this.#options.log(`no stream of events from the slave: ${message}`);
    this.#end(message);
    if (error instanceof CallRefused) this.#tell(driver, { type: 'ERROR', message });
    else this.#lost();
  }

  #end(reason: string): void {
    this.#state = { is: 'over' };
    this.#ending.abort(new Error(reason));
    this.#client.close();
  }

  #tell(driver: Address, event: ExecutorEvent): void {
    this.#context.send(driver, event);
  }

  #encoded(call: ExecutorCall): string | Uint8Array {
    return encode(Call, this.#options.contentType, executorCallToV1(call));
  }

  #headers(): Readonly<Record<string, string>> {
    const { contentType, token } = this.#options;
    return { 'Content-Type': contentType, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  }
}
