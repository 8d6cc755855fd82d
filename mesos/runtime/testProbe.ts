/** For tests of the wire runtime: an actor that notes what happens to it and lets a test wait for it. */

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Inbox, type Message, SLAVE_INBOX } from '../protocol/message.ts';
import type { ActorKind, Address, Context } from './actor.ts';
import { startWire, type WireOptions, type WireRuntime } from './wire.ts';

/** No test waits longer for anything. */
export const PATIENCE_MS = 60_000;

/** What a test has started and may leave behind, if it fails half-way. */
const leftovers: (() => unknown)[] = [];

/** Ends what a test has left behind; for `test.after.each`. */
export async function tidyUp(): Promise<void> {
  await Promise.all(leftovers.splice(0).map((end) => end()));
}

/** Has something ended after the test. */
export function endLater(end: () => unknown): void {
  leftovers.push(end);
}

/** An actor as a test sees it. */
export interface Probe {
  readonly address: Address;
  readonly context: Context;
  readonly received: { readonly message: Message; readonly from: Address }[];
  readonly lost: Address[];
  /** Resolves when the condition holds; asked whenever something happens to the actor. */
  until(what: string, condition: () => boolean): Promise<void>;
}

/** Starts a probe. */
export function startProbe(runtime: WireRuntime, name: string, inbox: Inbox = SLAVE_INBOX): Probe {
  const received: Probe['received'] = [];
  const lost: Address[] = [];
  let happened = (): void => {};
  let context: Context | undefined;
  const kind: ActorKind = {
    inbox,
    create: (given) => {
      context = given;
      return {
        receive: (message, from) => {
          received.push({ message, from });
          happened();
        },
        lost: (peer) => {
          lost.push(peer);
          happened();
        },
      };
    },
  };
  const address = runtime.spawn(name, kind);
  if (context === undefined) throw new Error('the runtime made no actor');
  return {
    address,
    context,
    received,
    lost,
    until: (what, condition) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      happened = () => {
        if (condition()) resolve();
      };
      happened();
      return within(what, promise);
    },
  };
}

/** The same promise, or an error that says what did not happen in time. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Log lines, and a way to wait for one. */
export interface Log {
  readonly lines: string[];
  readonly write: (line: string) => void;
  until(part: string): Promise<void>;
}

/** Starts a log. */
export function startLog(): Log {
  const lines: string[] = [];
  let written = (): void => {};
  return {
    lines,
    write: (line) => {
      lines.push(line);
      written();
    },
    until: (part) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      written = () => {
        if (lines.some((line) => line.includes(part))) resolve();
      };
      written();
      return within(`a log line with '${part}'`, promise);
    },
  };
}

/** A runtime that listens on a free port of the loopback interface, unless told otherwise. */
export async function listening(options: Partial<WireOptions> = {}): Promise<WireRuntime> {
  return silent({ listen: { host: '127.0.0.1', port: 0 }, ...options });
}

/** A runtime that does not listen, unless told otherwise. */
export async function silent(options: Partial<WireOptions> = {}): Promise<WireRuntime> {
  const runtime = await startWire({ log: () => {}, ...options });
  endLater(() => runtime.close());
  return runtime;
}

/** A message that carries text. */
export function note(text: string): Message {
  return { type: 'FRAMEWORK_TO_EXECUTOR', frameworkId: 'f', executorId: 'e', data: text };
}

/** The text of a message made by {@link note}. */
export function textOf(message: Message): string {
  return message.type === 'FRAMEWORK_TO_EXECUTOR' ? message.data : message.type;
}

/** What a child process of a test is to do. */
export interface ChildOrders {
  readonly port?: number;
  /** Send this address a note `hello`. */
  readonly greet?: Address;
  /** What to do with a message: send it back (the default), say goodbye and close the runtime, or throw. */
  readonly answer?: 'echo' | 'close' | 'throw';
}

/** A child process with one wire runtime, and an actor `child` in it. */
export interface Child {
  readonly process: ChildProcess;
  readonly address: Address;
  /** How it ended: exit code or signal. */
  exit(): Promise<number | string>;
  /** Ends it, as kill -9 does. */
  kill(): Promise<void>;
}

/** Starts a child process. */
export async function startChild(orders: ChildOrders): Promise<Child> {
  const script = fileURLToPath(new URL('testChild.ts', import.meta.url));
  const process = fork(script, [JSON.stringify(orders)], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
  endLater(() => process.kill('SIGKILL'));
  const exited = once(process, 'exit') as Promise<[number | null, string | null]>;
  const [address] = (await within('the child process to start', once(process, 'message'))) as [Address];
  const exit = async (): Promise<number | string> => {
    const [code, signal] = await within('the child process to end', exited);
    return code ?? signal ?? 'unknown';
  };
  return {
    process,
    address,
    exit,
    kill: async () => {
      process.kill('SIGKILL');
      await exit();
    },
  };
}
