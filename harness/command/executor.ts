/** `lab executor`: a framework's executor, as a slave starts it. People have no use for it. */
import { Argument, Command } from 'commander';
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import { executorActor } from '../../mesos/driver/executorActor.ts';
import { readToken } from '../../mesos/slave/executorTokens.ts';
import { duration, startDaemon } from './daemon.ts';
import { EXIT, usageError } from './exit.ts';
import { readAuthority } from './security.ts';

/** What an executor may want to know of its process. */
interface Surroundings {
  readonly ending: AbortSignal;
}

const EXECUTORS = {
  hadoop: async (): Promise<ExecutorFactory> =>
    (await import('../../frameworks/hadoop/taskTracker.ts')).createTaskTracker(),
  mpi: async (): Promise<ExecutorFactory> => (await import('../../frameworks/mpi/rank.ts')).rank(),
  /** Of tasks that are a command; any framework's. */
  command: async ({ ending }: Surroundings): Promise<ExecutorFactory> => {
    const { commandExecutor } = await import('../../mesos/commandExecutor/commandExecutor.ts');
    const shutdownGraceMs = time('MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD');
    return commandExecutor({ environment: process.env, shutdownGraceMs, ending });
  },
} as const;

/** The command. */
export const executorCommand = new Command('executor')
  .description('run an executor (slaves do this)')
  .addArgument(new Argument('<framework>', 'whose executor').choices(Object.keys(EXECUTORS)))
  .action(async (framework: keyof typeof EXECUTORS) => {
    const slave = variable('MESOS_SLAVE_PID');
    const frameworkId = variable('MESOS_FRAMEWORK_ID');
    const executorId = variable('MESOS_EXECUTOR_ID');
    const credential = readToken(process.env);
    const daemon = await startDaemon({
      security: { ...readAuthority(process.env), ...(credential && { credential }) },
      quiet: true,
    });
    const factory = await EXECUTORS[framework](daemon);
    daemon.wire.spawn(
      'executor',
      executorActor({
        slave,
        frameworkId,
        executorId,
        containerId: variable('MESOS_CONTAINER_ID'),
        factory,
        ...(process.env.MESOS_CHECKPOINT === '1' && { recoveryTimeoutMs: time('MESOS_RECOVERY_TIMEOUT') }),
        ended: (reason) =>
          daemon.end(EXIT.ok, reason === undefined ? undefined : `the executor ends: ${reason}`),
      }),
    );
  });

function time(name: string): number {
  return duration(name)(variable(name));
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw usageError(`${name} is not set; 'lab executor' is started by a slave, not by hand`);
  return value;
}
