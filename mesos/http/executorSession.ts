/**
 * An executor that speaks HTTP, as the slave sees it: an actor in the slave's process that carries the calls of one client to the
 * slave, and the slave's events to the client's stream.
 */
import type { ServerResponse } from 'node:http';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { EXECUTOR_INBOX } from '../protocol/message.ts';
import type { ActorKind, Address, Context, Millis, Runtime } from '../runtime/actor.ts';
import type { Executor } from '../slave/executor.ts';
import { executorPrincipal } from '../slave/executorTokens.ts';
import type { ContentType } from '../v1/codec.ts';
import { Event } from '../v1/executor.ts';
import { executorEventToV1 } from '../v1/translate/executors.ts';
import { type EventStream, openEventStream } from './eventStream.ts';

/** What a session needs of its surroundings. */
export interface SessionSurroundings {
  readonly runtime: Runtime;
  readonly slave: Address;
  /** Bytes that may wait for the client before it is dropped. */
  readonly bufferedBytesMax: number;
  readonly log: (line: string) => void;
  /** Is told once that the client is gone, and so the session. */
  readonly closed: () => void;
}

/** How a client subscribes. */
export interface Subscription {
  readonly call: ExecutorCall & { readonly type: 'SUBSCRIBE' };
  readonly contentType: ContentType;
  /** Becomes the stream. */
  readonly response: ServerResponse;
}

/** A session. */
export interface ExecutorSession {
  readonly isSubscribed: boolean;
  /** The client has come over a new connection; the former is ended. */
  resubscribe(subscription: Subscription): void;
  /** Carries a call to the slave. */
  call(message: ExecutorCall): void;
}

/** How often a client is told that the slave is there; as in Mesos. */
const HEARTBEAT_MS: Millis = 30 * 60_000;

/** Begins the session of the executor in a container. */
export function openSession(
  { frameworkId, info, containerId }: Pick<Executor, 'frameworkId' | 'info' | 'containerId'>,
  { runtime, slave, bufferedBytesMax, log, closed }: SessionSurroundings,
  subscription: Subscription,
): ExecutorSession {
  let stream: EventStream<typeof Event> | undefined;
  let context: Context | undefined;
  let isSubscribed = false;

  function subscribe({ call, contentType, response }: Subscription): void {
    const former = stream;
    const own = openEventStream(response, Event, {
      contentType,
      bufferedBytesMax,
      closed(reason) {
        if (reason !== undefined) log(`dropped executor '${info.executorId}' of ${frameworkId}: ${reason}`);
        if (stream !== own) return;
        runtime.stop(address);
        closed();
      },
    });
    stream = own;
    former?.end();
    context?.send(slave, call);
  }

  function receive(event: ExecutorEvent): void {
    stream?.send(executorEventToV1(event, { frameworkId, containerId }));
    if (event.type === 'SUBSCRIBED') isSubscribed = true;
    if (event.type !== 'ERROR') return;
    isSubscribed = false;
    stream?.end();
  }

  function heartbeat(own: Context): void {
    own.after(HEARTBEAT_MS, () => {
      if (isSubscribed) stream?.send({ type: 'HEARTBEAT' });
      heartbeat(own);
    });
  }

  const actor: ActorKind<ExecutorEvent> = {
    inbox: EXECUTOR_INBOX,
    create(own) {
      context = own;
      heartbeat(own);
      return { receive };
    },
  };
  const principal = executorPrincipal(containerId);
  const address = runtime.spawn(`executor-${containerId}`, actor, { principal });
  subscribe(subscription);
  return {
    get isSubscribed() {
      return isSubscribed;
    },
    resubscribe: subscribe,
    call: (message) => context?.send(slave, message),
  };
}
