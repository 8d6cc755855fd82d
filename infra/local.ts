/** The machine kind `local`: machines that are folders on this machine, and whose processes are processes of this machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Machine, Machines, ProcessExit, ProcessSpec, RunningProcess } from './machine.ts';

const execute = promisify(execFile);

/** The `lab` command of this checkout. */
export const LAB = join(import.meta.dirname, '..', 'harness', 'lab');
/** The most that is read into memory at once. */
export const READ_BYTES_MAX = 64 * 1024 * 1024;
/** How long a process may take to end when it is asked to. */
const STOP_GRACE_MS = 5_000;
/** Lines kept of each process, for error messages and for those that wait for a line that has come already. */
const LAST_LINES = 1_000;

/** Provisions local machines, each with a folder in `folder`. */
export async function localMachines(folder: string, names: readonly string[]): Promise<Machines> {
  const running = new Set<RunningProcess>();
  const machines = await Promise.all(
    names.map(async (name): Promise<Machine> => {
      const own = join(folder, name);
      await mkdir(own, { recursive: true, mode: 0o700 });
      return {
        name,
        ip: '127.0.0.1',
        folder: own,
        lab: LAB,
        start: async (spec) => {
          const process = await start(spec, own);
          running.add(process);
          void process.exited.then(() => running.delete(process));
          return process;
        },
        ...localFiles(own),
        run: async (program, ...args) =>
          (await execute(program, args, { cwd: own, maxBuffer: READ_BYTES_MAX })).stdout,
        clockOffset: async () => ({ offsetMs: 0, errorMs: 0 }),
      };
    }),
  );
  return {
    machines,
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((process) => process.stop()));
      // A process that was killed may still be writing its last file.
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** The files of a machine that shares our file system. */
export function localFiles(folder: string): Pick<Machine, 'write' | 'read' | 'list' | 'fetch'> {
  const at = (path: string): string => resolve(folder, path);
  return {
    async write(path, content) {
      await mkdir(dirname(at(path)), { recursive: true, mode: 0o700 });
      await writeFile(`${at(path)}.part`, content, { mode: 0o600 });
      await rename(`${at(path)}.part`, at(path));
    },
    async read(path) {
      const { size } = await stat(at(path));
      if (size > READ_BYTES_MAX) throw new RangeError(`${at(path)} has ${size} bytes: fetch it instead`);
      return readFile(at(path));
    },
    async list(path) {
      const entries = await readdir(at(path), { recursive: true, withFileTypes: true }).catch(emptyIfMissing);
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(at(path), join(entry.parentPath, entry.name)))
        .sort();
    },
    async fetch(path, into) {
      await mkdir(dirname(into), { recursive: true });
      await copyFile(at(path), into);
    },
  };
}

function emptyIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

async function start(spec: ProcessSpec, folder: string): Promise<RunningProcess> {
  if (spec.isKept) throw new Error(`${spec.name} cannot outlive us on a machine without a daemon`);
  const child = spawn(spec.program, spec.arguments, {
    cwd: folder,
    // Its standard input is our lifeline: it closes however we end, and the process ends with us.
    env: { ...process.env, ...spec.environment, MESOS_LAB_PARENT: 'stdin' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`${spec.program} cannot be started: ${error.message}`)));
  });
  return follow(spec.name, child, folder);
}

function follow(name: string, child: ChildProcess, folder: string): RunningProcess {
  const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
  // A log that cannot be written (a full disk) must not end the run; the process itself will say what is wrong.
  log.on('error', () => {});
  const last: string[] = [];
  const waiting = new Set<{ pattern: RegExp; found: (match: RegExpExecArray) => void }>();

  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL');
      resolve({ code, signal });
    });
  });
  void exited.then(() => log.end());

  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      for (const waiter of waiting) {
        const match = waiter.pattern.exec(line);
        if (match !== null) waiter.found(match);
      }
    });
  }

  return {
    name,
    pid: child.pid as number,
    exited,
    lastLines: () => last,
    onLine(pattern, run) {
      waiting.add({ pattern, found: run });
    },
    waitForLine(pattern) {
      for (const line of last) {
        const match = pattern.exec(line);
        if (match !== null) return Promise.resolve(match);
      }
      return new Promise((resolve, reject) => {
        const waiter = {
          pattern,
          found: (match: RegExpExecArray) => {
            waiting.delete(waiter);
            resolve(match);
          },
        };
        waiting.add(waiter);
        void exited.then(({ code, signal }) => {
          if (waiting.delete(waiter))
            reject(
              new Error(
                `${name} ended (${signal ?? `exit code ${code}`}): ${last.at(-1) ?? 'it said nothing'}`,
              ),
            );
        });
      });
    },
    signal: (signal) => signalGroup(child, signal),
    signalAlone: (signal) => void child.kill(signal),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(kill);
    },
  };
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
