/** How a slave's executors come to be: launched in containers, or found again in those of an earlier process. */
import {
  type Container,
  type ContainerOwner,
  type ContainerSpec,
  type Exit,
  KILLED,
} from '../isolation/isolation.ts';
import type { ExecutorId, ExecutorInfo, FrameworkId } from '../protocol/entities.ts';
import type { Address, Context } from '../runtime/actor.ts';
import { type Packed, packed } from '../runtime/packed.ts';
import { UuidSource } from '../runtime/uuid.ts';
import type { RecoveredExecutor, SlaveCheckpoint } from './checkpoint.ts';
import type { Executor, ExecutorState } from './executor.ts';
import type { SlaveSettings } from './options.ts';
import type { Registered } from './registration.ts';
import type { Task } from './task.ts';

/** How an executor ends for which there is no program. */
const NOT_FOUND = 127;
const FETCHING: ExecutorState = { is: 'fetching' };
/** The container of such ones, and of those that have none yet. */
const GONE: Container = { destroy() {} };

/** For whom executors are launched, and who is told what becomes of them. */
export interface Launching {
  readonly slave: LaunchSurroundings;
  exited(executor: Executor, exit: Exit): void;
  /** It has not subscribed in time, or, if it was there before, not again. */
  missing(executor: Executor): void;
}

/** What launching needs of its slave. */
export interface LaunchSurroundings {
  readonly context: Context;
  readonly settings: SlaveSettings;
  readonly checkpoint: SlaveCheckpoint;
  readonly registration: Registered;
}

/** Launches executors, and finds them again. It is the source of ids of containers that no other life of the slave gives: what it left may still be there. */
export class Launcher extends UuidSource {
  readonly #executors: Launching;

  constructor(executors: Launching) {
    super(executors.slave.context.random);
    this.#executors = executors;
  }

  get #slave(): LaunchSurroundings {
    return this.#executors.slave;
  }

  /** Starts an executor, which has no tasks yet. */
  launch(frameworkId: FrameworkId, info: ExecutorInfo): Executor {
    const containerId = this.nextUuid();
    const executor = new LaunchedExecutor(frameworkId, info, containerId, this);
    executor.container = this.#start(this.#spec(containerId, frameworkId, info), executor);
    if (executor.container.isFetching) this.#keep(executor);
    else this.started(executor);
    const { executorId } = info;
    this.#slave.context.record({
      event: 'executor-started',
      frameworkId,
      executorId,
      slaveId: this.#slave.registration.slaveId,
    });
    return executor;
  }

  /** It waits no longer for what its command names. */
  started(executor: Executor): void {
    if (executor.state.is !== 'fetching') return;
    const { executorRegistrationTimeoutMs: timeoutMs } = this.#slave.settings;
    const timeout = this.#slave.context.after(timeoutMs, () => this.#executors.missing(executor));
    executor.state = { is: 'starting', timeout };
    this.#keep(executor);
  }

  exited(executor: Executor, exit: Exit): void {
    this.#executors.exited(executor, exit);
  }

  #keep({ containerId, frameworkId, info: executorInfo, container: { state } }: Executor): void {
    this.#slave.checkpoint.append({ kind: 'executor', containerId, frameworkId, executorInfo, state });
  }

  #start(spec: ContainerSpec, owner: ContainerOwner): Container {
    const { isolation, commandExecutor } = this.#slave.settings;
    if (!spec.executorInfo.isCommand || commandExecutor !== undefined) return isolation.launch(spec, owner);
    const reason = 'REASON_COMMAND_EXECUTOR_FAILED';
    const message = 'This slave runs no command tasks: it was given no program that does; name an executor';
    this.#slave.context.after(0, () => owner.exited({ status: NOT_FOUND, reason, message }));
    return GONE;
  }

  /** Finds an executor again that an earlier process has launched. One that is gone has a verdict, and ends at once. */
  recover({ containerId, frameworkId, executorInfo: info, state }: RecoveredExecutor): Executor {
    const { executorReregistrationTimeoutMs: timeoutMs, isolation } = this.#slave.settings;
    const spec = this.#spec(containerId, frameworkId, info);
    const executor = new LaunchedExecutor(frameworkId, info, containerId, this);
    const container = state === undefined ? undefined : isolation.recover?.(spec, state, executor);
    executor.container = container ?? GONE;
    const timeout = this.#slave.context.after(timeoutMs, () => this.#executors.missing(executor));
    executor.state = { is: 'recovering', timeout };
    if (container === undefined) {
      const message = 'The executor did not live through the restart of its slave';
      executor.verdict = { state: 'TASK_FAILED', reason: 'REASON_SLAVE_RESTARTED', message };
      this.#slave.context.after(0, () => executor.exited({ status: KILLED }));
    }
    return executor;
  }

  /** What the isolation module is told of an executor. */
  #spec(containerId: string, frameworkId: FrameworkId, info: ExecutorInfo): ContainerSpec {
    const { checkpoint, recoveryTimeoutMs, executorShutdownGraceMs } = this.#slave.settings;
    return {
      containerId,
      frameworkId,
      slaveId: this.#slave.registration.slaveId,
      slave: this.#slave.context.self,
      executorInfo: this.#withProgram(info),
      shutdownGraceMs: info.shutdownGraceMs ?? executorShutdownGraceMs,
      ...(checkpoint !== undefined && { recoveryTimeoutMs }),
    };
  }

  /** An executor that runs a command is a program of the slave's, in the sandbox of the command. */
  #withProgram(info: ExecutorInfo): ExecutorInfo {
    const { commandExecutor } = this.#slave.settings;
    if (!info.isCommand || commandExecutor === undefined) return info;
    const { uris = [] } = info.command;
    return { ...info, command: { ...commandExecutor, uris: [...(commandExecutor.uris ?? []), ...uris] } };
  }
}

/** A class that its container tells itself, because an emulated cluster has a hundred thousand of them. */
class LaunchedExecutor implements Executor, ContainerOwner {
  readonly frameworkId: FrameworkId;
  readonly info: ExecutorInfo;
  readonly containerId: string;
  live: Packed<Task> = packed();
  readonly #launcher: Launcher;
  container = GONE;
  state = FETCHING;
  address: Address | undefined;
  verdict: Executor['verdict'];

  constructor(frameworkId: FrameworkId, info: ExecutorInfo, containerId: string, launcher: Launcher) {
    this.frameworkId = frameworkId;
    this.info = info;
    this.containerId = containerId;
    this.#launcher = launcher;
  }

  get id(): ExecutorId {
    return this.info.executorId;
  }

  started(): void {
    this.#launcher.started(this);
  }

  exited(exit: Exit): void {
    this.#launcher.exited(this, exit);
  }
}
