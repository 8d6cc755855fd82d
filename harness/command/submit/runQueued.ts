/** Runs a submission on a scheduler that is there already: a queue server that was started with `lab framework … --serve`. */
import type { JobStatus } from '../../../frameworks/jobBoard.ts';
import { type JobClient, JobServerError } from '../../jobs/jobClient.ts';
import { hasEnded } from '../../jobs/jobList.ts';
import type { ProgressDisplay } from '../../run/progress.ts';
import { jobsOfCluster, refusedOrder } from '../clusterJobs.ts';
import { type CommandError, infrastructureError, usageError } from '../exit.ts';
import type { Interruption } from '../interruption.ts';
import type { MasterReader } from '../masterReads.ts';
import { remediesFor } from './capacity.ts';
import { watchJobs } from './jobWatch.ts';
import { whyNever } from './noOffers.ts';
import { notFinished, type Ran } from './outcome.ts';
import { explainWaiting } from './patience.ts';
import type { PreparedSubmission } from './submission.ts';
import type { SubmitFlags } from './submitFlags.ts';

/** A scheduler that takes jobs. */
export interface Queue {
  readonly client: JobClient;
  readonly frameworkId: string;
}

interface QueuedRun {
  readonly queue: Queue;
  readonly reader: MasterReader;
  readonly flags: SubmitFlags;
  readonly interruption: Interruption;
  readonly display: ProgressDisplay;
}

const LOOK_MS = 300;
/** A queue server that does not answer so often is gone. */
const TRIES_MAX = 10;
/** What there is to do about slots that are too large, which are the queue's. */
const SMALLER = 'take a queue with smaller slots';

/** Sends the job, and resolves when it has finished. On Ctrl-C the job is deleted. Rejects with a CommandError. */
export async function runQueued(prepared: PreparedSubmission, run: QueuedRun): Promise<Ran> {
  const { queue, reader, flags, interruption, display } = run;
  const { job, hosts } = prepared;
  if (job === undefined) throw usageError('such a job has a scheduler of its own; leave --queue out');
  const { client, frameworkId } = queue;
  const remedies = remediesFor(flags, SMALLER);
  await prepared.registered?.(frameworkId, 'queue');
  let status = await client.submit(job).catch(fail);
  const log = flags.quiet || process.stderr.isTTY ? undefined : (line: string): void => display.log(line);
  const jobs = () => [status];
  const watch = watchJobs({ jobs }, display, log, Date.now);
  // That others are before it is what queues are for.
  const why = async (waiting: readonly JobStatus[]): Promise<string | undefined> =>
    whyNever(reader, {
      ...{ frameworkId, hosts },
      jobs: waiting.filter(({ phase }) => phase !== 'held'),
      remedies,
    });
  const vigil = explainWaiting({
    patienceMs: flags.patience,
    jobs,
    why,
    whyPart: why,
    log: (line) => display.log(line),
  });
  try {
    while (!hasEnded(status)) {
      await interruption.unless(new Promise((resolve) => setTimeout(resolve, LOOK_MS)));
      status = await look(client, job.id);
    }
  } catch (error) {
    // Who does not wait for it has no use for it either.
    status = await endJob(client, status);
    throw error;
  } finally {
    vigil.stop();
    watch.stop();
  }
  if (status.phase !== 'finished') throw notWell(status);
  return { result: await client.result(job.id).catch(fail), frameworkId };
}

/** Finds the scheduler that `--queue` names. Rejects with a CommandError. */
export async function findQueue(queue: string, flags: SubmitFlags, reader: MasterReader): Promise<Queue> {
  const { servers, silent } = await jobsOfCluster(reader, flags)(queue);
  const [server, ...more] = servers;
  if (server === undefined)
    throw infrastructureError(`'${queue}' takes no jobs: ${silent.map(({ why }) => why).join('; ')}`);
  if (more.length > 0)
    throw usageError(
      `several frameworks are called '${queue}'; give --queue one of: ${servers.map(({ frameworkId }) => frameworkId).join(', ')}`,
    );
  return server;
}

/** Asks again if there is no answer for once. */
async function look(client: JobClient, id: string): Promise<JobStatus> {
  for (let tries = 1; ; tries++)
    try {
      return await client.show(id);
    } catch (error) {
      const { status } = error as JobServerError;
      if (status !== undefined || tries >= TRIES_MAX) throw fail(error as Error);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
}

/** Deletes it, and waits until the server says so. */
async function endJob(client: JobClient, last: JobStatus): Promise<JobStatus> {
  if (hasEnded(last)) return last;
  return client.delete(last.id).catch(() => last);
}

function notWell({ id, phase, message }: JobStatus): CommandError {
  return notFinished([{ id, outcome: phase, ...(message !== undefined && { message }) }]);
}

function fail(error: Error): never {
  throw error instanceof JobServerError ? refusedOrder(error) : error;
}
