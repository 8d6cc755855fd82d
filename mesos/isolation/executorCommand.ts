/** What a slave executes to start an executor: program, arguments and environment. */
import type { CommandInfo } from '../protocol/entities.ts';
import { processOf } from '../runtime/actor.ts';
import type { ContainerSpec } from './isolation.ts';

/** Variables that executors inherit from the slave; nothing else leaks into them. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE'];

/** A program and what it is given. */
export interface CommandLine {
  readonly program: string;
  readonly argv0: string;
  /** Without argv[0]. */
  readonly arguments: readonly string[];
}

/** What a command means to the operating system. */
export function commandLine(command: CommandInfo): CommandLine {
  if (command.shell) return { program: '/bin/sh', argv0: 'sh', arguments: ['-c', command.value] };
  const [argv0 = command.value, ...rest] = command.arguments;
  return { program: command.value, argv0, arguments: rest };
}

/** The longest that executors of others wait between two attempts to find their slave again; as in Mesos. */
const SUBSCRIPTION_BACKOFF_MAX = '2secs';

/** The variables that Mesos gives an executor, and `more`. */
export function executorEnvironment(
  spec: ContainerSpec,
  sandbox: string,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    ...spec.executorInfo.command.environment,
    MESOS_FRAMEWORK_ID: spec.frameworkId,
    MESOS_EXECUTOR_ID: spec.executorInfo.executorId,
    MESOS_CONTAINER_ID: spec.containerId,
    MESOS_SLAVE_ID: spec.slaveId,
    MESOS_SLAVE_PID: spec.slave,
    MESOS_AGENT_ENDPOINT: processOf(spec.slave),
    MESOS_DIRECTORY: sandbox,
    [SANDBOX_VARIABLE]: sandbox,
    MESOS_CHECKPOINT: spec.recoveryTimeoutMs === undefined ? '0' : '1',
    ...(spec.recoveryTimeoutMs !== undefined && {
      MESOS_RECOVERY_TIMEOUT: `${spec.recoveryTimeoutMs / 1000}secs`,
      MESOS_SUBSCRIPTION_BACKOFF_MAX: SUBSCRIPTION_BACKOFF_MAX,
    }),
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: `${spec.shutdownGraceMs / 1000}secs`,
    ...more,
  };
}

/** The variable by which an executor is given its token; its commands are not. */
export const TOKEN_VARIABLE = 'MESOS_EXECUTOR_AUTHENTICATION_TOKEN';

/** Names an executor's sandbox to it, and tells its processes from all others. */
export const SANDBOX_VARIABLE = 'MESOS_SANDBOX';
