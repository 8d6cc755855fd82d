/**
 * The machine kind `slurm`: the nodes of an allocation. Inside of one they are its nodes; otherwise a job is submitted that has whole
 * nodes for as long as was asked, and is cancelled in the end.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { SlurmAsked } from '../deployments/asked.ts';
import type { Place } from '../place.ts';
import { pause } from '../wallClock.ts';
import { addressOf, cancel, hostsOf, type Job, jobsOf, RefusedError, slurm, submit } from './commands.ts';
import { END_KEEPER, KEEPERS, keepersIn, keepersMissing, shellOn } from './keeper.ts';

const execute = promisify(execFile);

const JournalSchema = v.variant('is', [
  /** The allocation in which this was done. Not ours to end. */
  v.object({ is: v.literal('given'), jobId: v.string() }),
  /** A job that was submitted, or was about to be. */
  v.object({
    is: v.literal('submitted'),
    name: v.string(),
    /** Absent until Slurm has said it. */
    jobId: v.exactOptional(v.string()),
  }),
]);
/** What is known of a deployment's allocation, written down before it is made. */
type Journal = Readonly<v.InferOutput<typeof JournalSchema>>;

const POLL_MS = 250;
const WAIT_MINUTES = 10;
/** A job that was cancelled is gone by then, or Slurm cannot end it. */
const CANCEL_WITHIN_MS = 90_000;
/** Keepers that were told to start before run by then; longer for new ones, whose nodes may be busy. */
const STARTING_S = 1;
const MENDED_WITHIN_S = 30;
/** Reasons to wait which no waiting removes. */
const HOPELESS: Readonly<Record<string, string>> = {
  PartitionTimeLimit: 'the partition allows less time',
  PartitionNodeLimit: 'the partition has fewer',
  PartitionDown: 'the partition is down',
  PartitionInactive: 'the partition is inactive',
  BadConstraints: 'no node is as the flags demand',
  InvalidAccount: 'the account is not valid',
  InvalidQOS: 'the quality of service is not valid',
};

/**
 * Provisions a machine for each name. Goes on with what is there already. What is shipped is kept in `store`. Rejects with one sentence
 * if Slurm does not give the nodes, and if it is told to stop while it waits for them; then the job is cancelled.
 */
export async function provisionSlurm(
  asked: SlurmAsked,
  folder: string,
  store: string,
  stopping: AbortSignal,
): Promise<readonly Place[]> {
  const there = await slurmPlaces(asked, folder, store);
  if (there.length > 0) {
    await mendSlurm(asked, folder);
    return there;
  }
  const given = process.env.SLURM_JOB_ID;
  const job =
    given === undefined ? await submitted(asked, folder, stopping) : await useGiven(given, asked, folder);
  return placesIn(job, asked, folder, store);
}

/** The machines that were provisioned; none of a job that has ended, or waits. */
export async function slurmPlaces(
  asked: SlurmAsked,
  folder: string,
  store: string,
): Promise<readonly Place[]> {
  const job = await runningJob(folder);
  return job === undefined ? [] : placesIn(job, asked, folder, store);
}

async function runningJob(folder: string): Promise<Job | undefined> {
  const journal = await readJournal(folder);
  if (journal === undefined) return undefined;
  const jobs = await jobsOf(journal.is === 'given' ? { id: journal.jobId } : { name: journal.name });
  return jobs.find(({ state }) => state === 'RUNNING');
}

/**
 * Starts keepers again where they were killed, in a job that runs. Rejects with one sentence that names the nodes if that does not help.
 */
export async function mendSlurm({ names }: SlurmAsked, folder: string): Promise<void> {
  const job = await runningJob(folder);
  if (job === undefined) return;
  const hosts = (await hostsOf(job.nodes)).slice(0, names.length);
  const missing = await withoutKeeper(job.id, hosts, STARTING_S);
  if (missing.length === 0) return;
  startKeepers(job.id, missing);
  const still = await withoutKeeper(job.id, missing, MENDED_WITHIN_S);
  if (still.length > 0)
    throw new Error(
      `slurm starts nothing on ${still.join(', ')}, where the step that runs scripts was killed: 'lab down' ends the job, 'lab up' asks for a new one`,
    );
}

async function withoutKeeper(
  jobId: string,
  hosts: readonly string[],
  waitS: number,
): Promise<readonly string[]> {
  const said = await slurm('srun', keepersMissing(jobId, hosts, waitS));
  return said.split('\n').filter(Boolean).sort();
}

/** They outlive this process, and end with the job or when they are told to. */
function startKeepers(jobId: string, hosts: readonly string[]): void {
  spawn('srun', keepersIn(jobId, hosts), { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

/** Cancels the job, or, in an allocation that is not ours, ends what runs in it. Throws one sentence if that does not help. */
export async function removeSlurm(asked: SlurmAsked, folder: string): Promise<void> {
  const journal = await readJournal(folder);
  if (journal === undefined) return;
  if (journal.is === 'given')
    for (const { shell } of await slurmPlaces(asked, folder, '/')) await endKeeper(shell);
  else {
    await cancel(journal.name);
    for (let waitedMs = 0; (await jobsOf(journal)).length > 0; waitedMs += POLL_MS) {
      if (waitedMs > CANCEL_WITHIN_MS)
        throw new Error(`slurm does not end the job ${journal.name}, which was cancelled`);
      await sleep();
    }
  }
  await forgetJournal(folder);
}

/** It is no script, so it is handed over as it is. */
async function endKeeper([program, ...args]: Place['shell']): Promise<void> {
  try {
    await execute(program, [...args, END_KEEPER]);
  } catch (error) {
    const { message, stderr = '' } = error as Error & { readonly stderr?: string };
    throw new Error(stderr.trim().split('\n').at(-1) || message, { cause: error });
  }
}

/** Submits a job, unless that was done before, and waits until it runs. */
async function submitted(asked: SlurmAsked, folder: string, stopping: AbortSignal): Promise<Job> {
  const { names, minutes, partition, flags = [], waitMinutes = WAIT_MINUTES } = asked;
  const before = await readJournal(folder);
  const isThere = before?.is === 'submitted' && (await jobsOf(before)).length > 0;
  const name = isThere ? before.name : `mesos-lab-${basename(folder)}-${randomBytes(4).toString('hex')}`;
  if (!isThere) {
    await writeJournal(folder, { is: 'submitted', name });
    const where = partition === undefined ? {} : { partition };
    try {
      const jobId = await submit({ name, nodes: names.length, minutes, ...where, flags, script: KEEPERS });
      await writeJournal(folder, { is: 'submitted', name, jobId });
    } catch (error) {
      // Refused, there is nothing to find again.
      if (error instanceof RefusedError && !/timed out/i.test(error.message)) await forgetJournal(folder);
      throw error;
    }
  }
  try {
    return await runs(name, waitMinutes, stopping);
  } catch (error) {
    await cancel(name);
    throw error;
  }
}

async function runs(name: string, waitMinutes: number, stopping: AbortSignal): Promise<Job> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const [job] = await jobsOf({ name });
    stopping.throwIfAborted();
    if (job === undefined) throw new Error('slurm has ended the job before it could be used');
    if (job.state === 'RUNNING') return job;
    const never = HOPELESS[job.reason];
    if (never !== undefined) throw new Error(`slurm will never give these nodes: ${never} (${job.reason})`);
    if (waitedMs > waitMinutes * 60_000)
      throw new Error(
        `slurm gave no nodes in ${waitMinutes} minutes (${job.reason}): ask for fewer, or wait longer (waitMinutes)`,
      );
    await pause(POLL_MS, stopping);
  }
}

async function useGiven(jobId: string, { names }: SlurmAsked, folder: string): Promise<Job> {
  const [job] = await jobsOf({ id: jobId });
  if (job?.state !== 'RUNNING') throw new Error(`the allocation that this runs in (job ${jobId}) is over`);
  const hosts = (await hostsOf(job.nodes)).slice(0, names.length);
  requireEnough(hosts, names, jobId);
  await writeJournal(folder, { is: 'given', jobId });
  startKeepers(jobId, hosts);
  return job;
}

function requireEnough(hosts: readonly string[], names: readonly string[], jobId: string): void {
  if (hosts.length >= names.length) return;
  throw new Error(`the allocation (job ${jobId}) has ${hosts.length} nodes, and ${names.length} are needed`);
}

async function placesIn(
  job: Job,
  { names }: SlurmAsked,
  folder: string,
  store: string,
): Promise<readonly Place[]> {
  const hosts = await hostsOf(job.nodes);
  requireEnough(hosts, names, job.id);
  return Promise.all(
    names.map(async (name, n): Promise<Place> => {
      const host = hosts[n] as string;
      return {
        name,
        ip: await addressOf(host),
        shell: shellOn(job.id, host),
        folder: `/tmp/mesos-slurm-${basename(folder)}-${job.id}-${name}`,
        store,
      };
    }),
  );
}

const JOURNAL = 'slurm.json';

async function readJournal(folder: string): Promise<Journal | undefined> {
  const text = await readFile(join(folder, JOURNAL), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : v.parse(JournalSchema, JSON.parse(text));
}

async function writeJournal(folder: string, journal: Journal): Promise<void> {
  const file = join(folder, JOURNAL);
  await writeFile(`${file}.part`, JSON.stringify(journal), { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}

const forgetJournal = (folder: string): Promise<void> => rm(join(folder, JOURNAL), { force: true });

const sleep = (): Promise<void> => pause(POLL_MS, new AbortController().signal);
