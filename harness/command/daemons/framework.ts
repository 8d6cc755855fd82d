/** `lab framework`: a framework's scheduler as a process, on a master or on slaves of its own. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import type { JobDesk } from '../../jobs/jobList.ts';
import { findCluster, withClusterFolder } from '../clusterFile.ts';
import { type CommandError, EXIT, usageError } from '../exit.ts';
import { wholeNumber } from '../flagValues.ts';
import {
  FRAMEWORKS,
  type Overrides,
  type Prepared,
  type SchedulerEvents,
  type Summary,
} from '../frameworks.ts';
import { makePrivateFolder } from '../privateFolder.ts';
import { readPlace, spawnScheduler, withScheduler, withSuccession } from '../schedulerProcess.ts';
import { readSecurity } from '../security.ts';
import { logLine, startDaemon } from './daemon.ts';
import type { QueueSetting } from './queueSetting.ts';

/** The command. */
export const frameworkCommand = withSuccession(withScheduler(withClusterFolder(new Command('framework'))))
  .description("run a framework's scheduler until its jobs have ended")
  .addArgument(new Argument('<framework>', 'which').choices(Object.keys(FRAMEWORKS)))
  .option('--config <file>', 'its jobs and nodes, as JSON; with --serve, hadoop and torque need none')
  .option('--namenode <host:port>', "with --serve and no --config: of Hadoop's block store")
  .option('--dfs_secret_file <file>', 'with it: file with the secret of the block store')
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
  .option(
    '--serve',
    "let 'lab jobs' see its jobs, take more of them by 'lab submit --queue', and go on when there are none",
  )
  .option(
    '--jobs_port <port>',
    'with --serve: port of this machine for that; 0 for any free one',
    wholeNumber('--jobs_port', 0, 65_535),
    0,
  )
  .option(
    '--journal <file>',
    'keep the jobs in this file, on the disk: a later scheduler with the same file has them all (torque, hadoop)',
  )
  .option('--summary <file>', 'write what became of the jobs to this file, as JSON')
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (which: keyof typeof FRAMEWORKS, given) => {
    const isOnCluster = given.master === undefined && given.slaves === undefined && given.cluster;
    const flags = isOnCluster ? await findCluster(given, false) : given;
    if ((flags.master === undefined) === (flags.slaves === undefined))
      throw usageError('give either --master HOST:PORT or --slaves N');
    const place = readPlace(flags);
    // The time tells it from all that have had the place before.
    const overrides: Overrides = {
      ...(flags.framework_id !== undefined && { incarnation: Date.now() }),
      ...(flags.serve && { keepRunning: true }),
    };
    if (flags.config === undefined && !flags.serve)
      throw usageError('give --config FILE, or --serve to wait for jobs');
    const setting: QueueSetting =
      flags.config === undefined
        ? await waiting(which, await findCluster(flags, true))
        : { config: readConfig(flags.config) };
    const framework = await FRAMEWORKS[which](setting.config, overrides).catch((error: Error) => {
      throw usageError(`${flags.config ?? which}: ${error.message}`);
    });
    const journal = flags.journal === undefined ? undefined : openJournal(framework, flags);
    const daemon = await startDaemon({
      ...(place.over === 'slaves' && { listen: { host: flags.ip, port: flags.port } }),
      security: place.over === 'v1' ? {} : readSecurity(flags),
      history: flags.history,
      quiet: flags.quiet,
      interruptedCode: EXIT.interrupted,
      announce: (line) => (line.event === 'job-finished' ? `job ${line.jobId} ${line.outcome}` : undefined),
    });
    let desk: JobDesk | undefined;
    const server = flags.serve
      ? await (await import('../serveJobs.ts'))
          .serveJobs({
            framework: framework.name,
            desk: () => desk,
            port: flags.jobs_port,
            flags,
            now: () => daemon.wire.now(),
            log: daemon.log,
          })
          .catch((error: CommandError) => daemon.end(error.exitCode, error.message))
      : undefined;
    if (server) {
      daemon.atEnd(() => server.close());
      console.log(`jobs at ${server.url}`);
    }
    let summary: Summary | undefined;
    const events: SchedulerEvents = {
      ready: (made) => {
        desk = made;
      },
      done: (told) => {
        summary = told;
      },
    };
    const factory = framework.scheduler(events, journal);
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
    const page = server && { webuiUrl: server.url };
    daemon.atEnd(() => setting.end?.());
    const registered = (frameworkId: string): void =>
      void setting.registered?.(frameworkId).catch((error: Error) => daemon.log(error.message));
    await spawnScheduler({
      daemon,
      place,
      name: framework.name,
      flags,
      factory,
      stopped,
      registered,
      ...page,
    });
  });

/** The setting of a scheduler that only waits for jobs. */
async function waiting(
  which: string,
  flags: { readonly namenode: string; readonly dfs_secret_file?: string },
): Promise<QueueSetting> {
  const { queueSetting } = await import('./queueSetting.ts');
  return queueSetting(which, flags);
}

/** What the scheduler's jobs are kept in. It is open as long as this process lives. */
function openJournal(
  { openJournal: open }: Prepared,
  { journal, standby }: { readonly journal: string; readonly standby?: boolean },
): ReturnType<NonNullable<Prepared['openJournal']>> {
  if (open === undefined)
    throw usageError('--journal is for torque and hadoop: this framework cannot keep its jobs');
  if (standby)
    throw usageError(
      '--journal does not go with --standby: it is read at the start, when others still write it',
    );
  makePrivateFolder('--journal', dirname(resolve(journal)));
  try {
    return open(journal, ({ message }) => {
      // Nothing may go on of what is not kept.
      logLine(message);
      process.exit(EXIT.infrastructure);
    });
  } catch (error) {
    throw usageError((error as Error).message);
  }
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
