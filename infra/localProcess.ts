/** A process of this machine, in its own namespaces or in those of another process: a group of its own, its standard input a lifeline, its lines told and logged. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { lineBook, lineCutter } from './lines.ts';
import type { ProcessExit, ProcessSpec, RunningProcess } from './machine.ts';

/** How long a process may take to end when it is asked to. */
const STOP_GRACE_MS = 5_000;
/** How long we wait for its last lines: what it started outside its group may hold its output open for ever. */
const LAST_LINES_LIMIT_MS = 500;

/**
 * Another way in than to start the program as it is: the command to run instead. It is the program's parent, ends as the program
 * ends, and writes the program's process ids, here and on the machine, as a line to descriptor 3 once the program can be started.
 */
export type Entry = (program: string, args: readonly string[]) => readonly [string, readonly string[]];

/** Starts a process in `folder`, where it logs to `NAME.log`. Rejects with one sentence that names the program if that fails. */
export async function startProcess(
  spec: ProcessSpec,
  folder: string,
  entry?: Entry,
): Promise<RunningProcess> {
  if (spec.isKept) throw new Error(`${spec.name} cannot outlive us on a machine without a daemon`);
  const [program, args] = entry?.(spec.program, spec.arguments) ?? [spec.program, spec.arguments];
  const child = spawn(program, args, {
    cwd: folder,
    // Its standard input is our lifeline: it closes however we end, and the process ends with us.
    env: { ...process.env, ...spec.environment, MESOS_LAB_PARENT: 'stdin' },
    stdio: ['pipe', 'pipe', 'pipe', ...(entry === undefined ? [] : (['pipe'] as const))],
    detached: true,
  });
  // It need not read the lifeline, and may end before we know.
  child.stdin?.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${program} cannot be started: ${error.message}`)));
  });
  let own: ProcessIds = { pid: child.pid as number };
  const unstop = unstopper(child);
  const running = follow(spec.name, child, folder, (name) => {
    unstop(name);
    signalAlone(child, own.pid, name);
  });
  if (entry !== undefined) {
    const reported = await reportedIds(child);
    if (reported === undefined) {
      await running.exited;
      throw new Error(
        `${spec.program} cannot be started: ${running.lastLines().at(-1) ?? 'it is not there'}`,
      );
    }
    own = reported;
  }
  return { ...running, ...own };
}

type ProcessIds = Pick<RunningProcess, 'pid' | 'pidOnMachine'>;

/** The line that a child writes to descriptor 3; undefined if it ends without a word. */
async function reportedIds(child: ChildProcess): Promise<ProcessIds | undefined> {
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdio[3] as Readable }), 'line'),
    once(child, 'exit'),
  ]);
  if (typeof line !== 'string') return undefined;
  const [pid = Number.NaN, pidOnMachine = pid] = line.split(' ').map(Number);
  return { pid, pidOnMachine };
}

/**
 * Told of the signals to a child, it keeps a guard while that is stopped: a process that is stopped cannot notice our end, so the
 * guard, which does, lets it go on.
 */
function unstopper(child: ChildProcess): (name: NodeJS.Signals) => void {
  let guard: ChildProcess | undefined;
  const release = (): void => {
    guard?.kill('SIGKILL');
    guard = undefined;
  };
  child.once('exit', release);
  return (name) => {
    if (name === 'SIGCONT') return release();
    if (name !== 'SIGSTOP' || guard !== undefined) return;
    const args = ['-c', 'cat >/dev/null; kill -s CONT -- "-$0"', String(child.pid)];
    guard = spawn('sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.on('error', () => {});
  };
}

/** Signals a process that is our child, or whose parent is. */
function signalAlone(child: ChildProcess, pid: number, name: NodeJS.Signals): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  kill(pid, name);
  // A parent that only waits stops when the process is stopped, and would not notice its end.
  if (pid !== child.pid && (name === 'SIGCONT' || name === 'SIGKILL')) child.kill('SIGCONT');
}

function follow(
  name: string,
  child: ChildProcess,
  folder: string,
  alone: (name: NodeJS.Signals) => void,
): Omit<RunningProcess, 'pid'> {
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL');
      const tell = (): void => {
        clearTimeout(timer);
        resolve({ code, signal });
      };
      const timer = setTimeout(tell, LAST_LINES_LIMIT_MS);
      child.once('close', tell);
    });
  });
  const book = lineBook(name, exited);
  keepLines(child, join(folder, `${name}.log`), (line) => book.add(line));
  return {
    name,
    exited,
    lastLines: book.lastLines,
    onLine: book.onLine,
    waitForLine: book.waitForLine,
    signal: (signal) => signalGroup(child, signal),
    signalAlone: alone,
    async stop() {
      alone('SIGTERM');
      const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(kill);
    },
  };
}

/** Tells and logs all lines. A process that writes faster than the disk has to wait. */
function keepLines(child: ChildProcess, path: string, tell: (line: string) => void): void {
  const log = createWriteStream(path, { flags: 'a' });
  // A log that cannot be written (a full disk) must not end the run; the process itself will say what is wrong.
  log.on('error', () => {});
  const outputs = [child.stdout, child.stderr].filter((output): output is Readable => output !== null);
  log.on('drain', () => {
    for (const output of outputs) output.resume();
  });
  for (const output of outputs) {
    const cutter = lineCutter((line) => {
      const isTaken = log.write(`${line}\n`);
      if (!isTaken && !log.destroyed) for (const other of outputs) other.pause();
      tell(line);
    });
    output.on('data', cutter.add);
    output.on('end', cutter.end);
    output.on('error', () => {});
  }
  child.once('close', () => log.end());
}

/** Signals the process and all that it started in its group. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) kill(-child.pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
