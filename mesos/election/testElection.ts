/** What tests of elections have in common: candidates that note what they are told, and waiting for it. */
import { join } from 'node:path';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import type { Candidacy, Election, Leadership } from './election.ts';

/** Longest wait for anything: so long only where it would be for ever. */
export const LIMIT_MS = 60_000;
/** What runs TypeScript. */
export const NODE = join(import.meta.dirname, '../../harness/node');
/** The script of a candidate as a process. */
export const CANDIDATE = join(import.meta.dirname, 'testCandidate.ts');

/** A candidate in this process. */
export interface Candidate {
  readonly address: string;
  readonly candidacy: Candidacy;
  /** What it was told, in order, with the monotonic time. */
  readonly told: readonly {
    readonly event: 'elected' | 'deposed';
    /** Of the election: nobody has led before, for certain. */
    readonly isFirst: boolean;
    readonly reason: string;
    readonly ms: number;
  }[];
}

/** Stands for leadership. */
export function stand(election: Election, address: string): Candidate {
  const told: Candidate['told'][number][] = [];
  const note = (event: 'elected' | 'deposed', reason: string, isFirst = false): void => {
    told.push({ event, isFirst, reason, ms: performance.now() });
  };
  const candidacy = election.stand(
    { id: address.replace(':', '-'), address, version: '0.1.0' },
    { elected: (isFirst) => note('elected', '', isFirst), deposed: (reason) => note('deposed', reason) },
  );
  return { address, candidacy, told };
}

/** Notes what a follower is told. */
export function follow(election: Election): { readonly seen: readonly Leadership[]; stop(): void } {
  const seen: Leadership[] = [];
  const following = election.follow((leadership) => seen.push(leadership));
  return { seen, stop: () => following.stop() };
}

/** Who led, as a follower was told: addresses, or why there is none. */
export function leaders({ seen }: { readonly seen: readonly Leadership[] }): readonly string[] {
  return seen.map((leadership) => (leadership.is === 'held' ? leadership.master : leadership.is));
}

/** Resolves when something holds; looks at it every few milliseconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A candidate as a process. */
export interface CandidateProcess extends RunningProcess {
  /** When a line that begins so was written, on the machine's monotonic clock; waits for it. */
  time(pattern: string): Promise<number>;
}

/** Starts a candidate as a process. */
export async function startCandidate(
  machine: Machine,
  url: string,
  address: string,
  timeoutMs: number,
): Promise<CandidateProcess> {
  const candidate = await machine.start({
    name: `candidate-${address}`,
    program: NODE,
    arguments: [CANDIDATE, url, address, String(timeoutMs)],
  });
  return {
    ...candidate,
    async time(pattern) {
      const match = await candidate.waitForLine(new RegExp(`^${pattern}.* ([\\d.]+)$`), LIMIT_MS);
      return Number(match[1]);
    },
  };
}

/** The machine's monotonic clock, in milliseconds: the same for all processes. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
