/** A program that is run for its output, at the daemon. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Of standard error, what is told if it fails. */
const COMPLAINT_LENGTH_MAX = 2_000;

/**
 * Runs a program; yields what it writes to standard output. Throws its last words if it fails. When its reader stops, or the signal
 * says so, its group is killed, and nothing more is waited for. `guard` is told of its group, and returns how to forget it.
 */
export async function* outputOf(
  program: string,
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly guard: (group: number) => () => void;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<Buffer> {
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`${program} cannot be started: ${error.message}`));
    // Only then all has been heard: parts of it may have last words.
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : `${program} ended (${signal ?? `exit code ${code}`})`);
    });
  });
  const { pid } = child;
  const forget = pid === undefined ? undefined : options.guard(pid);
  const kill = (): void => {
    // Something that has left the group may hold them; nobody listens any more.
    child.stdout.destroy();
    child.stderr.destroy();
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  options.signal.addEventListener('abort', kill);
  let complaint = '';
  child.stderr.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString('utf8')).slice(-COMPLAINT_LENGTH_MAX);
  });
  try {
    yield* child.stdout as Readable & AsyncIterable<Buffer>;
    const failure = await ended;
    if (failure !== undefined) throw new Error([failure, complaint.trim()].filter(Boolean).join(': '));
  } finally {
    options.signal.removeEventListener('abort', kill);
    kill();
    await ended;
    forget?.();
  }
}
