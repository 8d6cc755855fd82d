/** An executor as a process: its start, its end, and the watch over one that an earlier slave has started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type CommandLine, commandLine, executorEnvironment } from './executorCommand.ts';
import type { ContainerSpec, Exit } from './isolation.ts';
import { identityOf, isRunning, kill, type ProcessIdentity } from './processTable.ts';

/** A process that is the head of a container. */
export interface ExecutorProcess {
  /** Undefined if it could not be started. */
  readonly identity: ProcessIdentity | undefined;
  /** How it ended, by itself or killed. What it has started may still run. */
  readonly ended: Promise<Exit>;
  /** Sends SIGKILL to the process group that it leads, whether it lives or has just ended. */
  killGroup(): void;
}

/** What is needed to start one. */
export interface StartOptions {
  readonly spec: ContainerSpec;
  readonly sandbox: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Files to which the process writes its id before it becomes the executor: `cgroup.procs` of control groups. */
  readonly entrances: readonly string[];
}

/** How often one looks after a process that is not a child of ours. */
const WATCH_MS = 250;
/** How long after it was killed. */
const SOON_MS = 10;
/** What `Exit.status` says when nobody could wait for the process. */
const STATUS_UNKNOWN = -1;

/**
 * Enters control groups and becomes the executor, so that not one instruction of its own runs outside. What goes wrong before is
 * told on descriptor 3, which the executor does not get.
 */
const GATE = `
n=$1; argv0=$2; shift 2
while [ "$n" -gt 0 ]; do
  echo $$ > "$1" || { echo "it cannot enter the control group $1" >&3; exit 126; }
  shift; n=$((n - 1))
done
command -v "$1" > /dev/null 2>&1 || { echo "there is no program $1" >&3; exit 127; }
`;
const BECOME = `${GATE} exec "$@" 3>&-`;
const BECOME_BY_OTHER_NAME = `${GATE} exec -a "$argv0" "$@" 3>&-`;

/** Starts an executor in its sandbox, at the head of a session of its own. Throws if its output cannot be opened. */
export function startExecutor(options: StartOptions): ExecutorProcess {
  const { sandbox } = options;
  const stdout = openSync(join(sandbox, 'stdout'), 'a');
  const stderr = openSync(join(sandbox, 'stderr'), 'a');
  try {
    const child = spawnExecutor(options, stdout, stderr);
    if (child instanceof Error)
      return { identity: undefined, ended: Promise.resolve(neverStarted(child)), killGroup() {} };
    const { pid } = child;
    const ended = endOf(child);
    let isOver = pid === undefined;
    // Once those who wait for its end have ended what it left behind: its number may go to another process then.
    void ended.then(() =>
      setImmediate(() => {
        isOver = true;
      }),
    );
    return {
      identity: pid === undefined ? undefined : identityOf(pid),
      ended,
      killGroup() {
        if (pid !== undefined && !isOver) kill(-pid);
      },
    };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

/** The error if it is such that no process can be given it. */
function spawnExecutor(
  { spec, sandbox, environment, entrances }: StartOptions,
  stdout: number,
  stderr: number,
): ChildProcess | Error {
  const line = throughGate(commandLine(spec.executorInfo.command), entrances);
  try {
    return spawn(line.program, line.arguments, {
      argv0: line.argv0,
      cwd: sandbox,
      env: executorEnvironment(spec, sandbox, environment),
      stdio: ['ignore', stdout, stderr, entrances.length === 0 ? 'ignore' : 'pipe'],
      detached: true,
    });
  } catch (error) {
    return error as Error;
  }
}

function neverStarted({ message }: Error): Exit {
  return { status: 127, message: `The executor cannot be started: ${message}` };
}

function throughGate(line: CommandLine, entrances: readonly string[]): CommandLine {
  if (entrances.length === 0) return line;
  // Only bash can give a program another name than its own.
  const [shell, script] =
    line.argv0 === line.program || line.program === '/bin/sh'
      ? ['/bin/sh', BECOME]
      : ['/bin/bash', BECOME_BY_OTHER_NAME];
  const given = [`${entrances.length}`, line.argv0, ...entrances, line.program, ...line.arguments];
  return { program: shell, argv0: shell, arguments: ['-c', script, 'gate', ...given] };
}

function endOf(child: ChildProcess): Promise<Exit> {
  let trouble = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    trouble = `${trouble}${chunk}`.slice(0, 1_000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(neverStarted(error)));
    // Not `exit`: what descriptor 3 tells has been read by now.
    child.once('close', (code, signal) =>
      resolve({
        status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        ...(trouble !== '' && { message: `The executor cannot be started: ${trouble.trim()}` }),
      }),
    );
  });
}

/**
 * Watches an executor that an earlier process of the slave has started. How it ends cannot be seen: only the process that started
 * it could wait for it.
 */
export function watchExecutor(identity: ProcessIdentity): ExecutorProcess {
  const { promise: ended, resolve } = Promise.withResolvers<Exit>();
  const look = (): void => {
    if (isRunning(identity)) return;
    clearInterval(timer);
    resolve({
      status: STATUS_UNKNOWN,
      message: 'The executor ended, nobody knows how: the slave that started it was not there to see it',
    });
  };
  // A slave that has nothing else to do may end; one that waits for the end of its executors may not.
  const timer = setInterval(look, WATCH_MS).unref();
  queueMicrotask(look);
  return {
    identity,
    ended,
    killGroup() {
      timer.ref();
      // Its number may belong to another process by now.
      if (isRunning(identity)) kill(-identity.pid);
      setTimeout(look, SOON_MS);
    },
  };
}
