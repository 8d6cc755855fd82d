/** For tests: masters that say over HTTP only what the test says, and a driver on them whose clock the test moves. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { FrameworkInfo, Offer } from '../../protocol/entities.ts';
import type { SchedulerEvent } from '../../protocol/scheduler.ts';
import type { Context } from '../../runtime/actor.ts';
import { endLater, within } from '../../runtime/testProbe.ts';
import { VirtualCluster } from '../../runtime/virtual.ts';
import { type ContentType, decode, encode } from '../../v1/codec.ts';
import { frameRecord } from '../../v1/recordIo.ts';
import * as v1 from '../../v1/scheduler.ts';
import { eventToV1 } from '../../v1/translate/schedulerEvents.ts';
import type { SchedulerDriver } from '../scheduler.ts';
import { schedulerActor } from '../schedulerActor.ts';
import { schedulerUrl } from './url.ts';
import { type V1MasterOptions, v1Master } from './v1Master.ts';

export const OFFER: Offer = {
  id: 'o',
  frameworkId: 'f',
  slaveId: 's',
  hostname: 'node',
  resources: { cpus: 4, mem: 4096 },
  attributes: {},
  executorIds: [],
};

/** A call that a scripted master was asked, and what can be done with it. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly call: v1.Call;
  answer(status: number, text?: string, headers?: Readonly<Record<string, string>>): void;
  /** Sends the head of an answer, and nothing else. */
  begin(status: number): void;
  /** Answers with a stream. */
  stream(id?: string): Stream;
}

/** A stream of a scripted master. */
export interface Stream {
  send(...events: SchedulerEvent[]): void;
  /** A record as it is, with its frame. */
  sendRecord(record: string | Uint8Array): void;
  sendBytes(bytes: string): void;
  /** Says that the framework is subscribed as `f`. */
  welcome(): void;
  end(): void;
  /** Ends the connection in the midst of it. */
  destroy(): void;
}

/** A scripted master. */
export interface ScriptedMaster {
  readonly origin: string;
  readonly url: URL;
  /** Calls that have come and that the test has not taken yet. */
  readonly asked: Asked[];
  /** How many connections it has taken. */
  connections(): number;
}

/** Starts a master; with certificates, on TLS. */
export async function scriptedMaster(
  contentType: ContentType = 'application/json',
  tls?: ServerOptions,
): Promise<ScriptedMaster> {
  const asked: Asked[] = [];
  let connections = 0;
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on('connection', () => connections++);
  server.on('request', async (request, response) => {
    const bytes = await buffer(request).catch(() => undefined);
    if (bytes === undefined) return;
    asked.push({
      path: request.url ?? '',
      headers: request.headers,
      call: decode(v1.Call, contentType, bytes, 'Call'),
      answer: (status, text = '', headers = {}) => void response.writeHead(status, headers).end(text),
      begin: (status) => response.writeHead(status).flushHeaders(),
      stream: (id = 'stream') => streamOf(response, id, contentType),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endLater(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, url: schedulerUrl(origin), asked, connections: () => connections };
}

function streamOf(response: ServerResponse, id: string, contentType: ContentType): Stream {
  response.writeHead(200, { 'Content-Type': contentType, 'Mesos-Stream-Id': id });
  response.flushHeaders();
  const recipient = { framework: { user: 'test', name: 'f' }, endpointOf: () => undefined };
  const sendRecord = (record: string | Uint8Array): void => void response.write(frameRecord(record));
  const send = (...events: SchedulerEvent[]): void => {
    for (const event of events) {
      const translated = eventToV1(event, recipient);
      if (translated !== undefined) sendRecord(encode(v1.Event, contentType, translated));
    }
  };
  return {
    send,
    sendRecord,
    sendBytes: (bytes) => void response.write(bytes),
    welcome: () => send(WELCOME, { type: 'HEARTBEAT' }),
    end: () => void response.end(),
    destroy: () => void response.destroy(),
  };
}

const WELCOME: SchedulerEvent = {
  type: 'SUBSCRIBED',
  frameworkId: 'f',
  heartbeatIntervalSeconds: 15,
  masterInfo: { id: 'm', address: '127.0.0.1:5050', version: '0' },
  guaranteedShare: {},
  term: 0,
};

/** A driver on a bridge. */
export interface TestDriver {
  readonly driver: SchedulerDriver;
  /** What the framework's scheduler was told, in words. */
  readonly told: string[];
  readonly log: string[];
  /** Lets so much of its time pass at once. */
  pass(ms: number): void;
  /** Waits for something that the network brings; no time passes for the driver. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** The next call that a master is asked. */
  next(master: ScriptedMaster): Promise<Asked>;
  /** Subscribes it at this master. */
  subscribed(master: ScriptedMaster, id?: string): Promise<Stream>;
  /** Has it ask once more to be subscribed. */
  ask(): void;
  close(): Promise<void>;
}

/** Starts a driver. */
export function testDriver(
  options: Partial<V1MasterOptions> & Pick<V1MasterOptions, 'masters'>,
  info: Partial<FrameworkInfo> = {},
  standby = false,
): TestDriver {
  const virtual = new VirtualCluster({ seed: 1 });
  const runtime = virtual.process('f:0');
  const [told, log] = [[] as string[], [] as string[]];
  const bridge = v1Master(runtime, {
    contentType: 'application/json',
    log: (line) => log.push(line),
    ...options,
  });
  let driver: SchedulerDriver | undefined;
  let context: Context | undefined;
  const frameworkInfo = { user: 'test', name: 'f', ...info };
  const kind = schedulerActor({
    master: bridge.master,
    frameworkInfo,
    standby,
    factory: (made) => {
      driver = made;
      return {
        registered: (id) => told.push(`registered ${id}`),
        resourceOffers: (offers) => told.push(`offers ${offers.map(({ id }) => id)}`),
        offerRescinded: (id) => told.push(`rescinded ${id}`),
        statusUpdate: ({ taskId, state }) => told.push(`${taskId} ${state}`),
        slaveLost: (id) => told.push(`slave ${id} lost`),
        executorLost: (_slave, id, status) => told.push(`executor ${id} lost: ${status}`),
        frameworkMessage: (_slave, _executor, data) => told.push(`message ${data}`),
        disconnected: () => told.push('disconnected'),
        error: (message) => told.push(`error: ${message}`),
      };
    },
    stopped: () => told.push('stopped'),
  });
  runtime.spawn('scheduler', {
    ...kind,
    create(own) {
      context = own;
      return kind.create(own);
    },
  });
  const pass = (ms: number): void => void virtual.run(() => false, virtual.now + ms);
  async function until(what: string, condition: () => boolean): Promise<void> {
    let isWaiting = true;
    const met = (async () => {
      for (pass(0); isWaiting && !condition(); pass(0)) await new Promise(setImmediate);
    })();
    await within(what, met).finally(() => {
      isWaiting = false;
    });
  }
  async function next({ asked }: ScriptedMaster): Promise<Asked> {
    await until('a call', () => asked.length > 0);
    return asked.shift() as Asked;
  }
  const close = async (): Promise<void> => {
    let isOver = false;
    const closing = bridge.close().finally(() => {
      isOver = true;
    });
    await until('the end', () => isOver);
    await closing;
  };
  endLater(close);
  pass(0);
  return {
    driver: driver as SchedulerDriver,
    told,
    log,
    pass,
    until,
    next,
    async subscribed(master, id) {
      const stream = (await next(master)).stream(id);
      const before = told.filter((line) => line === 'registered f').length;
      stream.welcome();
      await until('its registration', () => told.filter((line) => line === 'registered f').length > before);
      return stream;
    },
    ask() {
      if (typeof bridge.master === 'string')
        context?.send(bridge.master, { type: 'SUBSCRIBE', frameworkInfo: { ...frameworkInfo, id: 'f' } });
      pass(0);
    },
    close,
  };
}

/** Takes calls until one of the type; all are accepted. */
export async function calls(
  { next }: TestDriver,
  master: ScriptedMaster,
  last: string,
): Promise<readonly string[]> {
  const types: string[] = [];
  while (types.at(-1) !== last) {
    const { call, answer } = await next(master);
    types.push(call.type ?? '');
    answer(202);
  }
  return types;
}
