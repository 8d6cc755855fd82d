/**
 * A scheduler that speaks HTTP, as the master sees it: an actor in the master's process that carries the calls of one client to
 * the master, and the master's events to the client's stream.
 */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FrameworkId, FrameworkInfo, SlaveId } from '../protocol/entities.ts';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import type { ActorKind, Address, Context, Runtime } from '../runtime/actor.ts';
import type { ContentType } from '../v1/codec.ts';
import { Event } from '../v1/scheduler.ts';
import type { InvalidTask } from '../v1/translate/operations.ts';
import type { Subscribe } from '../v1/translate/schedulerCalls.ts';
import { eventToV1 } from '../v1/translate/schedulerEvents.ts';
import { openEventStream } from './eventStream.ts';

/** What a session needs of its surroundings. */
export interface SessionSurroundings {
  readonly runtime: Runtime;
  readonly master: Address;
  /** `host:port` of a slave. */
  readonly endpointOf: (slaveId: SlaveId) => string | undefined;
  /** How slaves are reached. */
  readonly scheme: 'http' | 'https';
  /** Bytes that may wait for the client before it is dropped. */
  readonly bufferedBytesMax: number;
  readonly log: (line: string) => void;
}

/** Who is told of a session. */
export interface SessionEvents {
  subscribed(frameworkId: FrameworkId): void;
  closed(): void;
}

/** A session. */
export interface SchedulerSession {
  /** Told to the client when it subscribes, and by the client with each other call. */
  readonly streamId: string;
  readonly principal: string | undefined;
  readonly framework: FrameworkInfo;
  /** Carries a call to the master. */
  call(message: SchedulerCall): void;
  /** The framework, whose id is the same, describes itself anew. */
  update(framework: FrameworkInfo): void;
  /** Tells the client of tasks that cannot be launched. */
  refuse(invalid: readonly InvalidTask[]): void;
  /** Ends the stream. */
  end(): void;
}

/** Subscribes a client, whose answer is the stream. */
export function openSession(
  { runtime, master, endpointOf, scheme, bufferedBytesMax, log }: SessionSurroundings,
  {
    subscribe,
    principal,
    contentType,
    response,
  }: {
    readonly subscribe: Subscribe;
    readonly principal: string | undefined;
    readonly contentType: ContentType;
    readonly response: ServerResponse;
  },
  told: SessionEvents,
): SchedulerSession {
  const streamId = randomUUID();
  let framework = subscribe.frameworkInfo;
  let context: Context | undefined;
  let address: Address | undefined;
  const stream = openEventStream(response, Event, {
    contentType,
    headers: { 'Mesos-Stream-Id': streamId },
    bufferedBytesMax,
    closed(reason) {
      if (reason !== undefined) log(`dropped the scheduler of '${framework.name}': ${reason}`);
      if (address !== undefined) runtime.stop(address);
      address = undefined;
      told.closed();
    },
  });

  function tell(event: SchedulerEvent): void {
    const translated = eventToV1(event, { framework, endpointOf, scheme });
    if (translated !== undefined) stream.send(translated);
  }

  function receive(event: SchedulerEvent): void {
    tell(event);
    switch (event.type) {
      case 'SUBSCRIBED':
        framework = { ...framework, id: event.frameworkId };
        told.subscribed(event.frameworkId);
        tell({ type: 'HEARTBEAT' });
        return;
      case 'ERROR':
      case 'REDIRECT':
        return stream.end();
      case 'OFFERS':
      case 'RESCIND':
      case 'INVERSE_OFFERS':
      case 'RESCIND_INVERSE_OFFER':
      case 'UPDATE':
      case 'MESSAGE':
      case 'FAILURE':
      case 'HEARTBEAT':
        return;
      default:
        event satisfies never;
    }
  }

  const actor: ActorKind<SchedulerEvent> = {
    inbox: SCHEDULER_INBOX,
    create(own) {
      context = own;
      return { receive };
    },
  };
  address = runtime.spawn(`scheduler-${streamId}`, actor, principal === undefined ? {} : { principal });
  context?.send(master, subscribe);
  return {
    streamId,
    principal,
    get framework() {
      return framework;
    },
    call: (message) => context?.send(master, message),
    update(info) {
      framework = info;
    },
    refuse(invalid) {
      for (const { taskId, slaveId, complaint } of invalid)
        tell({
          type: 'UPDATE',
          status: {
            taskId,
            slaveId,
            state: 'TASK_ERROR',
            source: 'SOURCE_MASTER',
            reason: 'REASON_TASK_INVALID',
            message: complaint,
            timestamp: (context?.now() ?? 0) / 1000,
          },
        });
    },
    end: () => stream.end(),
  };
}
