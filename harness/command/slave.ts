/** `lab slave`: a slave as a daemon. Flags are named as Apache Mesos names them. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { Command } from 'commander';
import { processIsolation } from '../../mesos/isolation/process.ts';
import { parse, type Resources } from '../../mesos/protocol/resources.ts';
import { executorTokens } from '../../mesos/slave/executorTokens.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { duration, hostPort, startDaemon, wholeNumber } from './daemon.ts';
import { infrastructureError, usageError } from './exit.ts';
import {
  authorityVariables,
  environmentVariables,
  executorKey,
  readSecurity,
  withSecurity,
} from './security.ts';

/** The command. */
export const slaveCommand = withSecurity(new Command('slave'), 'credential')
  .description('start a Mesos slave')
  .requiredOption('--master <host:port>', 'where the master listens', hostPort('--master'))
  .option('--ip <address>', 'address to listen on, for its executors', '127.0.0.1')
  .option(
    '--advertise_ip <address>',
    'address by which the master and its executors reach it, if it is another',
  )
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5051)
  .option('--hostname <name>', 'name that the slave goes by (default: that of the machine)')
  .option(
    '--resources <list>',
    "what it offers, e.g. 'cpus:4;mem:4096' (default: what the machine has, less 1 GiB)",
    resources,
  )
  .option('--attributes <list>', "text attributes, e.g. 'rack:r1;zone:a'", attributes, {})
  .option('--work_dir <folder>', 'folder for the sandboxes of executors', '/tmp/mesos')
  .option('--isolation <module>', 'isolation module: process', 'process')
  .option(
    '--executor_registration_timeout <duration>',
    'how long an executor may take to start',
    duration('--executor_registration_timeout'),
  )
  .option(
    '--executor_shutdown_grace_period <duration>',
    'how long an executor may take to end',
    duration('--executor_shutdown_grace_period'),
  )
  .option(
    '--executor_environment_variables <json>',
    'variables that every executor is given: a JSON object, or file://PATH of one',
    environmentVariables,
  )
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (flags) => {
    if (flags.isolation !== 'process')
      throw usageError(`--isolation: there is no module '${flags.isolation}'; there is: process`);
    makeWritable(flags.work_dir);
    const tokens = executorTokens(executorKey(flags.work_dir));
    const daemon = await startDaemon({
      listen: { host: flags.ip, port: flags.port },
      advertise: flags.advertise_ip,
      security: { ...readSecurity(flags), tokenOf: tokens.tokenOf },
      history: flags.history,
      quiet: flags.quiet,
    });
    const isolation = processIsolation({
      workDir: flags.work_dir,
      environment: (spec) => ({
        ...flags.executor_environment_variables,
        ...authorityVariables(flags),
        ...tokens.environment(spec),
      }),
    });
    daemon.atEnd(() => isolation.close());
    daemon.wire.spawn(
      'slave',
      slave({
        master: `master@${flags.master}`,
        hostname: flags.hostname ?? hostname(),
        resources: flags.resources ?? machineResources(),
        attributes: flags.attributes,
        isolation: tokens.expecting(isolation),
        registered: (id) => console.log(`registered as ${id}`),
        stopping: daemon.ending,
        ...(flags.executor_registration_timeout !== undefined && {
          executorRegistrationTimeoutMs: flags.executor_registration_timeout,
        }),
        ...(flags.executor_shutdown_grace_period !== undefined && {
          executorShutdownGraceMs: flags.executor_shutdown_grace_period,
        }),
      }),
    );
  });

function resources(text: string): Resources {
  try {
    return parse(text);
  } catch (error) {
    throw usageError(`--resources: ${(error as Error).message}`);
  }
}

function attributes(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(';').map((part) => {
    const [, name, value] = /^([^:\s]+):(.+)$/.exec(part.trim()) ?? [];
    if (name === undefined || value === undefined)
      throw usageError(`--attributes: '${part}' is not NAME:TEXT, e.g. rack:r1;zone:a`);
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}

const GIB_IN_MIB = 1024;

function machineResources(): Resources {
  const memMiB = Math.floor(totalmem() / 1_048_576);
  return { cpus: availableParallelism(), mem: Math.max(memMiB - GIB_IN_MIB, Math.floor(memMiB / 2)) };
}

function makeWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw infrastructureError(`the work folder ${folder} cannot be used: ${(error as Error).message}`, error);
  }
}
