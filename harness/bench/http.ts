/**
 * How fast a master answers over HTTP, and how little that disturbs it. Its sizes are those of Apache Mesos's own benchmarks
 * (MasterStateQuery, MasterActorResponsiveness). Who asks is another process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type HttpCluster, type HttpClusterSize, startHttpCluster } from './httpCluster.ts';
import type { HttpFigures, HttpTask } from './httpPeer.ts';
import { type Measurement, measurement } from './measurement.ts';

const PEER = new URL('httpPeer.ts', import.meta.url);
const REPETITIONS = 9;
const SETTLE_MS = 3000;
const HEALTH_TIMES = 200;
const LOAD_SECONDS = 3;
const CONNECTIONS = 10;
/** Updates of tasks in a second that keep a master busy. */
const BUSY_UPDATES = 2000;

/** 200,000 tasks, half of which have ended. */
const LARGE: HttpClusterSize = { slaves: 10_000, frameworks: 100, running: 10, completed: 10 };
const SMALL: HttpClusterSize = { slaves: 100, frameworks: 10, running: 100, completed: 100 };
const PATHS = ['/health', '/metrics/snapshot', '/slaves', '/state'] as const;

/** Measures `/state` of a large cluster, and a small one's answers while it is idle and while it is busy. */
export async function benchHttp(): Promise<readonly Measurement[]> {
  const child = fork(PEER);
  try {
    await figuresOf(child);
    return [
      ...(await withCluster(LARGE, (cluster) => large(child, cluster))),
      ...(await withCluster(SMALL, (cluster) => small(child, cluster))),
    ];
  } finally {
    await ended(child);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.disconnect();
  if (child.exitCode === null) await once(child, 'exit');
}

async function withCluster<T>(size: HttpClusterSize, run: (cluster: HttpCluster) => Promise<T>): Promise<T> {
  const cluster = await startHttpCluster(size);
  try {
    return await run(cluster);
  } finally {
    await cluster.close();
  }
}

async function large(child: ChildProcess, cluster: HttpCluster): Promise<readonly Measurement[]> {
  const { port } = cluster;
  const fetch = (times: number) => ask(child, { kind: 'fetch', port, path: '/state', times });
  // What has filled the books is to be over.
  await setTimeout(SETTLE_MS);
  const first = await fetch(1);
  await fetch(1);
  const { times, bytes } = await fetch(REPETITIONS);
  const changed: number[] = [];
  for (let n = 0; n < REPETITIONS; n++) {
    await cluster.updateAll();
    changed.push(...(await fetch(1)).times);
  }
  const seconds = (all: readonly number[]) => all.map((ms) => ms / 1000);
  return [
    measurement('http/state-200k-tasks/seconds-the-first-time', 's', 'lower', seconds(first.times)),
    measurement('http/state-200k-tasks/seconds', 's', 'lower', seconds(times)),
    measurement('http/state-200k-tasks/seconds-after-all-changed', 's', 'lower', seconds(changed)),
    measurement('http/state-200k-tasks/megabytes', 'MB', 'lower', [bytes / 1e6]),
  ];
}

async function small(child: ChildProcess, cluster: HttpCluster): Promise<readonly Measurement[]> {
  const { port } = cluster;
  const all: Measurement[] = [];
  const health = { port, path: '/health', times: HEALTH_TIMES } as const;
  await ask(child, { kind: 'fetch', ...health });
  const alone = await ask(child, { kind: 'fetch', ...health });
  // Who polls is another process than who measures: it has enough to do.
  const other = fork(PEER);
  await figuresOf(other);
  await ask(other, { kind: 'poll', port, path: '/state', clients: 5 });
  const beside = await ask(child, { kind: 'fetch', ...health });
  await ask(other, { kind: 'rest' });
  await ended(other);
  all.push(
    measurement('http/health/ms', 'ms', 'lower', alone.times),
    measurement('http/health/ms-beside-5-readers-of-state', 'ms', 'lower', beside.times),
  );
  const framework = await subscribe(port);
  for (const how of ['idle', 'busy'] as const) {
    const calm = how === 'busy' ? cluster.keepBusy(BUSY_UPDATES) : () => {};
    for (const path of PATHS) {
      const figures = await ask(child, {
        kind: 'load',
        port,
        path,
        connections: CONNECTIONS,
        seconds: LOAD_SECONDS,
      });
      const id = `http${path}/${how}`;
      all.push(
        measurement(`${id}/calls-per-second`, '1/s', 'higher', [figures.perSecond]),
        measurement(`${id}/ms-p50`, 'ms', 'lower', [figures.p50Ms]),
        measurement(`${id}/ms-p99`, 'ms', 'lower', [figures.p99Ms]),
      );
    }
    for (const call of CALLS) {
      const post = { headers: framework.headers, body: framework.body(call) };
      const task = { kind: 'load', port, path: SCHEDULER_PATH, connections: CONNECTIONS } as const;
      const figures = await ask(child, { ...task, seconds: LOAD_SECONDS, post });
      const id = `http/scheduler-${call.toLowerCase()}/${how}`;
      all.push(
        measurement(`${id}/calls-per-second`, '1/s', 'higher', [figures.perSecond]),
        measurement(`${id}/ms-p50`, 'ms', 'lower', [figures.p50Ms]),
        measurement(`${id}/ms-p99`, 'ms', 'lower', [figures.p99Ms]),
      );
    }
    calm();
  }
  framework.close();
  return all;
}

const SCHEDULER_PATH = '/api/v1/scheduler';
/** DECLINE is answered with nothing but its status; RECONCILE with an event on the stream as well. */
const CALLS = ['DECLINE', 'RECONCILE'] as const;

/** A framework on the v1 API. */
interface BenchFramework {
  readonly headers: Readonly<Record<string, string>>;
  body(call: (typeof CALLS)[number]): string;
  close(): void;
}

async function subscribe(port: number): Promise<BenchFramework> {
  const json = { 'Content-Type': 'application/json' };
  const ending = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}${SCHEDULER_PATH}`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      type: 'SUBSCRIBE',
      subscribe: { framework_info: { user: 'bench', name: 'bench' }, suppressed_roles: ['*'] },
    }),
    signal: ending.signal,
  });
  const stream = answer.body?.getReader();
  const first = new TextDecoder().decode((await stream?.read())?.value);
  const [, id = ''] = /"framework_id":\{"value":"([^"]+)"/.exec(first) ?? [];
  const drain = async (): Promise<void> => {
    while (!(await stream?.read())?.done);
  };
  drain().catch(() => {});
  const framework_id = { value: id };
  const bodies = {
    DECLINE: { framework_id, type: 'DECLINE', decline: { offer_ids: [{ value: 'none' }] } },
    RECONCILE: { framework_id, type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'none' } }] } },
  };
  return {
    headers: { ...json, 'Mesos-Stream-Id': answer.headers.get('mesos-stream-id') ?? '' },
    body: (call) => JSON.stringify(bodies[call]),
    close: () => ending.abort(),
  };
}

function ask(child: ChildProcess, task: HttpTask): Promise<HttpFigures> {
  child.send(task);
  return figuresOf(child);
}

async function figuresOf(child: ChildProcess): Promise<HttpFigures> {
  const [said] = (await once(child, 'message', { signal: AbortSignal.timeout(300_000) })) as [
    { readonly figures?: HttpFigures; readonly error?: string },
  ];
  if (said.figures === undefined) throw new Error(said.error);
  return said.figures;
}
