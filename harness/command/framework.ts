/** `lab framework`: a framework's scheduler as a process, on a master or on slaves of its own. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Argument, Command } from 'commander';
import * as v from 'valibot';
import { standalone } from '../../frameworks/standalone/standalone.ts';
import type { SchedulerFactory } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { v1Master } from '../../mesos/driver/v1/v1Master.ts';
import type { Detector, OpenElection } from '../../mesos/election/election.ts';
import { IdSchema } from '../../mesos/protocol/entities.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import { type Daemon, duration, resourceList, startDaemon, wholeNumber } from './daemon.ts';
import { leaveMaster, readMaster } from './election.ts';
import { EXIT, usageError } from './exit.ts';
import { readSecurity, withSecurity } from './security.ts';
import { readV1, refuseV1Flags, type V1Flags, withV1 } from './v1Api.ts';

/** What a framework's scheduler tells when all its jobs have ended. */
interface Summary {
  readonly jobs: readonly { readonly id: string; readonly outcome: string; readonly message?: string }[];
}

interface Prepared {
  readonly name: string;
  scheduler(done: (summary: Summary) => void): SchedulerFactory;
}

/** Of a scheduler that takes the place of another. */
type Incarnation = { readonly incarnation?: number };

const torque = async (config: unknown, incarnation: Incarnation): Promise<Prepared> => {
  const { readTorqueConfig } = await import('../../frameworks/torque/config.ts');
  const { createTorqueScheduler } = await import('../../frameworks/torque/scheduler.ts');
  const read = { ...readTorqueConfig(config), ...incarnation };
  return { name: read.name, scheduler: (onDone) => createTorqueScheduler(read, { onDone }) };
};

const FRAMEWORKS = {
  hadoop: async (config: unknown, incarnation: Incarnation): Promise<Prepared> => {
    const { readHadoopConfig } = await import('../../frameworks/hadoop/job.ts');
    const { createJobTracker } = await import('../../frameworks/hadoop/jobTracker.ts');
    const read = { ...readHadoopConfig(config), ...incarnation };
    return { name: read.name, scheduler: (onDone) => createJobTracker(read, { onDone }) };
  },
  torque,
  /** The same by its older name. */
  mpi: torque,
} as const;

/** The command. */
export const frameworkCommand = withV1(withSecurity(new Command('framework'), 'credential'))
  .description("run a framework's scheduler until its jobs have ended")
  .addArgument(new Argument('<framework>', 'which').choices(Object.keys(FRAMEWORKS)))
  .requiredOption('--config <file>', 'its jobs and nodes, as JSON')
  .option(
    '--master <where>',
    'HOST:PORT of the master, or the election of several: zk://… or file:///…; with --api v1 also http://HOST:PORT,…',
  )
  .option(
    '--slaves <n>',
    'run without a master, on this many slaves that take this process for theirs',
    wholeNumber('--slaves', 1, 100_000),
  )
  .option('--ip <address>', 'address to listen on for slaves', '127.0.0.1')
  .option(
    '--port <port>',
    'port to listen on for slaves; 0 for any free one',
    wholeNumber('--port', 0, 65_535),
    5050,
  )
  .option('--role <role>', "role, by which the master's --weights count", id('--role'))
  .option(
    '--guarantee <list>',
    'what it must be able to have at any time, e.g. cpus:4;mem:4096',
    resourceList('--guarantee'),
  )
  .option('--framework_id <id>', "take the place of this framework's scheduler", id('--framework_id'))
  .option('--standby', 'with --framework_id: wait until that scheduler is gone')
  .option(
    '--failover_timeout <duration>',
    'keep its tasks this long when its scheduler is out of reach',
    duration('--failover_timeout'),
  )
  .option('--summary <file>', 'write what became of the jobs to this file, as JSON')
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (which: keyof typeof FRAMEWORKS, flags) => {
    if ((flags.master === undefined) === (flags.slaves === undefined))
      throw usageError('give either --master HOST:PORT or --slaves N');
    const reached = reach(flags);
    if (flags.standby && flags.framework_id === undefined)
      throw usageError('--standby needs --framework_id: whose place is it to take?');
    // The time tells it from all that have had the place before.
    const incarnation = flags.framework_id === undefined ? {} : { incarnation: Date.now() };
    const framework = await FRAMEWORKS[which](readConfig(flags.config), incarnation).catch((error: Error) => {
      throw usageError(`${flags.config}: ${error.message}`);
    });
    const daemon = await startDaemon({
      ...(flags.slaves !== undefined && { listen: { host: flags.ip, port: flags.port } }),
      security: reached?.over === 'v1' ? {} : readSecurity(flags),
      history: flags.history,
      quiet: flags.quiet,
      interruptedCode: EXIT.interrupted,
      announce: (line) => (line.event === 'job-finished' ? `job ${line.jobId} ${line.outcome}` : undefined),
    });
    let summary: Summary | undefined;
    const stopped = (error?: string): void => {
      if (error !== undefined) return daemon.end(EXIT.failed, `the master refused the framework: ${error}`);
      try {
        if (flags.summary !== undefined)
          writeFileSync(flags.summary, `${JSON.stringify(summary, null, 2)}\n`);
      } catch (cause) {
        return daemon.end(EXIT.infrastructure, `the summary cannot be written: ${(cause as Error).message}`);
      }
      const failed = summary?.jobs.filter(({ outcome }) => outcome !== 'finished') ?? [];
      for (const { id, message } of failed) daemon.log(`job ${id} failed: ${message ?? 'no reason given'}`);
      daemon.end(failed.length === 0 && summary !== undefined ? EXIT.ok : EXIT.failed);
    };
    const factory = framework.scheduler((done) => {
      summary = done;
    });
    const frameworkInfo = {
      user: userInfo().username,
      name: framework.name,
      ...(flags.framework_id !== undefined && { id: flags.framework_id }),
      ...(flags.role !== undefined && { role: flags.role }),
      ...(flags.guarantee !== undefined && { guarantee: flags.guarantee }),
      ...(flags.failover_timeout !== undefined && { failoverTimeout: flags.failover_timeout / 1000 }),
    };
    if (reached !== undefined) {
      const master = masterOf(reached, daemon);
      const standby = flags.standby ?? false;
      daemon.wire.spawn('scheduler', schedulerActor({ master, frameworkInfo, factory, standby, stopped }));
    } else
      daemon.wire.spawn('master', standalone({ frameworkInfo, factory, slavesMin: flags.slaves, stopped }));
  });

/** How the master is reached, if there is one. */
type Reached =
  | { readonly over: 'links'; readonly master: Address | OpenElection }
  | ({ readonly over: 'v1' } & ReturnType<typeof readV1>);

function reach(flags: V1Flags & { readonly master?: string }): Reached | undefined {
  if (flags.api === 'v1') {
    if (flags.master === undefined) throw usageError('--api v1 needs --master: --slaves have none');
    return { over: 'v1', ...readV1(flags.master, flags) };
  }
  refuseV1Flags(flags);
  return flags.master === undefined ? undefined : { over: 'links', master: readMaster(flags.master) };
}

/** What the scheduler's driver takes for its master; let go of when the daemon ends. */
function masterOf(reached: Reached, { wire, log, atEnd }: Daemon): Address | Detector {
  switch (reached.over) {
    case 'links':
      atEnd(() => leaveMaster(reached.master));
      return reached.master;
    case 'v1': {
      const { options, election } = reached;
      atEnd(() => election?.close());
      const bridge = v1Master(wire, { ...options, log });
      atEnd(() => bridge.close());
      return bridge.master;
    }
    default:
      return reached satisfies never;
  }
}

function id(name: string): (text: string) => string {
  return (text) => {
    if (v.is(IdSchema, text)) return text;
    throw usageError(`${name} must be 1 to 255 characters without slashes, not '${text}'`);
  };
}

/** A job with a million blocks is described in less. */
const CONFIG_BYTES_MAX = 256 * 1024 * 1024;

function readConfig(file: string): unknown {
  let text: string;
  try {
    if (statSync(file).size > CONFIG_BYTES_MAX) throw new Error('it is larger than 256 MiB');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`the configuration ${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${file} is not JSON: ${(error as Error).message}`);
  }
}
