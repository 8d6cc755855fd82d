/** A process of this machine: a group of its own, its standard input a lifeline, its lines told and logged. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { lineBook, lineCutter } from './lines.ts';
import type { ProcessExit, ProcessSpec, RunningProcess } from './machine.ts';

/** How long a process may take to end when it is asked to. */
export const STOP_GRACE_MS = 5_000;
/** How long we wait for its last lines: what it started outside its group may hold its output open for ever. */
const LAST_LINES_LIMIT_MS = 500;

/** Starts a process in `folder`, where it logs to `NAME.log`. Rejects with one sentence if that fails. */
export async function startProcess(spec: ProcessSpec, folder: string): Promise<RunningProcess> {
  if (spec.isKept) throw new Error(`${spec.name} cannot outlive us on a machine without a daemon`);
  const child = spawn(spec.program, spec.arguments, {
    cwd: folder,
    // Its standard input is our lifeline: it closes however we end, and the process ends with us.
    env: { ...process.env, ...spec.environment, MESOS_LAB_PARENT: 'stdin' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  // It need not read the lifeline, and may end before we know.
  child.stdin.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${spec.program} cannot be started: ${error.message}`)));
  });
  return follow(spec.name, child, folder);
}

function follow(name: string, child: ChildProcess, folder: string): RunningProcess {
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
    pid: child.pid as number,
    exited,
    lastLines: book.lastLines,
    onLine: book.onLine,
    waitForLine: book.waitForLine,
    signal: (signal) => signalGroup(child, signal),
    signalAlone: (signal) => void child.kill(signal),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
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
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
