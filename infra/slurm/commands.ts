/** Slurm's commands, and what they say in one sentence. */
import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { text } from 'node:stream/consumers';

/** A job, as the controller has it. */
export interface Job {
  readonly id: string;
  /** E.g. `PENDING` or `RUNNING`. */
  readonly state: string;
  /** Why it waits, in Slurm's words. */
  readonly reason: string;
  /** Its nodes, e.g. `node[1-3]`; empty while it waits. */
  readonly nodes: string;
}

/** What is to be had. */
export interface JobRequest {
  /** Nobody else's job has it. */
  readonly name: string;
  readonly nodes: number;
  readonly minutes: number;
  readonly partition?: string;
  /** Further flags of `sbatch`, e.g. `--account=physics`. */
  readonly flags: readonly string[];
  /** What the job runs. */
  readonly script: string;
}

/** Submits a job that has its nodes for itself. Resolves with its id. Rejects with one sentence. */
export async function submit({
  name,
  nodes,
  minutes,
  partition,
  flags,
  script,
}: JobRequest): Promise<string> {
  const asked = [`--job-name=${name}`, `--nodes=${nodes}`, '--ntasks-per-node=1', `--time=${minutes}`];
  const whole = ['--exclusive', '--mem=0', '--no-kill', '--no-requeue'];
  const quiet = ['--parsable', '--input=/dev/null', '--output=/dev/null', '--error=/dev/null'];
  const where = partition === undefined ? [] : [`--partition=${partition}`];
  // By name it is found again and cancelled, in the cluster that all our commands ask.
  if (flags.some((flag) => /^(-M|--clusters?\b)/.test(flag)))
    throw new RefusedError(
      'leave --clusters out of the flags for sbatch: set SLURM_CLUSTERS for all commands of Slurm instead',
    );
  try {
    const answer = await slurm('sbatch', [...quiet, ...whole, ...where, ...flags, ...asked], script);
    // With the name of the cluster, if there are several.
    return answer.trim().split(';')[0] as string;
  } catch (error) {
    const { message } = error as Error;
    if (partition !== undefined && /invalid partition/i.test(message))
      throw new RefusedError(`slurm has no partition '${partition}'; it has: ${await partitions()}`, {
        cause: error,
      });
    throw error;
  }
}

async function partitions(): Promise<string> {
  const answer = await slurm('sinfo', ['--noheader', '--format=%R']);
  return answer.trim().split('\n').join(', ');
}

/** Jobs of this user, by name or by id, that have not ended altogether. */
export async function jobsOf(
  by: { readonly name: string } | { readonly id: string },
): Promise<readonly Job[]> {
  const which = 'name' in by ? [`--user=${userInfo().username}`, `--name=${by.name}`] : [`--jobs=${by.id}`];
  const answer = await slurm('squeue', ['--noheader', '--format=%i|%T|%r|%N', ...which]).catch(
    (error: Error) => {
      // It has been forgotten.
      if (/invalid job id/i.test(error.message)) return '';
      throw error;
    },
  );
  return answer
    .split('\n')
    .filter(Boolean)
    .map((line): Job => {
      const [id = '', state = '', reason = '', nodes = ''] = line.trim().split('|');
      return { id, state, reason, nodes };
    });
}

/** Cancels jobs of this user with this name, if there are any. */
export async function cancel(name: string): Promise<void> {
  await slurm('scancel', [`--user=${userInfo().username}`, `--name=${name}`]);
}

/** The names of some nodes, e.g. of `node[1-3]`. */
export async function hostsOf(nodes: string): Promise<readonly string[]> {
  return (await slurm('scontrol', ['show', 'hostnames', nodes])).trim().split('\n');
}

/** The address of a node. */
export async function addressOf(host: string): Promise<string> {
  const answer = await slurm('scontrol', ['--oneliner', 'show', 'node', host]);
  const address = /(?:^| )NodeAddr=(\S+)/.exec(answer)?.[1] ?? host;
  if (isIP(address) !== 0) return address;
  try {
    return (await lookup(address, { family: 4 })).address;
  } catch (error) {
    throw new Error(`slurm's node ${host} has the address '${address}', which no name server knows`, {
      cause: error,
    });
  }
}

/** Slurm did not do what it was asked to. */
export class RefusedError extends Error {}

/**
 * Runs one of the commands; resolves with what it writes. Rejects with one sentence. It is in no terminal's group: a Ctrl-C does not
 * end it half-way, when nobody knows what it has done.
 */
export async function slurm(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdin.on('error', () => {}).end(input);
  const [ended, out, err] = await Promise.all([
    once(child, 'close').catch((error: NodeJS.ErrnoException) => error),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (!Array.isArray(ended)) {
    if (ended.code !== 'ENOENT') throw ended;
    throw new RefusedError(`there is no ${program} here: machines of kind slurm need Slurm’s commands`, {
      cause: ended,
    });
  }
  const [code, signal] = ended as [number | null, string | null];
  if (code === 0) return out;
  if (code === null) throw new Error(`${program} was ended by ${signal}`);
  const lines = err.trim().split('\n');
  const words = (lines.find((line) => / error: /.test(line)) ?? lines[0] ?? '').replace(
    /^\w+: (error: )?/,
    '',
  );
  throw new RefusedError(`slurm refuses: ${words || `${program} ended with exit code ${code}`}`);
}
