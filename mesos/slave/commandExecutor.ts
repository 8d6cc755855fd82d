/**
 * The executor of a command task: runs one command as a session of its own, tells how it ends, and ends itself. What the command
 * has started and left behind in its process group ends with it; what has left the group ends with the container.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Executor, ExecutorDriver, ExecutorFactory } from '../driver/executor.ts';
import { commandLine, SANDBOX_VARIABLE, TOKEN_VARIABLE } from '../isolation/executorCommand.ts';
import { isDiskFull, NO_SPACE } from '../isolation/fullDisk.ts';
import { KILL_GRACE_MS } from '../protocol/commandTask.ts';
import type { CommandInfo, TaskId, TaskInfo } from '../protocol/entities.ts';
import type { Millis, Timer } from '../runtime/actor.ts';

/** What the executor of a command needs. */
export interface CommandExecutorOptions {
  /** What it was started with itself; the command gets it too, but for what is not its business. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long the slave waits when it tells the executor to end. */
  readonly shutdownGraceMs: Millis;
  /** Aborts when the executor's process is to end, whatever it is doing. */
  readonly ending: AbortSignal;
}

/** Variables that are for the executor alone: its secret, and where it keeps its compiled code. */
const OWN_VARIABLES = [TOKEN_VARIABLE, 'NODE_COMPILE_CACHE'];

/** The executor of one command task. */
export function commandExecutor(options: CommandExecutorOptions): ExecutorFactory {
  return (driver) => new CommandExecutor(options, driver);
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'running'; readonly run: Run }
  | { readonly is: 'done' };

/** The command, while it runs. */
interface Run {
  readonly task: TaskInfo;
  readonly child: ChildProcess;
  /** It was told to end, and is killed at this time, in milliseconds of the driver's clock. */
  kill: { readonly atMs: number; readonly timer: Timer } | undefined;
  readonly ended: PromiseWithResolvers<void>;
}

class CommandExecutor implements Executor {
  readonly #options: CommandExecutorOptions;
  readonly #driver: ExecutorDriver;
  #state: State = { is: 'idle' };

  constructor(options: CommandExecutorOptions, driver: ExecutorDriver) {
    this.#options = options;
    this.#driver = driver;
    options.ending.addEventListener('abort', () => {
      if (this.#state.is === 'running') signal(this.#state.run, 'SIGKILL');
    });
  }

  registered(): void {}

  launchTask(task: TaskInfo): void {
    const { taskId, command } = task;
    if (this.#state.is !== 'idle') {
      const message = 'The executor of a command runs one task, and has had it';
      return this.#driver.sendStatus(taskId, 'TASK_FAILED', { message });
    }
    if (command === undefined) return this.#failed(taskId, 'the task has none');
    try {
      this.#start(task, command);
    } catch (error) {
      this.#failed(taskId, (error as Error).message);
    }
  }

  killTask(taskId: TaskId, graceMs?: Millis): void {
    if (this.#state.is !== 'running' || this.#state.run.task.taskId !== taskId) return;
    const { run } = this.#state;
    this.#kill(run, graceMs ?? run.task.killGraceMs ?? KILL_GRACE_MS);
  }

  frameworkMessage(): void {
    // A command hears nothing.
  }

  shutdown(): Promise<void> | void {
    if (this.#state.is !== 'running') return;
    const { run } = this.#state;
    this.#kill(run, Math.min(run.task.killGraceMs ?? KILL_GRACE_MS, this.#options.shutdownGraceMs));
    return run.ended.promise;
  }

  /** Throws if the command is such that no process can be given it. */
  #start(task: TaskInfo, command: CommandInfo): void {
    const { program, argv0, arguments: rest } = commandLine(command);
    const child = spawn(program, rest, {
      argv0,
      env: this.#environmentOf(command),
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const run: Run = { task, child, kill: undefined, ended: Promise.withResolvers() };
    this.#state = { is: 'running', run };
    child.once('spawn', () => this.#driver.sendStatus(task.taskId, 'TASK_RUNNING'));
    child.once('error', (error) => {
      if (child.pid === undefined) this.#failed(task.taskId, whyNot(program, error));
    });
    child.once('exit', (code, signal) => this.#exited(run, code, signal));
  }

  #environmentOf({ environment }: CommandInfo): NodeJS.ProcessEnv {
    const own = { ...this.#options.environment };
    for (const name of OWN_VARIABLES) delete own[name];
    // By its sandbox it is found when it has to end.
    return { ...own, ...environment, [SANDBOX_VARIABLE]: own[SANDBOX_VARIABLE] };
  }

  /** Tells the command to end. One that is told twice has the shorter time. */
  #kill(run: Run, graceMs: Millis): void {
    const atMs = this.#driver.now() + graceMs;
    if (run.kill === undefined) signal(run, 'SIGTERM');
    else if (run.kill.atMs <= atMs) return;
    run.kill?.timer.cancel();
    run.kill = { atMs, timer: this.#driver.after(graceMs, () => signal(run, 'SIGKILL')) };
  }

  #exited(run: Run, code: number | null, by: NodeJS.Signals | null): void {
    run.kill?.timer.cancel();
    signal(run, 'SIGKILL');
    const told = by === null ? `Command exited with status ${code}` : `Command terminated with signal ${by}`;
    const sandbox = this.#options.environment[SANDBOX_VARIABLE] ?? '.';
    const message = code !== 0 && isDiskFull(sandbox) ? `${told}; ${NO_SPACE}` : told;
    const ended = code === 0 ? 'TASK_FINISHED' : 'TASK_FAILED';
    this.#driver.sendStatus(run.task.taskId, run.kill === undefined ? ended : 'TASK_KILLED', { message });
    this.#done();
    run.ended.resolve();
  }

  /** There will be no process. */
  #failed(taskId: TaskId, why: string): void {
    this.#driver.sendStatus(taskId, 'TASK_FAILED', { message: `The command cannot be started: ${why}` });
    if (this.#state.is === 'running') this.#state.run.ended.resolve();
    this.#done();
  }

  #done(): void {
    this.#state = { is: 'done' };
    this.#driver.stop();
  }
}

/** Sends a signal to all of the command's process group. */
function signal({ child }: Run, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // There is nobody left in it.
  }
}

function whyNot(program: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return `there is no program '${program}'`;
    case 'EACCES':
      return `'${program}' is not a program that this user may run`;
    default:
      return message;
  }
}
