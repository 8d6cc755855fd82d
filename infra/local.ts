/** The machine kind `local`: machines that are folders on this machine, and whose processes are processes of this machine. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startProcess } from './localProcess.ts';
import type { Machine, Machines, RunningProcess } from './machine.ts';

const execute = promisify(execFile);

/** The `lab` command of this checkout. */
export const LAB = join(import.meta.dirname, '..', 'harness', 'lab');
/** The most that is read into memory at once. */
export const READ_BYTES_MAX = 64 * 1024 * 1024;

/** Provisions local machines, each with a folder in `folder`. */
export async function localMachines(folder: string, names: readonly string[]): Promise<Machines> {
  const running = new Set<RunningProcess>();
  const starting = new Set<Promise<unknown>>();
  let isOver = false;
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
          // Whoever is still about to start something when all is taken down must not leave it behind.
          if (isOver) throw new Error(`${spec.name} cannot be started: its machine is gone`);
          const started = startProcess(spec, own).then((process) => {
            running.add(process);
            void process.exited.then(() => running.delete(process));
            return process;
          });
          starting.add(started);
          return started.finally(() => starting.delete(started));
        },
        ...localFiles(own),
        run: async (program, ...args) =>
          (await execute(program, args, { cwd: own, maxBuffer: READ_BYTES_MAX })).stdout,
        clockOffset: async () => ({ offsetMs: 0, errorMs: 0 }),
      };
    }),
  );
  return {
    kind: 'local',
    hardware: 'shared',
    machines,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.allSettled(starting);
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
