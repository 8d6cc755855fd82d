/** The event stream of the operator API: first all that there is, then all that happens. */
import type { ServerResponse } from 'node:http';
import type { Reign } from '../../master/reign.ts';
import type { Framework, Slave } from '../../master/state.ts';
import { CONTENT_TYPES, type ContentType, encode } from '../../v1/codec.ts';
import { Event } from '../../v1/masterAnswers.ts';
import { frameRecord } from '../../v1/recordIo.ts';
import { frameworkToV1 } from '../../v1/translate/frameworks.ts';
import { statusToV1 } from '../../v1/translate/statuses.ts';
import { acceptedType } from '../calls.ts';
import { type EventStream, openEventStream } from '../eventStream.ts';
import type { OperatorHandler } from '../operatorApi.ts';
import type { Chronicle } from './chronicle.ts';
import { type Archive, chronicleOf } from './document.ts';
import { recordProduction } from './lazily.ts';
import { frameworkRecordToV1, slaveRecordToV1, taskRecordToV1 } from './v1Entities.ts';
import { stateOf } from './v1State.ts';

/** What the streams need. */
export interface SubscribersOptions {
  readonly archive: Archive;
  /** Bytes that may wait for one reader before it is dropped. */
  readonly bufferedBytesMax: number;
  /** Streams that there may be: a new one ends the oldest. */
  readonly subscribersMax: number;
  readonly log: (line: string) => void;
}

/** Those who read. */
export interface Subscribers {
  /** Answers SUBSCRIBE. */
  readonly handler: OperatorHandler;
  readonly size: number;
  /** Ends all streams: the master does not lead any more. */
  endAll(): void;
}

const HEARTBEAT_MS = 15_000;

interface Subscriber {
  readonly contentType: ContentType;
  readonly stream: EventStream<typeof Event>;
  /** What there is has been listed: from then on it is told what happens. */
  isListed: boolean;
}

/** Makes them. */
export function subscribers({
  archive,
  bufferedBytesMax,
  subscribersMax,
  log,
}: SubscribersOptions): Subscribers {
  const { chronicler, press } = archive;
  const all = new Set<Subscriber>();

  function open(
    response: ServerResponse,
    contentType: ContentType,
    reign: Reign,
    chronicle: Chronicle,
  ): void {
    const [oldest] = all;
    if (oldest !== undefined && all.size >= subscribersMax) {
      log(`ended the oldest of ${all.size} event streams: a new one has come`);
      all.delete(oldest);
      oldest.stream.end();
    }
    const stream = openEventStream(response, Event, {
      contentType,
      bufferedBytesMax,
      closed(reason) {
        all.delete(subscriber);
        if (reason === undefined) return;
        chronicler.counts.operatorStreamsDropped++;
        log(`dropped an event stream: ${reason}`);
      },
    });
    const subscriber: Subscriber = { contentType, stream, isListed: false };
    all.add(subscriber);
    const heartbeat = (): void => {
      if (!all.has(subscriber)) return;
      if (subscriber.isListed) stream.send({ type: 'HEARTBEAT' });
      reign.books.context.after(HEARTBEAT_MS, heartbeat);
    };
    reign.books.context.after(HEARTBEAT_MS, heartbeat);
    const key = `${reign.books.info.id} SUBSCRIBED ${contentType}`;
    void stream.sendPieces(press.copy(key, listing(chronicle, contentType)));
  }

  /** All that there is at the moment when it begins. Those who wait for it read it, and are told what happens after that. */
  function listing(chronicle: Chronicle, contentType: ContentType) {
    return recordProduction(Event, contentType, () => {
      for (const subscriber of all) if (subscriber.contentType === contentType) subscriber.isListed = true;
      return {
        type: 'SUBSCRIBED' as const,
        subscribed: { get_state: stateOf(chronicle), heartbeat_interval_seconds: HEARTBEAT_MS / 1000 },
      };
    });
  }

  /** Each event is made and written once, and only if somebody reads it. */
  function tell(make: (chronicle: Chronicle) => Event | undefined): void {
    const { chronicle } = chronicler;
    if (all.size === 0 || chronicle === undefined) return;
    const event = make(chronicle);
    if (event === undefined) return;
    for (const contentType of CONTENT_TYPES) {
      let record: string | Uint8Array | undefined;
      for (const subscriber of all) {
        if (!subscriber.isListed || subscriber.contentType !== contentType) continue;
        record ??= frameRecord(encode(Event, contentType, event));
        subscriber.stream.sendRecord(record);
      }
    }
  }

  const tellOfFramework = (type: 'FRAMEWORK_ADDED' | 'FRAMEWORK_UPDATED', { id }: Framework): void =>
    tell(({ frameworks, books }) => {
      const record = frameworks.get(id);
      if (record === undefined) return undefined;
      const framework = frameworkRecordToV1(record, false, books);
      return type === 'FRAMEWORK_ADDED'
        ? { type, framework_added: { framework } }
        : { type, framework_updated: { framework } };
    });

  /** There is no event for a slave that has changed; who hears twice that it is added takes it for what it is now. */
  const tellOfSlave = ({ id }: Slave): void =>
    tell(({ slaves }) => {
      const record = slaves.get(id);
      return record && { type: 'AGENT_ADDED', agent_added: { agent: slaveRecordToV1(record) } };
    });

  function endAll(): void {
    for (const { stream } of all) stream.end();
    all.clear();
  }

  chronicler.follow({
    reignEnded: endAll,
    frameworkAdded: (framework) => tellOfFramework('FRAMEWORK_ADDED', framework),
    frameworkUpdated: (framework) => tellOfFramework('FRAMEWORK_UPDATED', framework),
    frameworkRemoved: ({ info }) =>
      tell(() => ({
        type: 'FRAMEWORK_REMOVED',
        framework_removed: { framework_info: frameworkToV1(info) },
      })),
    slaveAdded: tellOfSlave,
    slaveUpdated: tellOfSlave,
    slaveRemoved: ({ id }) =>
      tell(() => ({ type: 'AGENT_REMOVED', agent_removed: { agent_id: { value: id } } })),
    taskAdded: ({ id, framework }) =>
      tell(({ frameworks }) => {
        const record = frameworks.get(framework.id)?.tasks.get(id);
        return record && { type: 'TASK_ADDED', task_added: { task: taskRecordToV1(record) } };
      }),
    taskUpdated: ({ framework, state }, { data: _, ...status }) =>
      tell(() => ({
        type: 'TASK_UPDATED',
        task_updated: { framework_id: { value: framework.id }, status: statusToV1(status), state },
      })),
  });

  return {
    handler(_, request, reign) {
      const contentType = acceptedType(request);
      const chronicle = chronicleOf(archive, reign);
      return { takeOver: (response) => open(response, contentType, reign, chronicle) };
    },
    get size() {
      return all.size;
    },
    endAll,
  };
}
