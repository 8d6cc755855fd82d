/** Measures the wire runtime: two processes, the loopback interface, real links. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { SLAVE_INBOX, type SlaveMessage } from '../../mesos/protocol/message.ts';
import type { SlaveReport } from '../../mesos/protocol/slave.ts';
import type { ActorKind, Address } from '../../mesos/runtime/actor.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import { median } from '../statistics/quantile.ts';
import { type Measurement, measurement } from './measurement.ts';
import { BURST, type WirePeerReport } from './wirePeer.ts';

const REPETITIONS = 7;
/** Envelopes of one repetition. */
const ENVELOPES = 200_000;
/** Bursts under way at a time. */
const WINDOW = 20;
/** Round trips of one repetition. */
const ROUND_TRIPS = 2000;

/** How many small envelopes go from one process to another, what they cost at each end, and how long one takes. */
export async function benchWire(): Promise<Measurement[]> {
  const child = fork(new URL('wirePeer.ts', import.meta.url));
  const runtime = await startWire({ log: console.error });
  try {
    const ready = await report(child, 'ready');
    await stream(runtime, ready.address, ENVELOPES);
    const streams: Stream[] = [];
    for (let n = 0; n < REPETITIONS; n++) streams.push(await measureStream(runtime, child, ready.address));
    await roundTrips(runtime, ready.address);
    const trips: number[] = [];
    for (let n = 0; n < REPETITIONS; n++) trips.push(median(await roundTrips(runtime, ready.address)));
    return [
      measurement(
        'wire/envelopes-per-second',
        '1/s',
        'higher',
        streams.map((run) => run.perSecond),
      ),
      measurement(
        'wire/cpu-us-per-envelope-send',
        'us',
        'lower',
        streams.map((run) => run.sendUs),
      ),
      measurement(
        'wire/cpu-us-per-envelope-receive',
        'us',
        'lower',
        streams.map((run) => run.receiveUs),
      ),
      measurement('wire/round-trip-ms-p50', 'ms', 'lower', trips),
    ];
  } finally {
    await runtime.close();
    child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

interface Stream {
  readonly perSecond: number;
  readonly sendUs: number;
  readonly receiveUs: number;
}

async function measureStream(runtime: WireRuntime, child: ChildProcess, master: Address): Promise<Stream> {
  const there = await cpuOf(child);
  const here = process.cpuUsage();
  const start = runtime.now();
  await stream(runtime, master, ENVELOPES);
  const elapsedMs = runtime.now() - start;
  const { user, system } = process.cpuUsage(here);
  return {
    perSecond: (ENVELOPES / elapsedMs) * 1000,
    sendUs: (user + system) / ENVELOPES,
    receiveUs: ((await cpuOf(child)) - there) / ENVELOPES,
  };
}

/** Sends so many status updates, a window of bursts at a time; resolves when all have been answered. */
async function stream(runtime: WireRuntime, master: Address, envelopes: number): Promise<void> {
  const bursts = envelopes / BURST;
  await perform(runtime, (done) => ({
    inbox: SLAVE_INBOX,
    create: (context) => {
      let sent = 0;
      let answered = 0;
      const burst = (): void => {
        for (let n = 0; n < BURST; n++) context.send(master, statusUpdate(sent * BURST + n));
        sent++;
      };
      for (let n = 0; n < Math.min(WINDOW, bursts); n++) burst();
      return {
        receive: () => {
          answered++;
          if (sent < bursts) burst();
          else if (answered === bursts) done();
        },
      };
    },
  }));
}

/** Sends a small message and waits for the answer, again and again; returns the times it took, in ms. */
async function roundTrips(runtime: WireRuntime, master: Address): Promise<number[]> {
  const times: number[] = [];
  await perform(runtime, (done) => ({
    inbox: SLAVE_INBOX,
    create: (context) => {
      let start = context.now();
      context.send(master, { type: 'PONG' });
      return {
        receive: () => {
          const now = context.now();
          times.push(now - start);
          if (times.length === ROUND_TRIPS) return done();
          start = now;
          context.send(master, { type: 'PONG' });
        },
      };
    },
  }));
  return times;
}

/** Lets an actor live until it says that it is done. */
async function perform(
  runtime: WireRuntime,
  kind: (done: () => void) => ActorKind<SlaveMessage>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const address = runtime.spawn('slave', kind(resolve));
  await promise;
  runtime.stop(address);
}

function statusUpdate(n: number): SlaveReport {
  return {
    type: 'STATUS_UPDATE',
    frameworkId: '20261123-160000-0007',
    status: {
      taskId: `job-17-map-${n}`,
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      slaveId: '20261123-160000-S42',
      executorId: 'executor-17',
      timestamp: 1_795_450_000 + n / 1000,
      uuid: '6f1ed002ab5595859014ebf0951522d9',
    },
  };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  return (await report(child, 'cpu')).microseconds;
}

async function report<K extends WirePeerReport['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<WirePeerReport, { kind: K }>> {
  const signal = AbortSignal.timeout(30_000);
  for (;;) {
    const [said] = (await once(child, 'message', { signal })) as [WirePeerReport];
    if (said.kind === kind) return said as Extract<WirePeerReport, { kind: K }>;
  }
}
