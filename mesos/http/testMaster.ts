/** For tests: a master that serves HTTP, slaves whose tasks sleep, and clients that speak the v1 API. */
import { type IncomingMessage, request } from 'node:http';
import { fair } from '../allocation/fair.ts';
import { emulated } from '../isolation/emulated.ts';
import { master } from '../master/master.ts';
import { MASTER_DEFAULTS, type MasterOptions } from '../master/options.ts';
import type { MasterWindow } from '../master/window.ts';
import { encodeData } from '../protocol/entities.ts';
import { parseWithPorts } from '../protocol/ports.ts';
import { within } from '../runtime/testProbe.ts';
import { startWire, type WireRuntime } from '../runtime/wire.ts';
import { slave } from '../slave/slave.ts';
import { sleeper } from '../testCluster.ts';
import type { ContentType } from '../v1/codec.ts';
import { decode, encode } from '../v1/codec.ts';
import { readRecords } from '../v1/recordIo.ts';
import * as v1 from '../v1/scheduler.ts';
import type { AuthenticationOptions } from './authentication.ts';
import { authenticator } from './authentication.ts';
import { type MasterServer, type MasterServerOptions, masterServer } from './masterServer.ts';

/** What came back of a request. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly text: string;
}

/** What is sent. */
export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A master that listens. */
export interface TestMaster {
  readonly port: number;
  readonly wire: WireRuntime;
  readonly window: MasterWindow;
  readonly log: readonly string[];
  /** Asks something and waits for the whole answer. */
  ask(question: Question): Promise<Reply>;
  /** Sends a scheduler call as JSON. */
  call(call: v1.Call, streamId?: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  subscribe(options?: SubscribeOptions): Promise<Subscription>;
  /** Starts a slave, in a process of its own as far as the links go. */
  addSlave(resources?: string, hostname?: string): Promise<WireRuntime>;
  close(): Promise<void>;
}

/** How a test subscribes. */
export interface SubscribeOptions {
  readonly info?: Partial<NonNullable<v1.Call['subscribe']>['framework_info']>;
  readonly more?: Partial<NonNullable<v1.Call['subscribe']>>;
  readonly contentType?: ContentType;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stream of events. */
export interface Subscription {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly streamId: string;
  /** The next event. */
  next(): Promise<v1.Event>;
  /** Passes over events until one of this type comes. */
  find(type: NonNullable<v1.Event['type']>): Promise<v1.Event>;
  /** After SUBSCRIBED. */
  frameworkId(): Promise<string>;
  /** Reads no more. */
  pause(): void;
  /** Resolves when the master has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** How a master is set up for a test. */
export interface TestMasterOptions {
  readonly master?: Partial<MasterOptions>;
  readonly server?: Partial<MasterServerOptions>;
  readonly authentication?: AuthenticationOptions;
}

/** Lets a test have a master, and ends all of it. */
export async function withMaster(
  run: (master: TestMaster) => Promise<void>,
  options: TestMasterOptions = {},
): Promise<void> {
  const started = await startTestMaster(options);
  try {
    await run(started);
  } finally {
    await started.close();
  }
}

/** Starts a master. */
export async function startTestMaster(options: TestMasterOptions = {}): Promise<TestMaster> {
  const log: string[] = [];
  let server: MasterServer | undefined;
  let window: MasterWindow | undefined;
  const wire = await startWire({
    listen: { host: '127.0.0.1', port: 0 },
    onHttp: ({ socket }) => server?.take(socket),
    log: (line) => log.push(line),
  });
  server = masterServer({
    runtime: wire,
    window: () => window,
    authenticate: authenticator(options.authentication ?? {}),
    log: (line) => log.push(line),
    ...options.server,
  });
  wire.spawn(
    'master',
    master({
      ...MASTER_DEFAULTS,
      allocation: fair(),
      observer: server.observer,
      opened: (opened) => {
        window = opened;
      },
      ...options.master,
    }),
  );
  const port = Number(wire.identity.slice(wire.identity.lastIndexOf(':') + 1));
  const others: WireRuntime[] = [];
  const subscriptions: Subscription[] = [];
  const ask = (question: Question): Promise<Reply> => askAt(port, question);
  return {
    port,
    wire,
    get window() {
      if (window === undefined) throw new Error('there is no master yet');
      return window;
    },
    log,
    ask,
    call: (call, streamId, headers = {}) =>
      ask({
        headers: {
          'content-type': 'application/json',
          ...(streamId !== undefined && { 'Mesos-Stream-Id': streamId }),
          ...headers,
        },
        body: `${encode(v1.Call, 'application/json', call)}`,
      }),
    async subscribe(how = {}) {
      const subscription = await subscribeAt(port, how);
      subscriptions.push(subscription);
      return subscription;
    },
    async addSlave(resources = 'cpus:4;mem:4096', hostname = `node${others.length + 1}`) {
      const own = await startWire({ listen: { host: '127.0.0.1', port: 0 }, log: (line) => log.push(line) });
      others.push(own);
      const registered = new Promise<void>((resolve) => {
        own.spawn(
          'slave',
          slave({
            master: wire.address('master'),
            hostname,
            ...parseWithPorts(resources),
            attributes: { rack: 'r1' },
            isolation: emulated(own, { sleeper }, queueMicrotask),
            registered: () => resolve(),
          }),
        );
      });
      await within('a slave that registers', registered);
      return own;
    },
    async close() {
      for (const subscription of subscriptions) subscription.close();
      server?.close();
      await Promise.all(others.map((own) => own.close()));
      await wire.close();
    },
  };
}

/** Asks something of a server of this machine. */
export function askAt(port: number, question: Question): Promise<Reply> {
  const { method = 'POST', path = '/api/v1/scheduler', headers = {}, body } = question;
  const answered = new Promise<Reply>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const whole = Buffer.concat(chunks);
        const { statusCode: status = 0, headers: own } = answer;
        resolve({ status, headers: own, body: whole, text: whole.toString('utf8') });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
  return within('an answer', answered);
}

/** The framework that tests subscribe as, if they do not say otherwise. */
export const FRAMEWORK = { user: 'test', name: 'demo', failover_timeout: 60 };
const RECORD_BYTES_MAX = 1 << 26;

/** Subscribes at a master of this machine. */
export function subscribeAt(
  port: number,
  { info, more, contentType = 'application/json', headers = {} }: SubscribeOptions,
): Promise<Subscription> {
  const framework_info = { ...FRAMEWORK, ...info };
  const { id } = framework_info;
  const call: v1.Call = {
    type: 'SUBSCRIBE',
    ...(id !== undefined && { framework_id: id }),
    subscribe: { framework_info, ...more },
  };
  const opened = new Promise<Subscription>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: '/api/v1/scheduler',
        headers: { 'Content-Type': contentType, Accept: contentType, ...headers },
        agent: false,
      },
      (answer) => resolve(readStream(answer, contentType, () => asked.destroy())),
    );
    asked.on('error', reject);
    asked.end(encode(v1.Call, contentType, call));
  });
  return within('a stream', opened);
}

function readStream(answer: IncomingMessage, contentType: ContentType, close: () => void): Subscription {
  const records = readRecords(RECORD_BYTES_MAX);
  const events: v1.Event[] = [];
  const waiting: ((event: v1.Event) => void)[] = [];
  let frameworkId: string | undefined;
  answer.on('data', (chunk: Buffer) => {
    for (const record of records.push(chunk)) {
      const event = decode(v1.Event, contentType, record, 'Event');
      if (event.subscribed !== undefined) frameworkId = event.subscribed.framework_id.value;
      const next = waiting.shift();
      if (next !== undefined) next(event);
      else events.push(event);
    }
  });
  answer.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    answer.once('close', () => resolve());
  });
  const next = (): Promise<v1.Event> => {
    const event = events.shift();
    if (event !== undefined) return Promise.resolve(event);
    return within('an event', new Promise((resolve) => waiting.push(resolve)));
  };
  const subscription: Subscription = {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    streamId: `${answer.headers['mesos-stream-id'] ?? ''}`,
    next,
    async find(type) {
      for (;;) {
        const event = await next();
        if (event.type === type) return event;
      }
    },
    async frameworkId() {
      if (frameworkId === undefined) await subscription.find('SUBSCRIBED');
      return frameworkId ?? '';
    },
    pause: () => void answer.pause(),
    ended,
    close,
  };
  return subscription;
}

type TaskInfo = NonNullable<
  NonNullable<NonNullable<NonNullable<v1.Call['accept']>['operations']>[number]['launch']>['task_infos']
>[number];

/** A task that sleeps so many milliseconds, for an offer's slave. */
export function sleepTask(agentId: string, taskId: string, ms: number, cpus = 1): TaskInfo {
  return {
    name: taskId,
    task_id: { value: taskId },
    agent_id: { value: agentId },
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }],
    executor: { executor_id: { value: 'sleeper' }, name: 'sleeper', command: { value: 'modelled' } },
    data: encodeData(ms),
  };
}

/** An ACCEPT that launches tasks on offers. */
export function accept(
  frameworkId: string,
  offerIds: readonly string[],
  tasks: readonly TaskInfo[],
): v1.Call {
  return {
    framework_id: { value: frameworkId },
    type: 'ACCEPT',
    accept: {
      offer_ids: offerIds.map((value) => ({ value })),
      operations: [{ type: 'LAUNCH', launch: { task_infos: tasks } }],
    },
  };
}
