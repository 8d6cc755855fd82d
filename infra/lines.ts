/** The lines that a process writes: told to those who wait for them, and the last ones kept. Memory is bounded. */
import { StringDecoder } from 'node:string_decoder';
import type { ProcessExit, RunningProcess } from './machine.ts';

/** Lines kept of each process, for error messages and for those that wait for a line that has come already. */
const LAST_LINES = 1_000;
/** They have no more characters than this together, but for the last of them. */
const LAST_CHARACTERS_MAX = 1024 * 1024;
/** How long a process may take to write a line that is waited for, unless told: so long only where it would be for ever. */
const LINE_LIMIT_MS = 300_000;
/** Lines that are told of a process that did not write what was waited for. */
const TOLD_LINES = 3;
/** A longer line is told in parts, so that a process that never ends a line fills no memory. */
export const LINE_LENGTH_MAX = 64 * 1024;

/** The part of a running process that is about its lines. */
export interface LineBook extends Pick<RunningProcess, 'waitForLine' | 'onLine' | 'lastLines'> {
  add(line: string): void;
}

/** Makes an empty book for the process of this name. */
export function lineBook(name: string, exited: Promise<ProcessExit>): LineBook {
  const last: string[] = [];
  let characters = 0;
  const waiting = new Set<{
    readonly pattern: RegExp;
    readonly found: (match: RegExpExecArray) => void;
  }>();
  return {
    add(line) {
      last.push(line);
      characters += line.length;
      while (last.length > LAST_LINES || (characters > LAST_CHARACTERS_MAX && last.length > 1))
        characters -= last.shift()?.length ?? 0;
      for (const waiter of waiting) {
        const match = waiter.pattern.exec(line);
        if (match !== null) waiter.found(match);
      }
    },
    lastLines: () => last,
    onLine(pattern, run) {
      waiting.add({ pattern, found: run });
    },
    waitForLine(pattern, limitMs = LINE_LIMIT_MS) {
      for (const line of last) {
        const match = pattern.exec(line);
        if (match !== null) return Promise.resolve(match);
      }
      return new Promise((resolve, reject) => {
        const waiter = {
          pattern,
          found: (match: RegExpExecArray) => {
            if (isOver()) resolve(match);
          },
        };
        const isOver = (): boolean => {
          clearTimeout(timer);
          return waiting.delete(waiter);
        };
        const giveUp = (): void => {
          const said =
            last.length === 0 ? 'it said nothing' : `it said: ${last.slice(-TOLD_LINES).join(' | ')}`;
          const limit = `${limitMs / 1_000} s`;
          if (isOver())
            reject(new Error(`${name} wrote no line that matches ${pattern} within ${limit}; ${said}`));
        };
        const timer = limitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(giveUp, limitMs);
        waiting.add(waiter);
        void exited.then(({ code, signal }) => {
          const how = signal ?? `exit code ${code}`;
          if (isOver()) reject(new Error(`${name} ended (${how}): ${last.at(-1) ?? 'it said nothing'}`));
        });
      });
    },
  };
}

/** Cuts what comes in pieces into lines. `end` tells what is left when no more comes. */
export function lineCutter(tell: (line: string) => void): {
  readonly add: (piece: Buffer) => void;
  readonly end: () => void;
} {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tellInParts(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (rest.length > LINE_LENGTH_MAX) {
      tell(rest.slice(0, LINE_LENGTH_MAX));
      rest = rest.slice(LINE_LENGTH_MAX);
    }
  };
  const tellInParts = (line: string): void => {
    for (let at = 0; at === 0 || at < line.length; at += LINE_LENGTH_MAX)
      tell(line.slice(at, at + LINE_LENGTH_MAX));
  };
  return {
    add: (piece) => take(decoder.write(piece)),
    end() {
      take(decoder.end());
      if (rest !== '') tell(rest);
      rest = '';
    },
  };
}
