/** For tests: a slave with its HTTP server, on a real port. Its master says what the test says; its executors are what the test does. */
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Exit, Isolation } from '../isolation/isolation.ts';
import type { TaskStatus } from '../protocol/entities.ts';
import type { SlaveOrder, SlaveReport } from '../protocol/slave.ts';
import type { Context } from '../runtime/actor.ts';
import { endLater, within } from '../runtime/testProbe.ts';
import { startWire } from '../runtime/wire.ts';
import { executorPrincipal, executorTokens } from '../slave/executorTokens.ts';
import { type SlaveOptions, slave } from '../slave/slave.ts';
import type { SlaveWindow } from '../slave/window.ts';
import { readRecords } from '../v1/recordIo.ts';
import type { HttpServer } from './server.ts';
import { type SlaveServerOptions, slaveServer } from './slaveServer.ts';

/** What a test may choose. */
export interface TestSlaveServerOptions {
  readonly slave?: Partial<SlaveOptions>;
  readonly server?: Partial<SlaveServerOptions>;
  /** May executors come without a token? */
  readonly isOptional?: boolean;
  /** Does the master register the slave? Default yes. */
  readonly isSilent?: boolean;
  /** Port to listen on; default any. */
  readonly port?: number;
}

/** An answer that has come whole. */
export interface Whole {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a client may say beside its body. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer that goes on. */
export interface Stream {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  /** The next record, as JSON. */
  next(): Promise<Record<string, unknown>>;
  /** Resolves when the answer has ended. */
  ended(): Promise<void>;
  close(): void;
}

/** Starts one; it ends with the test (`tidyUp`). */
export async function testSlaveServer(options: TestSlaveServerOptions = {}) {
  const containers = new Map<string, { readonly token: string; end(exit?: Exit): void }>();
  const tokens = executorTokens('key');
  let launched = (): void => {};
  const launch: Isolation['launch'] = (spec, owner) => {
    const [token = ''] = Object.values(tokens.environment(spec));
    const end = (exit: Exit = { status: 137 }): void => {
      if (containers.delete(spec.containerId)) queueMicrotask(() => owner.exited(exit));
    };
    containers.set(spec.containerId, { token, end });
    launched();
    return {
      update() {},
      destroy: () => end(),
      state: {},
      usage: () => ({ cpuSeconds: 1.5, memBytes: 4096 }),
    };
  };
  const isolation: Isolation = {
    launch,
    recover: (spec, _state, owner) => launch(spec, owner),
  };
  let server: HttpServer | undefined;
  let window: SlaveWindow | undefined;
  const wire = await startWire({
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    log() {},
    onHttp: ({ socket }) => server?.take(socket),
  });
  const { master, reports } = testMaster(wire, options.isSilent ?? false);
  const log: string[] = [];
  server = slaveServer({
    runtime: wire,
    window: () => window,
    authenticate: () => ({ is: 'known', principal: undefined }),
    executors: { principalOf: tokens.principalOf, isOptional: options.isOptional ?? false },
    log: (line) => log.push(line),
    ...options.server,
  });
  const ending = new AbortController();
  wire.spawn(
    'slave',
    slave({
      master: wire.address('master'),
      hostname: 'node',
      resources: { cpus: 4, mem: 1024 },
      attributes: { rack: 'r1' },
      isolation: tokens.expecting(isolation),
      executorPrincipal,
      stopping: ending.signal,
      opened: (own) => {
        window = own;
      },
      ...options.slave,
    }),
  );
  const close = async (): Promise<void> => {
    await wire.close();
    server?.close();
  };
  endLater(close);
  const port = Number(wire.identity.slice(wire.identity.lastIndexOf(':') + 1));

  const open = (path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<IncomingMessage> =>
    within(
      `an answer to ${method} ${path}`,
      new Promise((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, resolve);
        asked.on('error', reject);
        asked.end(
          body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
            ? body
            : JSON.stringify(body),
        );
        endLater(() => asked.destroy());
      }),
    );

  return {
    wire,
    port,
    log,
    containers,
    ...reports,
    window: (): SlaveWindow => {
      if (window === undefined) throw new Error('the slave has not started');
      return window;
    },
    order: (order: SlaveOrder): void => master.send(wire.address('slave'), order),
    close,
    /** The container that is launched first, now or later. */
    container: async (): Promise<{
      readonly containerId: string;
      readonly token: string;
      end(exit?: Exit): void;
    }> => {
      if (containers.size === 0)
        await within('a container', new Promise<void>((resolve) => (launched = resolve)));
      for (const [containerId, container] of containers) return { containerId, ...container };
      throw new Error('there is no container');
    },
    open,
    async ask(path: string, ask?: Ask): Promise<Whole> {
      const answer = await open(path, ask);
      const body = await within(`the answer of ${path}`, text(answer));
      return { status: answer.statusCode, headers: answer.headers, body };
    },
    /** Asks for a stream of records. */
    async stream(path: string, ask: Ask): Promise<Stream> {
      const answer = await open(path, ask);
      const records: Record<string, unknown>[] = [];
      let wake = (): void => {};
      const reader = readRecords(1 << 20);
      answer.on('data', (piece: Buffer) => {
        for (const record of reader.push(piece)) records.push(JSON.parse(record.toString()));
        wake();
      });
      answer.on('error', () => {});
      const ended = new Promise<void>((resolve) => answer.once('close', resolve));
      return {
        status: answer.statusCode,
        headers: answer.headers,
        ended: () => within('the end of the stream', ended),
        close: () => answer.destroy(),
        next: async () => {
          if (records.length === 0)
            await within('a record', new Promise<void>((resolve) => (wake = resolve)));
          return records.shift() as Record<string, unknown>;
        },
      };
    },
  };
}

/** A master that registers a slave and acknowledges updates. */
function testMaster(wire: Awaited<ReturnType<typeof startWire>>, isSilent: boolean) {
  const received: SlaveReport[] = [];
  let happened = (): void => {};
  let master: Context | undefined;
  wire.spawn<SlaveReport>('master', {
    inbox: {},
    create: (context) => {
      master = context;
      return {
        receive(report, from) {
          received.push(report);
          happened();
          if (isSilent) return;
          if (report.type === 'REGISTER_SLAVE')
            context.send(from, { type: 'SLAVE_REGISTERED', slaveId: 'S0' });
          if (report.type === 'REREGISTER_SLAVE')
            context.send(from, { type: 'SLAVE_REGISTERED', slaveId: report.slaveInfo.id ?? '' });
          if (report.type !== 'STATUS_UPDATE') return;
          const { frameworkId, status } = report;
          const { taskId, uuid = '' } = status;
          context.send(from, { type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId, taskId, uuid });
        },
      };
    },
  });
  if (master === undefined) throw new Error('the runtime made no master');
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    await within(
      what,
      new Promise<void>((resolve) => {
        happened = () => {
          if (holds()) resolve();
        };
        happened();
      }),
    );
  };
  async function report<T extends SlaveReport['type']>(
    type: T,
    matches: (report: SlaveReport & { type: T }) => boolean = () => true,
  ): Promise<SlaveReport & { type: T }> {
    const isIt = (one: SlaveReport): one is SlaveReport & { type: T } =>
      one.type === type && matches(one as SlaveReport & { type: T });
    await until(`a report ${type}`, () => received.some(isIt));
    return received.find(isIt) as SlaveReport & { type: T };
  }
  const reports = {
    received,
    /** Resolves with what the master is told, when it matches. */
    report,
    /** Resolves with the update by which a task came into a state. */
    status: async (taskId: string, state: TaskStatus['state']): Promise<TaskStatus> =>
      (await report('STATUS_UPDATE', ({ status }) => status.taskId === taskId && status.state === state))
        .status,
  };
  return { master, reports };
}
