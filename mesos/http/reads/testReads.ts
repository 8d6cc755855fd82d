/** A cluster in virtual time whose master serves HTTP for real: for tests of what it tells. */
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import type { MasterOptions } from '../../master/options.ts';
import type { Reign } from '../../master/reign.ts';
import type { MasterWindow } from '../../master/window.ts';
import { MASTER, type TestCluster, testCluster } from '../../testCluster.ts';
import type { ContentType } from '../../v1/codec.ts';
import { fromJson } from '../../v1/json.ts';
import * as v1 from '../../v1/master.ts';
import { Response } from '../../v1/masterAnswers.ts';
import { fromProtobuf, toProtobuf } from '../../v1/protobuf.ts';
import { authenticator } from '../authentication.ts';
import { type MasterServerOptions, masterServer } from '../masterServer.ts';
import type { Chronicle } from './chronicle.ts';
import { chronicler } from './chronicler.ts';

/** An answer as it came. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
  readonly text: string;
}

/** The cluster. */
export interface ReadsCluster extends TestCluster {
  readonly port: number;
  readonly reign: Reign;
  readonly chronicle: Chronicle;
  readonly log: readonly string[];
  /** The master gives up leadership for good. */
  endReign(): void;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Got>;
  /** What is at a path, as JSON; a test looks into it as it likes. */
  json(path: string): Promise<ReturnType<typeof JSON.parse>>;
  /** Posts a call to `/api/v1`. */
  post(call: v1.Call | string, headers?: Readonly<Record<string, string>>): Promise<Got>;
  /** The answer to a call. */
  ask(call: v1.Call, contentType: ContentType): Promise<Response>;
}

const open = new Set<() => void>();

/** Ends the servers of all clusters; to be called after each test. */
export function closeClusters(): void {
  for (const close of open) close();
  open.clear();
}

/** Starts it. */
export async function readsCluster(
  options: Partial<MasterServerOptions> & Partial<Omit<MasterOptions, 'allocation'>> = {},
): Promise<ReadsCluster> {
  const chronicles = chronicler();
  const log: string[] = [];
  let window: MasterWindow | undefined;
  const stopping = new AbortController();
  const cluster = testCluster({
    ...options,
    stopping: stopping.signal,
    observer: chronicles.observer,
    opened: (opened) => {
      window = opened;
    },
  });
  const server = masterServer({
    runtime: cluster.virtual.process('10.0.0.1:5050'),
    window: () => window,
    authenticate: authenticator({}),
    chronicler: chronicles,
    log: (line) => log.push(line),
    ...options,
  });
  const listener = createServer((socket) => server.take(socket));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  open.add(() => {
    listener.close();
    server.close();
  });
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const ask = (method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array) =>
    new Promise<Got>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes, text });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const get: ReadsCluster['get'] = (path, headers = {}) => ask('GET', path, headers);
  return {
    ...cluster,
    port,
    log,
    get reign() {
      const { reign } = window ?? {};
      if (reign === undefined) throw new Error(`${MASTER} does not lead`);
      return reign;
    },
    get chronicle() {
      const { chronicle } = chronicles;
      if (chronicle === undefined) throw new Error(`${MASTER} does not lead`);
      return chronicle;
    },
    endReign: () => stopping.abort(),
    get,
    json: async (path) => JSON.parse((await get(path)).text),
    post: (call, headers = {}) =>
      ask(
        'POST',
        '/api/v1',
        { 'Content-Type': 'application/json', ...headers },
        typeof call === 'string' ? call : JSON.stringify(call),
      ),
    async ask(call, contentType) {
      const isJson = contentType === 'application/json';
      const headers = { 'Content-Type': contentType, Accept: contentType };
      const body = isJson ? JSON.stringify(call) : toProtobuf(v1.Call, call);
      const { status, bytes, text } = await ask('POST', '/api/v1', headers, body);
      if (status !== 200) throw new Error(`${status}: ${text}`);
      return isJson ? fromJson(Response, JSON.parse(text)) : fromProtobuf(Response, bytes);
    },
  };
}
