/**
 * The processes that a rank starts, and their certain end. What they start themselves may leave their process groups and
 * sessions, as the ranks of MPICH do, but inherits their environment: all of them are found by a mark in it, in /proc, and
 * sent SIGKILL. A shell that watches over the executor does the same should the executor itself end in any way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** How a process ended: with a code from 0 to 255, or by a signal. */
export type End =
  | { readonly by: 'exit'; readonly code: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals };

/** What to start. No shell reads any of it. */
export interface Command {
  readonly program: string;
  /** Without the program's own name. */
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Beside what this process has itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** Both outputs of the process, piece by piece. The next one is read when this one is done with. */
  readonly output: (piece: Buffer) => Promise<void>;
}

/** Variable of the mark. */
const MARK_VARIABLE = 'MESOS_MPI_RANK_MARK';
/** How often to look again for what was started while the rest was ended. */
const ROUNDS_MAX = 20;
/** How often, and how long each time, to wait for what is in the middle of execve(2); what has no variables for good costs as much. */
const WAITS_MAX = 100;
const WAIT_MS = 2;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
/** What is for the executor alone. */
const OWN_VARIABLES = ['MESOS_EXECUTOR_AUTHENTICATION_TOKEN', 'NODE_COMPILE_CACHE', 'MESOS_LAB_PARENT'];

/** Waits for the end of the executor, which has the other end of its standard input, then ends all that has the mark. */
const WATCH = `
while read -r _; do :; done
round=0
last=yes
while [ "$round" -lt ${ROUNDS_MAX} ]; do
  found=
  for file in $(grep -lsz -e "^$1-" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" 2> /dev/null && found=yes
  done
  [ -n "$found$last" ] || exit 0
  last=$found
  round=$((round + 1))
done
`;

/** See the top of the file. */
export class Processes {
  readonly #mark = randomBytes(16).toString('hex');
  #started = 0;
  #watch: ChildProcess | undefined;

  /**
   * Starts a process, as the head of a session of its own. Resolves to how it ends, when all of its output has been read;
   * what it leaves behind ends with it. Rejects with the system's error if it cannot be started.
   */
  run({ program, arguments: rest, folder, environment, output }: Command): Promise<End> {
    this.#watch ??= startWatch(this.#mark);
    const mark = `${this.#mark}-${++this.#started}`;
    const { promise, resolve: end, reject } = Promise.withResolvers<End>();
    const child = spawn(program, rest, {
      cwd: folder,
      env: { ...inherited(), ...environment, [MARK_VARIABLE]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const read = Promise.all([drain(child.stdout, output), drain(child.stderr, output)]);
    read.catch(reject);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      endMarked((one) => one === mark);
      const how: End = signal === null ? { by: 'exit', code: code ?? 0 } : { by: 'signal', signal };
      read.then(() => end(how), reject);
    });
    return promise;
  }

  /** Sends SIGKILL to all that was started and to all that those have started. */
  endAll(): void {
    if (this.#watch === undefined) return;
    endMarked((mark) => mark.startsWith(`${this.#mark}-`));
  }

  /** Ends everything, the watch too. */
  close(): void {
    this.endAll();
    this.#watch?.stdin?.end();
    this.#watch = undefined;
  }
}

/** Where a program is, looked for as the system does from a folder; undefined if there is none that may be run. */
export function findProgram(program: string, folder: string = process.cwd()): string | undefined {
  const places = program.includes('/')
    ? [resolve(folder, program)]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}

/** How a process ended, as the end of a sentence. */
export function inWords(end: End): string {
  return end.by === 'exit' ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`;
}

function startWatch(mark: string): ChildProcess {
  const watch = spawn('/bin/sh', ['-c', WATCH, 'watch', `${MARK_VARIABLE}=${mark}`], {
    // It is not to be found with what it watches over, and not to be ended with the executor.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watch.once('error', () => undefined);
  watch.stdin.once('error', () => undefined);
  watch.unref();
  return watch;
}

function inherited(): NodeJS.ProcessEnv {
  const own = { ...process.env };
  for (const name of OWN_VARIABLES) delete own[name];
  return own;
}

async function drain(stream: AsyncIterable<Buffer>, output: (piece: Buffer) => Promise<void>): Promise<void> {
  for await (const piece of stream) await output(piece);
}

/** Sends SIGKILL to all processes whose mark is such. */
function endMarked(isSuch: (mark: string) => boolean): void {
  const killed = new Set<number>();
  for (let round = 0, waits = 0; round < ROUNDS_MAX && waits < WAITS_MAX; ) {
    const marks = processIds().map((pid) => ({ pid, mark: killed.has(pid) ? undefined : markOf(pid) }));
    const found = marks.flatMap(({ pid, mark }) => (mark !== undefined && isSuch(mark) ? [pid] : []));
    for (const pid of found) {
      killed.add(pid);
      kill(pid);
    }
    if (found.length > 0) round++;
    else {
      if (!marks.some(({ pid, mark }) => mark === '' && isBeginning(pid))) return;
      // Others may have to run first: on a busy machine it takes a while.
      waits++;
      Atomics.wait(NEVER, 0, 0, WAIT_MS);
    }
  }
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The mark of a process; empty if it shows no variables at all, undefined if it has none, has ended, or is somebody else's. */
function markOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const mark = text.split('\0').find((one) => one.startsWith(`${MARK_VARIABLE}=`));
    return text === '' ? '' : mark?.slice(MARK_VARIABLE.length + 1);
  } catch {
    return undefined;
  }
}

/**
 * May a process that shows no variables have some in a moment? So it is in the middle of execve(2). Not so the kernel's, what has ended,
 * and what was there before this process.
 */
function isBeginning(pid: number): boolean {
  const stat = statOf(pid);
  return (
    stat !== undefined && !/[ZX]/.test(stat.state) && !stat.isKernel && stat.startTicks >= ownStartTicks()
  );
}

let startTicks: number | undefined;
const ownStartTicks = (): number => {
  startTicks ??= statOf(process.pid)?.startTicks ?? 0;
  return startTicks;
};

/** `PF_KTHREAD` of Linux. */
const KERNEL_FLAG = 0x200000;

interface Stat {
  readonly state: string;
  readonly isKernel: boolean;
  readonly startTicks: number;
}

/** What the kernel tells of a process (proc(5), `stat`); undefined if there is none. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = '', flags = 0, ticks = 0] = [fields[0], Number(fields[6]), Number(fields[19])];
    return { state, isKernel: (flags & KERNEL_FLAG) !== 0, startTicks: ticks };
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
