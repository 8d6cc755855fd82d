/**
 * The other process of the HTTP benchmarks: it asks, and measures. It is told over the IPC channel what to do, one thing at a time,
 * and answers with the figures.
 */
import { request } from 'node:http';

/** What this process can be told to do. */
export type HttpTask =
  /** Asks for a path again and again; times until the last byte has come. */
  | { readonly kind: 'fetch'; readonly port: number; readonly path: string; readonly times: number }
  /** Asks as often as it can over so many connections. */
  | {
      readonly kind: 'load';
      readonly port: number;
      readonly path: string;
      readonly connections: number;
      readonly seconds: number;
      /** What is posted; absent: it asks with GET. */
      readonly post?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
    }
  /** Clients that ask for a path without pause, until the next task comes. */
  | { readonly kind: 'poll'; readonly port: number; readonly path: string; readonly clients: number }
  | { readonly kind: 'rest' };

/** What it measured. */
export interface HttpFigures {
  /** Of each request, in ms. */
  readonly times: readonly number[];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the first body. */
  readonly bytes: number;
}

const NONE: HttpFigures = { times: [], perSecond: 0, p50Ms: 0, p99Ms: 0, bytes: 0 };

/** Milliseconds between two requests whose time counts, so that they are not one load. */
const PAUSE_MS = 20;

/** As far as it is used here. */
interface Autocannon {
  readonly default: (options: object) => PromiseLike<{
    readonly requests: { readonly average: number };
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly throughput: { readonly total: number };
    readonly errors: number;
    readonly non2xx: number;
  }>;
}

/** Of the clients that poll. */
let polling: symbol | undefined;

async function perform(task: HttpTask): Promise<HttpFigures> {
  switch (task.kind) {
    case 'fetch': {
      const { port, path } = task;
      const fetched: Fetched[] = [];
      for (let n = 0; n < task.times; n++) {
        fetched.push(await fetchOnce(port, path));
        await pause();
      }
      return { ...NONE, times: fetched.map(({ ms }) => ms), bytes: fetched[0]?.bytes ?? 0 };
    }
    case 'load': {
      const name: string = 'autocannon';
      const { default: autocannon } = (await import(name)) as Autocannon;
      const { port, path, connections, seconds, post } = task;
      const url = `http://127.0.0.1:${port}${path}`;
      const { requests, latency, throughput, errors, non2xx } = await autocannon({
        url,
        connections,
        duration: seconds,
        ...(post && { method: 'POST', ...post }),
      });
      if (errors + non2xx > 0) throw new Error(`${errors + non2xx} requests of ${path} failed`);
      return {
        ...NONE,
        perSecond: requests.average,
        p50Ms: latency.p50,
        p99Ms: latency.p99,
        bytes: throughput.total,
      };
    }
    case 'poll': {
      const own = Symbol('poll');
      polling = own;
      const poll = async (): Promise<void> => {
        while (polling === own) await fetchOnce(task.port, task.path);
      };
      await Promise.all(Array.from({ length: task.clients }, () => fetchOnce(task.port, task.path)));
      for (let n = 0; n < task.clients; n++) void poll();
      return NONE;
    }
    case 'rest':
      polling = undefined;
      return NONE;
    default:
      return task satisfies never;
  }
}

interface Fetched {
  readonly ms: number;
  readonly bytes: number;
}

function fetchOnce(port: number, path: string): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const sent = request({ host: '127.0.0.1', port, path }, (answer) => {
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve({ ms: performance.now() - start, bytes });
        else reject(new Error(`${path} was answered with ${answer.statusCode}`));
      });
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

if (import.meta.main) {
  process.on('message', (task: HttpTask) => {
    perform(task).then(
      (figures) => process.send?.({ figures }),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ figures: NONE });
}
