/** `lab executor`: a framework's executor, as a slave starts it. People have no use for it. */
import { Argument, Command, Option } from 'commander';
import type { ExecutorFactory } from '../../../mesos/driver/executor.ts';
import { executorActor } from '../../../mesos/driver/executorActor.ts';
import type { Address } from '../../../mesos/runtime/actor.ts';
import { readToken } from '../../../mesos/slave/executorTokens.ts';
import { EXIT, usageError } from '../exit.ts';
import { duration } from '../flagValues.ts';
import { readAuthority } from '../security.ts';
import { type Daemon, startDaemon } from './daemon.ts';

/** What an executor may want to know of its process. */
interface Surroundings {
  readonly ending: AbortSignal;
}

const EXECUTORS = {
  dryad: async (): Promise<ExecutorFactory> =>
    (await import('../../../frameworks/dryad/executor.ts')).createDryadExecutor(),
  hadoop: async (): Promise<ExecutorFactory> =>
    (await import('../../../frameworks/hadoop/taskTracker.ts')).createTaskTracker(),
  load: async (): Promise<ExecutorFactory> => {
    const { createLoadExecutor } = await import('../../../frameworks/load/executor.ts');
    const { startSpinner } = await import('../../../frameworks/load/spinner.ts');
    return createLoadExecutor({ spin: startSpinner });
  },
  mpi: async (): Promise<ExecutorFactory> =>
    (await import('../../../frameworks/mpi/rank.ts')).rank({ host: slaveHost() }),
  spark: async (): Promise<ExecutorFactory> =>
    (await import('../../../frameworks/spark/executor/realExecutor.ts')).createSparkExecutor(),
  /** Of tasks that are a command; any framework's. */
  command: async ({ ending }: Surroundings): Promise<ExecutorFactory> => {
    const { commandExecutor } = await import('../../../mesos/slave/commandExecutor.ts');
    const shutdownGraceMs = time('MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD');
    return commandExecutor({ environment: process.env, shutdownGraceMs, ending });
  },
} as const;

/** The command. */
export const executorCommand = new Command('executor')
  .description('run an executor (slaves do this)')
  .addArgument(new Argument('<framework>', 'whose executor').choices(Object.keys(EXECUTORS)))
  .addOption(
    new Option('--api <which>', 'what to speak to the slave: the links of the house, or the v1 HTTP API')
      .choices(['links', 'v1'])
      .default('links')
      .env('MESOS_LAB_EXECUTOR_API'),
  )
  .action(async (framework: keyof typeof EXECUTORS, { api }: { readonly api: 'links' | 'v1' }) => {
    const frameworkId = variable('MESOS_FRAMEWORK_ID');
    const executorId = variable('MESOS_EXECUTOR_ID');
    const credential = readToken(process.env);
    const daemon = await startDaemon({
      security: { ...readAuthority(process.env), ...(credential && { credential }) },
      quiet: true,
    });
    const factory = await EXECUTORS[framework](daemon);
    const slave = api === 'links' ? variable('MESOS_SLAVE_PID') : await slaveOverHttp(daemon);
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

/** The slave by its v1 API. */
async function slaveOverHttp(daemon: Daemon): Promise<Address> {
  const { v1Slave } = await import('../../../mesos/driver/v1/v1Slave.ts');
  const { tls } = readAuthority(process.env);
  const token = process.env.MESOS_EXECUTOR_AUTHENTICATION_TOKEN;
  const slave = v1Slave(daemon.wire, {
    origin: `${tls === undefined ? 'http' : 'https'}://${variable('MESOS_AGENT_ENDPOINT')}`,
    contentType: 'application/json',
    ...(token !== undefined && { token }),
    ...(tls !== undefined && { tls: { ca: tls.ca } }),
    log: daemon.log,
  });
  daemon.atEnd(() => slave.close());
  return slave.slave;
}

/** The address by which others reach the slave; who can reach that can reach what listens beside it. */
function slaveHost(): string {
  const endpoint = variable('MESOS_AGENT_ENDPOINT');
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

function time(name: string): number {
  return duration(name)(variable(name));
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw usageError(`${name} is not set; 'lab executor' is started by a slave, not by hand`);
  return value;
}
