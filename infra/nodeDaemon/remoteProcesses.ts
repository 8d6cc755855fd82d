/** Processes on another machine, as their controller sees them. */
import { type LineBook, lineBook } from '../lines.ts';
import type { ProcessExit, ProcessSpec, RunningProcess } from '../machine.ts';
import type { MachineError } from './channel.ts';
import type { GivenOrder, SessionEvents } from './controllerSession.ts';
import type { News } from './protocol.ts';

/** The processes of one session. */
export interface RemoteProcesses extends SessionEvents {
  start(id: string, spec: ProcessSpec): Promise<RunningProcess>;
  /** Follows a process that somebody else started. */
  follow(id: string, name: string): Promise<RunningProcess>;
}

interface Remote {
  readonly name: string;
  readonly book: LineBook;
  readonly exited: PromiseWithResolvers<ProcessExit>;
  readonly started: PromiseWithResolvers<RunningProcess>;
  /** Number of the next line. */
  next: number;
  state: 'awaited' | 'running' | 'ended';
}

/** How all processes of a machine have ended that is lost: its daemon kills them. */
const LOST: ProcessExit = { code: null, signal: 'SIGKILL' };

/** Makes an empty set for the machine of this name; orders are given by `give`. */
export function remoteProcesses(machine: string, give: (order: GivenOrder) => void): RemoteProcesses {
  const all = new Map<string, Remote>();

  function add(id: string, name: string): Promise<RunningProcess> {
    const exited = Promise.withResolvers<ProcessExit>();
    const started = Promise.withResolvers<RunningProcess>();
    all.set(id, {
      name,
      book: lineBook(name, exited.promise),
      exited,
      started,
      next: 0,
      state: 'awaited',
    });
    return started.promise;
  }

  function begin(id: string, remote: Remote, pid: number): void {
    if (remote.state !== 'awaited') return;
    remote.state = 'running';
    const { name, book, exited } = remote;
    remote.started.resolve({
      name,
      pid,
      exited: exited.promise,
      lastLines: book.lastLines,
      onLine: book.onLine,
      waitForLine: book.waitForLine,
      signal: (signal) => give({ order: 'signal', id, signal: allowed(signal), isAlone: false }),
      signalAlone: (signal) => give({ order: 'signal', id, signal: allowed(signal), isAlone: true }),
      async stop() {
        if (remote.state === 'running') give({ order: 'stop', id });
        await exited.promise;
      },
    });
  }

  function end(id: string, remote: Remote, exit: ProcessExit): void {
    remote.state = 'ended';
    all.delete(id);
    remote.exited.resolve(exit);
  }

  function refuse(id: string, remote: Remote, error: Error): void {
    if (remote.state === 'awaited') {
      all.delete(id);
      remote.started.reject(error);
      return;
    }
    remote.book.add(`[${error.message}]`);
    end(id, remote, LOST);
  }

  function read(remote: Remote, { from, leftOut, lines }: Extract<News, { news: 'lines' }>): void {
    if (leftOut > 0) remote.book.add(`[${leftOut} lines are left out here; ${remote.name}.log has them]`);
    // Some may have come before the connection broke.
    for (const line of lines.slice(Math.max(0, remote.next - from))) remote.book.add(line);
    remote.next = Math.max(remote.next, from + lines.length);
  }

  return {
    start(id, spec) {
      const started = add(id, spec.name);
      give({ order: 'start', id, spec: { ...spec, arguments: [...spec.arguments] } });
      return started;
    },
    follow(id, name) {
      const started = add(id, name);
      give({ order: 'follow', id });
      return started;
    },
    news(news) {
      const remote = all.get(news.id);
      if (remote === undefined) return;
      switch (news.news) {
        case 'started':
          return begin(news.id, remote, news.pid);
        case 'refused':
          return refuse(news.id, remote, new Error(`machine ${machine}: ${news.reason}`));
        case 'lines':
          return read(remote, news);
        case 'exited':
          return end(news.id, remote, { code: news.code, signal: news.signal });
        default:
          return news satisfies never;
      }
    },
    known: () => ({
      seen: Object.fromEntries(
        [...all].filter(([, { state }]) => state === 'running').map(([id, { next }]) => [id, next]),
      ),
      awaited: [...all].filter(([, { state }]) => state === 'awaited').map(([id]) => id),
    }),
    over(why: MachineError) {
      for (const [id, remote] of all) refuse(id, remote, why);
    },
  };
}

type Allowed = Extract<GivenOrder, { order: 'signal' }>['signal'];

/** The daemon checks it again. */
function allowed(signal: NodeJS.Signals): Allowed {
  return signal as Allowed;
}
