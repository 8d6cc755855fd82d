/**
 * Process isolation: an executor is a process group of its own with a folder of its own, and nothing limits what it uses. Works
 * for every user on every Unix.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { CommandInfo } from '../protocol/entities.ts';
import type { Container, ContainerSpec, Exit, Isolation } from './isolation.ts';

/** What process isolation needs. */
export interface ProcessIsolationOptions {
  /** The slave's work folder; sandboxes are made in it. */
  readonly workDir: string;
  /** What an executor is given beside the variables that Mesos gives, e.g. its token. */
  readonly environment?: (spec: ContainerSpec) => Readonly<Record<string, string>>;
}

/** Variables that executors inherit from the slave; nothing else leaks into them. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/** Runs each executor as a process group. `close` ends them all and waits until they have ended. */
export function processIsolation(options: ProcessIsolationOptions): Isolation & { close(): Promise<void> } {
  const running = new Map<ChildProcess, Promise<void>>();
  return {
    launch: (spec, exited) => launch(options, running, spec, exited),
    close: async () => {
      for (const child of running.keys()) killGroup(child);
      await Promise.all(running.values());
    },
  };
}

/** Where an executor's sandbox is, laid out as Mesos does. */
export function sandboxOf(workDir: string, spec: ContainerSpec): string {
  const { slaveId, frameworkId, executorInfo, containerId } = spec;
  const executors = join(workDir, 'slaves', slaveId, 'frameworks', frameworkId, 'executors');
  return join(executors, executorInfo.executorId, 'runs', containerId);
}

function launch(
  options: ProcessIsolationOptions,
  running: Map<ChildProcess, Promise<void>>,
  spec: ContainerSpec,
  exited: (exit: Exit) => void,
): Container {
  const sandbox = sandboxOf(options.workDir, spec);
  let child: ChildProcess;
  try {
    child = start(options, spec, sandbox);
  } catch (error) {
    const message = `The executor's sandbox ${sandbox} cannot be made: ${(error as Error).message}`;
    queueMicrotask(() => exited({ status: 126, message }));
    return { update() {}, destroy() {} };
  }
  const ended = new Promise<Exit>((resolve) => {
    child.once('error', (error) =>
      resolve({ status: 127, message: `The executor cannot be started: ${error.message}` }),
    );
    child.once('exit', (code, signal) => resolve({ status: code ?? 128 + signalNumber(signal) }));
  });
  running.set(
    child,
    ended.then((exit) => {
      running.delete(child);
      // What the executor started and left behind.
      killGroup(child);
      exited(exit);
    }),
  );
  return { update() {}, destroy: () => killGroup(child) };
}

function start(options: ProcessIsolationOptions, spec: ContainerSpec, sandbox: string): ChildProcess {
  mkdirSync(sandbox, { recursive: true, mode: 0o700 });
  const stdout = openSync(join(sandbox, 'stdout'), 'a');
  const stderr = openSync(join(sandbox, 'stderr'), 'a');
  try {
    const { command } = spec.executorInfo;
    const [program, argv0, args] = commandLine(command);
    return spawn(program, args, {
      argv0,
      cwd: sandbox,
      env: environment(options, spec, sandbox),
      stdio: ['ignore', stdout, stderr],
      detached: true,
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

function commandLine(command: CommandInfo): [program: string, argv0: string, args: string[]] {
  if (command.shell) return ['/bin/sh', 'sh', ['-c', command.value]];
  const [argv0 = command.value, ...args] = command.arguments;
  return [command.value, argv0, args];
}

/** The variables that Mesos gives an executor. */
function environment(
  options: ProcessIsolationOptions,
  spec: ContainerSpec,
  sandbox: string,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    ...spec.executorInfo.command.environment,
    MESOS_FRAMEWORK_ID: spec.frameworkId,
    MESOS_EXECUTOR_ID: spec.executorInfo.executorId,
    MESOS_SLAVE_ID: spec.slaveId,
    MESOS_SLAVE_PID: spec.slave,
    MESOS_AGENT_ENDPOINT: spec.slave.slice(spec.slave.indexOf('@') + 1),
    MESOS_DIRECTORY: sandbox,
    MESOS_SANDBOX: sandbox,
    MESOS_CHECKPOINT: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: `${spec.shutdownGraceMs / 1000}secs`,
    ...options.environment?.(spec),
  };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
