/** `lab jobs`: the jobs of all frameworks of a cluster, and orders for them. */
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import { JobServerError } from '../jobs/jobClient.ts';
import { jobTable, printable, spanText, taskCounts } from '../jobs/jobTable.ts';
import { type ClusterFlags, findCluster, withCluster } from './clusterFile.ts';
import {
  type AllJobs,
  type FoundServer,
  type JobsOfCluster,
  jobsOfCluster,
  refusedOrder,
} from './clusterJobs.ts';
import { usageError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';
import { listenForInterruption } from './interruption.ts';
import { masterReader } from './masterReads.ts';
import { withSecurity } from './security.ts';
import { type V1Flags, withV1 } from './v1Api.ts';

interface JobsFlags extends V1Flags, ClusterFlags {
  readonly master: string;
  readonly framework?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
}

const LOOK_MS = 1_000;

/** The command. */
export const jobsCommand = asking(new Command('jobs'), list)
  .description('show the jobs of all frameworks that run')
  .option('--watch', 'go on showing them, until Ctrl-C')
  .addCommand(
    asking(new Command('show').argument('<id>', 'which job'), show).description('tell all of one job'),
  )
  .addCommand(order('delete', 'end a job and all its tasks'))
  .addCommand(order('hold', 'keep a waiting job from being started'))
  .addCommand(order('release', 'let a held job be started'))
  .addCommand(
    asking(
      new Command('scale').argument('<id>', 'which service').argument('<n>', 'how many'),
      scale,
    ).description('say how many instances a service is to have'),
  );

function asking(
  command: Command,
  run: (jobs: JobsOfCluster, flags: JobsFlags, id: string, number: string) => Promise<void>,
): Command {
  return withV1(withSecurity(withCluster(command), 'credential'))
    .option('--framework <which>', 'only of the framework of this id or name')
    .option('--json', 'as JSON')
    .action(async (...given) => {
      const own = given.at(-1) as Command;
      // What is given before the name of the order is meant for it, too.
      const flags = await findCluster(
        own.optsWithGlobals<JobsFlags>(),
        [own, own.parent].every((command) => command?.getOptionValueSource('cluster') !== 'cli'),
      );
      const reader = masterReader(flags.master, flags);
      const jobs = jobsOfCluster(reader, flags);
      try {
        const [id, number] = given.map((one) => (typeof one === 'string' ? one : ''));
        await run(jobs, flags, id ?? '', number ?? '');
      } catch (error) {
        throw error instanceof JobServerError ? refusedOrder(error) : error;
      } finally {
        await reader.close();
      }
    });
}

function order(name: 'delete' | 'hold' | 'release', description: string): Command {
  return asking(new Command(name).argument('<id>', 'which job'), async (jobs, flags, id) => {
    const { server } = await find(jobs, flags, id);
    const job = await server.client[name](id);
    console.log(
      flags.json ? JSON.stringify(job) : `job ${printable(id)} of ${printable(server.name)}: ${job.phase}`,
    );
  }).description(description);
}

async function scale(jobs: JobsOfCluster, flags: JobsFlags, id: string, number: string): Promise<void> {
  const instances = wholeNumber('<n>', 0, 100_000)(number);
  const { server } = await find(jobs, flags, id);
  const job = await server.client.scale(id, instances);
  console.log(
    flags.json ? JSON.stringify(job) : `${printable(id)} of ${printable(server.name)}: ${taskCounts(job)}`,
  );
}

async function list(jobs: JobsOfCluster, flags: JobsFlags): Promise<void> {
  if (!flags.watch) return print(await jobs(flags.framework), flags);
  const interruption = listenForInterruption();
  try {
    for (const show = screen(flags); ; await pause(LOOK_MS, undefined, { signal: interruption.signal }))
      show(await interruption.unless(jobs(flags.framework)));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
  }
}

/** Shows jobs in place of those that it has shown before, or, where there is no terminal, below them if they have changed. */
function screen(flags: JobsFlags): (all: AllJobs) => void {
  let height = 0;
  let before = '';
  return (all) => {
    const lines = flags.json ? [JSON.stringify(all.lists)] : linesOf(all);
    const isTerminal = process.stdout.isTTY === true && !flags.json;
    if (isTerminal) {
      // Some terminals say that they have no size.
      const width = process.stdout.columns || 80;
      const shown = lines
        .slice(0, Math.max(1, (process.stdout.rows || 24) - 1))
        .map((line) => line.slice(0, width));
      process.stdout.write(`${height > 0 ? `\x1b[${height}A` : ''}\x1b[J${shown.join('\n')}\n`);
      height = shown.length;
    } else {
      // Times go on also when nothing happens.
      const now = JSON.stringify(all.lists.map(({ nowMs: _, ...list }) => list));
      if (now !== before) process.stdout.write(`${lines.join('\n')}\n\n`);
      before = now;
    }
  };
}

function print(all: AllJobs, flags: JobsFlags): void {
  if (flags.json) console.log(JSON.stringify(all.lists));
  else for (const line of linesOf(all)) console.log(line);
}

function linesOf({ lists, silent }: AllJobs): readonly string[] {
  return [...jobTable(lists), ...silent.map(({ name, why }) => `(${printable(name)}: ${printable(why)})`)];
}

async function show(jobs: JobsOfCluster, flags: JobsFlags, id: string): Promise<void> {
  const { server, job } = await find(jobs, flags, id);
  if (flags.json)
    console.log(JSON.stringify({ framework: server.name, frameworkId: server.frameworkId, ...job }));
  else
    for (const [name, value] of rows(server, job))
      console.log(`${`${name}:`.padEnd(20)} ${printable(value)}`);
}

function rows(server: FoundServer, job: JobStatus): readonly (readonly [string, string])[] {
  const { submittedMs, startedMs, endedMs, message, counters = {} } = job;
  const at = (ms: number | undefined): string => (ms === undefined ? '-' : new Date(ms).toISOString());
  return [
    ['id', job.id],
    ['framework', `${server.name} (${server.frameworkId})`],
    ['kind', job.kind],
    ['state', job.phase],
    ['tasks', taskCounts(job)],
    ['submitted', at(submittedMs)],
    ['started', at(startedMs)],
    ['ended', at(endedMs)],
    ...(startedMs !== undefined && endedMs !== undefined
      ? [['ran', spanText(endedMs - startedMs)] as const]
      : []),
    ...(message === undefined ? [] : [['message', message] as const]),
    ...Object.entries(counters).map(([name, value]) => [name, String(value)] as const),
  ];
}

/** The job of this id, and where it is. */
async function find(
  jobs: JobsOfCluster,
  { framework }: JobsFlags,
  id: string,
): Promise<{ readonly server: FoundServer; readonly job: JobStatus }> {
  const { servers, silent } = await jobs(framework, id);
  const found = servers.flatMap((server) =>
    server.list.jobs.filter((job) => job.id === id).map((job) => ({ server, job })),
  );
  const [first, ...more] = found;
  if (first === undefined) {
    const untold = silent.length === 0 ? '' : `, and ${silent.length} frameworks tell nothing of their jobs`;
    throw usageError(
      `no framework that runs has a job '${id}'${untold}; 'lab jobs' shows those that there are`,
    );
  }
  if (more.length > 0)
    throw usageError(
      `several frameworks have a job '${id}'; give --framework with one of: ${found.map(({ server }) => server.frameworkId).join(', ')}`,
    );
  return first;
}
