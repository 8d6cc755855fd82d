/** A machine by its daemon. */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { ClockOffset, Machine, RunningProcess } from '../machine.ts';
import type { Place } from '../place.ts';
import { type Channel, MachineError, openChannel } from './channel.ts';
import { type ClockRound, offsetOf, preciseClock } from './clock.ts';
import { beginSession, type ControllerSession } from './controllerSession.ts';
import { whyUnreachable } from './diagnosis.ts';
import type { DeploymentKeys } from './keys.ts';
import { decode, type ProcessInfo, processSchema, sampleSchema, type UsageSample } from './protocol.ts';
import type { DaemonRecord } from './record.ts';
import { remoteFiles, type Shipment, type ShippedFile } from './remoteFiles.ts';
import { remoteProcesses } from './remoteProcesses.ts';
import { routeTo } from './route.ts';

export { MachineError } from './channel.ts';
export type { ProcessInfo, UsageSample } from './protocol.ts';
export type { Shipment, ShippedFile } from './remoteFiles.ts';

/**
 * A machine with a daemon. What is started on it ends when it is disposed of, or when it has not heard of us for a while, unless it
 * is kept. Disposing of it leaves the daemon.
 */
export interface RemoteMachine extends Machine, AsyncDisposable {
  readonly record: DaemonRecord;
  /** Resolves with the reason when the machine is lost, or its daemon has ended; never rejects. */
  readonly lost: Promise<MachineError>;
  /** Processes that run, and those that have ended lately, whoever started them. */
  processes(): Promise<readonly ProcessInfo[]>;
  /** Follows a process that somebody else started, from the lines on that the daemon still has. */
  follow(process: ProcessInfo): Promise<RunningProcess>;
  /** Ships files by their content: only what the machine's store does not have is sent. */
  ship(files: readonly ShippedFile[]): Promise<Shipment>;
  /** Samples at this pace, until the loop over them ends. */
  usage(everyMs: number): AsyncIterable<UsageSample>;
  /** Ends all that the daemon runs, the kept too, and the daemon; and removes the machine's folder, unless it is to stay. */
  shutdown(options?: { readonly folder: 'removed' | 'kept' }): Promise<void>;
}

/** How to connect. */
export interface ConnectOptions {
  /** The machine is lost, and its daemon ends our processes, when nothing was heard for so long. */
  readonly silenceMs?: number;
  /** The machine's shell: the daemon is reached through it if its port is not. Default: it is reached directly, or not at all. */
  readonly shell?: Place['shell'];
  /** Apart: it is reached through its shell in any case. */
  readonly network?: Place['network'];
}

const SILENCE_MS = 10_000;
/** A clock is asked at least so often, and goes on being asked until its offset is known well, or it takes too long. */
const CLOCK_ROUNDS = 8;
const CLOCK_ERROR_MS = 0.5;
const CLOCK_LIMIT_MS = 200;
/** How often to try what did not come through. */
const ATTEMPTS = 3;

/** Connects to a daemon. Rejects with a MachineError: one sentence that names the machine and says what to do. */
export async function connect(
  record: DaemonRecord,
  keys: DeploymentKeys,
  { silenceMs = SILENCE_MS, ...place }: ConnectOptions = {},
): Promise<RemoteMachine> {
  const lost = Promise.withResolvers<MachineError>();
  let give: ControllerSession['give'] = () => {};
  const processes = remoteProcesses(record.name, (order) => give(order));
  const route = await routeTo(record, place);
  const session = await beginSession(
    record.name,
    route,
    () => openChannel(record, route, keys, silenceMs),
    silenceMs,
    {
      news: processes.news,
      known: processes.known,
      over(why) {
        processes.over(why);
        lost.resolve(why);
      },
    },
  ).catch(async (error: MachineError) => {
    const why = error.isUnreachable ? await whyUnreachable(record, route, keys) : undefined;
    route.close();
    throw why === undefined ? error : new MachineError(record.name, why, true, { cause: error });
  });
  void lost.promise.then(() => route.close());
  give = session.give;

  async function attempt<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    for (let left = ATTEMPTS; ; left -= 1) {
      await session.connected();
      try {
        return await work(session.channel());
      } catch (error) {
        if (left === 1 || !(error instanceof MachineError && error.isUnreachable)) throw error;
      }
    }
  }

  const { name, ip, folder, lab } = record;
  return {
    record,
    name,
    ip,
    folder,
    lab,
    lost: lost.promise,
    async start(spec) {
      await session.connected();
      return processes.start(randomUUID(), spec);
    },
    ...remoteFiles(name, attempt, session.channel),
    clockOffset: () => attempt((channel) => inTurn(() => clockOffsetBy(channel))),
    processes: () =>
      attempt(
        async (call) =>
          (await call.ask({ ask: 'processes' }, v.object({ processes: v.array(processSchema) }))).processes,
      ),
    async follow(process) {
      await session.connected();
      return processes.follow(process.id, process.name);
    },
    usage: (everyMs) => usageBy(session.channel(), everyMs),
    async shutdown({ folder } = { folder: 'removed' }) {
      await session.channel().ask({ ask: 'shutdown', removesFolder: folder === 'removed' }, v.object({}));
      await lost.promise;
    },
    [Symbol.asyncDispose]: session.end,
  };
}

let turn: Promise<unknown> = Promise.resolve();

/** One machine at a time: an answer that waits here for those of other machines tells less of its clock. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

async function clockOffsetBy(channel: Channel): Promise<ClockOffset> {
  const answer = v.object({ timeMs: v.number() });
  const now = preciseClock();
  const giveUpMs = performance.now() + CLOCK_LIMIT_MS;
  const rounds: ClockRound[] = [];
  for (;;) {
    const askedMs = now();
    const { timeMs } = await channel.ask({ ask: 'clock' }, answer);
    rounds.push({ askedMs, theirsMs: timeMs, answeredMs: now() });
    if (rounds.length < CLOCK_ROUNDS) continue;
    const offset = offsetOf(rounds);
    if (offset.errorMs <= CLOCK_ERROR_MS || performance.now() > giveUpMs) return offset;
  }
}

async function* usageBy(channel: Channel, everyMs: number): AsyncGenerator<UsageSample> {
  const call = channel.usage({ everyMs });
  try {
    for await (const sample of call) yield decode(sampleSchema, sample as Buffer);
  } catch (error) {
    throw channel.failure(error as Error);
  } finally {
    call.cancel();
  }
}
