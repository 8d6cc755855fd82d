/** `lab slave`: a slave as a daemon. Flags are named as Apache Mesos names them. */
import { existsSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { findCgroups } from '../../../mesos/isolation/cgroupRoot.ts';
import { cgroupsIsolation } from '../../../mesos/isolation/cgroups.ts';
import { fetching } from '../../../mesos/isolation/fetching.ts';
import type { ContainerSpec } from '../../../mesos/isolation/isolation.ts';
import {
  type ClosableIsolation,
  type ProcessIsolationOptions,
  processIsolation,
} from '../../../mesos/isolation/process.ts';
import { sandboxGc } from '../../../mesos/isolation/sandboxGc.ts';
import { holdWorkFolder } from '../../../mesos/isolation/workFolder.ts';
import type { CommandInfo } from '../../../mesos/protocol/entities.ts';
import { type PortRanges, parseWithPorts } from '../../../mesos/protocol/ports.ts';
import type { Resources } from '../../../mesos/protocol/resources.ts';
import type { SlaveCheckpoint } from '../../../mesos/slave/checkpoint.ts';
import { checkpointPath, openCheckpoint } from '../../../mesos/slave/checkpointFile.ts';
import { executorPrincipal, executorTokens } from '../../../mesos/slave/executorTokens.ts';
import { endLeftovers } from '../../../mesos/slave/leftovers.ts';
import { slave } from '../../../mesos/slave/slave.ts';
import type { SlaveWindow } from '../../../mesos/slave/window.ts';
import { leaveMaster, linkToStandby, readMaster } from '../election.ts';
import { EXIT, infrastructureError, usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { makePrivateFolder } from '../privateFolder.ts';
import {
  authorityVariables,
  environmentVariables,
  executorKey,
  readSecurity,
  withSecurity,
} from '../security.ts';
import { type Daemon, logLine, startDaemon } from './daemon.ts';
import { slaveHttp, withSlaveHttp } from './slaveHttp.ts';

const ISOLATIONS = ['process', 'cgroups'] as const;
const WEEK_MS = 604_800_000;
/** More than Mesos's 2 s: executors dial a slave that is away ever less often, up to every 6 s. */
const EXECUTOR_REREGISTRATION_TIMEOUT_MS = 10_000;
const USAGE_INTERVAL_MS = 5_000;

/** The command. */
export const slaveCommand = withSlaveHttp(withSecurity(new Command('slave'), 'credential'))
  .description('start a Mesos slave')
  .requiredOption(
    '--master <where>',
    'HOST:PORT of the master, or the election of several: zk://… or file:///…',
  )
  .option('--ip <address>', 'address to listen on, for its executors', '127.0.0.1')
  .option(
    '--advertise_ip <address>',
    'address by which the master and its executors reach it, if it is another',
  )
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5051)
  .option('--hostname <name>', 'name that the slave goes by (default: that of the machine)')
  .option(
    '--resources <list>',
    "what it offers, e.g. 'cpus:4;cpus(role):2;mem:4096;ports:[31000-32000]' (default: what the machine has, less 1 GiB)",
    resourcesAndPorts,
  )
  .option('--attributes <list>', "text attributes, e.g. 'rack:r1;zone:a'", attributes, {})
  .option('--work_dir <folder>', 'folder for the sandboxes of executors', '/tmp/mesos')
  .option('--isolation <module>', `isolation module: ${ISOLATIONS.join(' or ')}`, isolationName, 'process')
  .option('--cgroups_root <group>', 'control group that those of executors are made in', groupPath, 'mesos')
  .option('--cgroups_enable_cfs', "an executor gets no more processor time than it holds, even if it's free")
  .option(
    '--cgroups_pids_max <count>',
    'most processes and threads of an executor at a time',
    wholeNumber('--cgroups_pids_max', 1, 4_194_304),
  )
  .option(
    '--gc_delay <duration>',
    'how long the sandboxes of ended executors are kept (default: 1weeks)',
    duration('--gc_delay', '52weeks'),
  )
  .option(
    '--gc_disk_headroom <part>',
    'they are kept shorter the fuller the disk is, and not at all with less than this part free',
    fraction('--gc_disk_headroom'),
  )
  .option(
    '--registration_backoff_factor <duration>',
    'longest wait before it first asks a master that it has found (default: 100ms)',
    duration('--registration_backoff_factor'),
  )
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
    '--checkpoint',
    'keep executors when the process of the slave is killed, for the next one with this port and work folder',
  )
  .option(
    '--executor_reregistration_timeout <duration>',
    'how long executors may take to come back to a slave that has (default: 10secs)',
    duration('--executor_reregistration_timeout'),
  )
  .option(
    '--recovery_timeout <duration>',
    'how long executors wait for their slave to come back (default: 15mins)',
    duration('--recovery_timeout'),
  )
  .option(
    '--usage_interval <duration>',
    'how often to record what executors use (default: 5secs)',
    duration('--usage_interval'),
  )
  .option(
    '--executor_environment_variables <json>',
    'variables that every executor is given: a JSON object, or file://PATH of one',
    environmentVariables,
  )
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (flags) => {
    const master = readMaster(flags.master);
    const workDir = resolve(flags.work_dir);
    makePrivateFolder('--work_dir', workDir);
    const letGo = takeHold(workDir);
    const tokens = executorTokens(executorKey(workDir));
    const left =
      flags.checkpoint || existsSync(checkpointPath(workDir)) ? takeCheckpoint(workDir) : undefined;
    const checkpoint = flags.checkpoint ? left : undefined;
    const security = readSecurity(flags);
    let window: SlaveWindow | undefined;
    const http = slaveHttp(flags, security, { tokens, workDir, window: () => window, log: logLine });
    const daemon = await startDaemon({
      listen: { host: flags.ip, port: flags.port },
      advertise: flags.advertise_ip,
      security: { ...security, tokenOf: tokens.tokenOf },
      http,
      history: flags.history,
      quiet: flags.quiet,
    });
    daemon.atEnd(letGo);
    daemon.atEnd(() => leaveMaster(master));
    const environment = (spec: ContainerSpec): Readonly<Record<string, string>> => ({
      ...flags.executor_environment_variables,
      ...authorityVariables(flags),
      ...tokens.environment(spec),
    });
    const { isolation: plain, settled } = startIsolation(flags, { workDir, environment }, daemon);
    const isolation = fetching(plain, { workDir });
    daemon.atEnd(() => isolation.close());
    const gc = sandboxGc({
      workDir,
      delayMs: flags.gc_delay ?? WEEK_MS,
      ...(flags.gc_disk_headroom !== undefined && { diskHeadroom: flags.gc_disk_headroom }),
      othersInUse: isolation.fetchingInto,
      log: daemon.log,
    });
    daemon.atEnd(() => gc.close());
    if (left && !checkpoint) endLeftovers(left, isolation, daemon.wire.address('slave'));
    // To be followed by another process, as if it had been killed, but between two turns of the event loop.
    if (checkpoint) process.on('SIGUSR2', () => process.exit(EXIT.ok));
    linkToStandby(daemon.wire, master);
    daemon.wire.spawn(
      'slave',
      slave({
        master,
        hostname: flags.hostname ?? hostname(),
        ...(flags.resources ?? { resources: machineResources() }),
        attributes: flags.attributes,
        isolation: tokens.expecting(isolation),
        executorPrincipal,
        commandExecutor: commandExecutor(workDir),
        registered: (id) => {
          console.log(`registered as ${id}`);
          settled();
        },
        opened: (own) => {
          window = own;
        },
        stopping: daemon.ending,
        usageIntervalMs: flags.usage_interval ?? USAGE_INTERVAL_MS,
        executorReregistrationTimeoutMs:
          flags.executor_reregistration_timeout ?? EXECUTOR_REREGISTRATION_TIMEOUT_MS,
        ...(checkpoint && { checkpoint }),
        ...(flags.recovery_timeout !== undefined && { recoveryTimeoutMs: flags.recovery_timeout }),
        ...(flags.registration_backoff_factor !== undefined && {
          registrationBackoffMs: flags.registration_backoff_factor,
        }),
        ...(flags.executor_registration_timeout !== undefined && {
          executorRegistrationTimeoutMs: flags.executor_registration_timeout,
        }),
        ...(flags.executor_shutdown_grace_period !== undefined && {
          executorShutdownGraceMs: flags.executor_shutdown_grace_period,
        }),
      }),
    );
  });

/** The program that runs the command of a task: this one, by way of the file that started it. */
function commandExecutor(workDir: string): CommandInfo {
  const { execPath, execArgv, env } = process;
  const lab = join(import.meta.dirname, '..', 'lab.ts');
  // Without compiled code it would take twice the time to start, and half as much memory again.
  const NODE_COMPILE_CACHE = env.NODE_COMPILE_CACHE ?? join(workDir, 'compiled');
  return {
    shell: false,
    value: execPath,
    arguments: [execPath, ...execArgv, lab, 'executor', 'command'],
    environment: { NODE_COMPILE_CACHE },
  };
}

function resourcesAndPorts(text: string): { readonly resources: Resources; readonly ports: PortRanges } {
  try {
    return parseWithPorts(text);
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

function takeHold(folder: string): () => void {
  try {
    return holdWorkFolder(folder);
  } catch (error) {
    throw infrastructureError((error as Error).message, error);
  }
}

function takeCheckpoint(workDir: string): SlaveCheckpoint {
  try {
    return openCheckpoint({
      workDir,
      onError: ({ message }) => {
        console.error(`lab: ${message}`);
        process.exit(EXIT.infrastructure);
      },
    });
  } catch (error) {
    throw infrastructureError((error as Error).message, error);
  }
}

/** Flags of the isolation module. */
interface IsolationFlags {
  readonly isolation: (typeof ISOLATIONS)[number];
  readonly cgroups_root: string;
  readonly cgroups_enable_cfs?: boolean;
  readonly cgroups_pids_max?: number;
}

/** Starts the isolation module. `settled` is to be called when all executors of earlier slaves that go on have been found again. */
function startIsolation(
  flags: IsolationFlags,
  own: ProcessIsolationOptions,
  daemon: Daemon,
): { isolation: ClosableIsolation; settled: () => void } {
  const plain = () => ({ isolation: processIsolation(own), settled: () => {} });
  switch (flags.isolation) {
    case 'process':
      return plain();
    case 'cgroups': {
      const found = findCgroups(flags.cgroups_root);
      if (found.is === 'unusable') {
        daemon.log(`--isolation cgroups: ${found.why}. The slave goes on with --isolation process`);
        return plain();
      }
      daemon.atEnd(() => found.release());
      const isolation = cgroupsIsolation({
        ...own,
        root: found.root,
        hasCpuQuota: flags.cgroups_enable_cfs === true,
        ...(flags.cgroups_pids_max !== undefined && { pidsMax: flags.cgroups_pids_max }),
        log: daemon.log,
      });
      const settled = async (): Promise<void> => {
        const count = await isolation.removeOrphans();
        if (count > 0)
          daemon.log(
            `removed ${count} control group${count === 1 ? '' : 's'} that an earlier slave has left`,
          );
      };
      return { isolation, settled: () => void settled() };
    }
    default:
      return flags.isolation satisfies never;
  }
}

function isolationName(name: string): (typeof ISOLATIONS)[number] {
  const known = ISOLATIONS.find((each) => each === name);
  if (known !== undefined) return known;
  throw usageError(`--isolation: there is no module '${name}'; there is: ${ISOLATIONS.join(', ')}`);
}

function groupPath(path: string): string {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(path) && !path.split('/').some((name) => name === '.' || name === '..'))
    return path;
  throw usageError(`--cgroups_root must be the path of a group, e.g. mesos or users/me, not '${path}'`);
}

function fraction(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= 0 && value <= 1))
      throw usageError(`${name} must be from 0 to 1, not '${text}'`);
    return value;
  };
}
