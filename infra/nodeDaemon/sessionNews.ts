/**
 * What a session tells its controller: answers at once, and the lines and ends of the processes that it follows as fast as the
 * controller takes them. What it does not take stays in the processes' rings, where the oldest lines make way for new ones.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Entry } from './processTable.ts';
import { encode, type News } from './protocol.ts';

/** What carries a session. */
export type SessionCall = ServerDuplexStream<Buffer, Buffer>;

/** The news of one session. */
export interface SessionNews {
  /** From now on this call carries it; undefined: none does, and what is told is lost but for lines and ends. */
  carryBy(call: SessionCall | undefined): void;
  readonly call: SessionCall | undefined;
  tell(news: News): void;
  /** Says that the daemon is there, and how many orders it has taken, unless there is more to read already. */
  beat(taken: number): void;
  /** Tells of a process's lines from this number on, and of its end. */
  follow(entry: Entry, from: number): void;
  /** Forgets all processes. */
  close(): void;
}

/** Characters of lines in one message. */
const LINES_CHARACTERS = 128 * 1024;

interface Followed {
  readonly entry: Entry;
  /** Number of the next line to tell. */
  next: number;
  readonly stop: () => void;
}

/** Makes news that nothing carries yet. */
export function sessionNews(): SessionNews {
  const followed = new Map<string, Followed>();
  /** Those that have something to tell. */
  const waiting = new Set<Followed>();
  let call: SessionCall | undefined;
  /** The call takes no more for now. */
  let isFull = false;
  let isDue = false;

  function tell(news: News): void {
    if (call === undefined || call.destroyed) return;
    if (!call.write(encode(news))) isFull = true;
  }

  function pumpSoon(): void {
    if (isDue || isFull) return;
    isDue = true;
    setImmediate(pump);
  }

  function pump(): void {
    isDue = false;
    for (const process of waiting) {
      if (call === undefined || isFull) return;
      tellOf(process);
    }
    if (waiting.size > 0) pumpSoon();
  }

  function tellOf(process: Followed): void {
    const { entry } = process;
    const { id } = entry;
    if (process.next < entry.lines.next) {
      const { from, leftOut, lines } = entry.lines.from(process.next, LINES_CHARACTERS);
      process.next = from + lines.length;
      tell({ news: 'lines', id, from, leftOut, lines: [...lines] });
    }
    if (process.next < entry.lines.next) return;
    waiting.delete(process);
    if (entry.exit === undefined) return;
    tell({ news: 'exited', id, ...entry.exit });
    process.stop();
  }

  return {
    carryBy(next) {
      call = next;
      isFull = false;
      next?.on('drain', () => {
        if (call !== next) return;
        isFull = false;
        pumpSoon();
      });
      pumpSoon();
    },
    get call() {
      return call;
    },
    tell,
    beat(taken) {
      if (!isFull) tell({ news: 'beat', taken });
    },
    follow(entry, from) {
      followed.get(entry.id)?.stop();
      const changed = (): void => {
        waiting.add(process);
        pumpSoon();
      };
      const process: Followed = {
        entry,
        next: from,
        stop() {
          entry.changed.delete(changed);
          waiting.delete(process);
          followed.delete(entry.id);
        },
      };
      followed.set(entry.id, process);
      entry.changed.add(changed);
      changed();
    },
    close() {
      for (const process of [...followed.values()]) {
        tellOf(process);
        process.stop();
      }
    },
  };
}
