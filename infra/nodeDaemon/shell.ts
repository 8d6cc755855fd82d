/** Scripts run on a place by its shell. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Place } from '../place.ts';

const OUTPUT_LENGTH_MAX = 1024 * 1024;

/**
 * Runs a script on a place. Resolves with its first line of output as soon as that is there, or with nothing if it ends well without
 * one; what the shell's own files write before the script begins is no part of it. Rejects with one sentence that names the machine. It is in no terminal's group: a Ctrl-C here does not reach what it starts.
 */
export function tell(place: Place, script: string, input: string | Readable): Promise<string> {
  const [program, ...args] = place.shell;
  const { name } = place;
  const mark = `mesos-lab ${randomUUID()}`;
  // What a greeting wrote may lack the end of its line.
  const marked = `printf '\\n%s\\n' '${mark}'\n${script}`;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, marked], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let output = '';
    let complaint = '';
    let inputError: NodeJS.ErrnoException | undefined;
    child.once('error', (error) =>
      reject(new Error(`machine ${name}: ${program} cannot be started: ${error.message}`, { cause: error })),
    );
    child.stdout.on('data', (piece: Buffer) => {
      output = (output + piece.toString('utf8')).slice(-OUTPUT_LENGTH_MAX);
      const own = after(output, `\n${mark}\n`);
      const end = own?.indexOf('\n') ?? -1;
      if (end >= 0) resolve(own?.slice(0, end) ?? '');
    });
    child.stderr.on('data', (piece: Buffer) => {
      complaint = (complaint + piece.toString('utf8')).slice(-OUTPUT_LENGTH_MAX);
    });
    child.once('close', (code, signal) => {
      if (code === 0 && (inputError === undefined || isUnread(inputError))) {
        const own = after(output, `\n${mark}\n`);
        if (own !== undefined) return resolve(own);
        const said = output.trim().split('\n').at(-1) || 'nothing';
        return reject(
          new Error(`machine ${name}: its shell does not run what it is given; it says: ${said}`),
        );
      }
      const last = complaint.trim().split('\n').at(-1);
      const how = last || inputError?.message || `its shell ended (${signal ?? `exit code ${code}`})`;
      reject(new Error(`machine ${name}: ${how}`));
    });
    if (typeof input === 'string') {
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    } else
      pipeline(input, child.stdin).catch((error) => {
        inputError = error;
      });
  });
}

/** What follows the mark in a text; undefined if that is not there. */
function after(text: string, mark: string): string | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : text.slice(at + mark.length);
}

/** Did the script end before it had read all of its input? `tar` does not read what fills up the last block. */
function isUnread({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE';
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
