/** How a side of a comparison failed, and whose fault it is that there is no figure. */
import type { ProcessExit, RunningProcess } from '../../infra/machine.ts';
import { within } from '../../infra/wallClock.ts';
import type { FailedComparison } from '../comparison.ts';
import { lastWords } from '../run/lastWords.ts';

/** How one side failed. */
export interface Failure {
  readonly cause: 'failed' | 'infrastructure';
  /** With the last words. */
  readonly why: string;
}

/**
 * Says whose fault it is; at least one side must have failed. What fails on the head has failed, wherever else it fails too. If the base
 * alone fails, there is nothing to hold the head against, which is inconclusive and no fault of the head.
 */
export function blamed(id: string, base: Failure | undefined, head: Failure | undefined): FailedComparison {
  if (base === undefined && head === undefined) throw new RangeError(`nothing of ${id} has failed`);
  const side = base === undefined ? 'head' : head === undefined ? 'base' : 'both';
  const isMachine = [base, head].some((failure) => failure?.cause === 'infrastructure');
  const verdict = head?.cause === 'failed' ? 'failed' : isMachine ? 'infrastructure' : 'inconclusive';
  const words = new Set([base, head].flatMap((failure) => failure?.why ?? []));
  return { kind: 'failed', id, side, verdict, why: [...words].join('; on the head: ') };
}

/** How a process ended, and whether it was ended because it took longer than it may. */
export interface Ending {
  readonly exit: ProcessExit;
  readonly isOverdue: boolean;
}

/**
 * Waits for a process to end. If it takes longer than it may it is ended, with all that it started. Rejects if it is told to stop
 * before, when the process has been ended too.
 */
export async function ending(
  process: RunningProcess,
  limitSeconds: number,
  stopping: AbortSignal,
): Promise<Ending> {
  try {
    const exit = await within(limitSeconds * 1000, stopping, process.exited);
    if (exit !== undefined) return { exit, isOverdue: false };
    process.signal('SIGKILL');
    return { exit: await process.exited, isOverdue: true };
  } finally {
    if (stopping.aborted) process.signal('SIGKILL');
  }
}

/** Exit code by which a process says that the machine is at fault. */
const INFRASTRUCTURE = 5;

/** The failure of a process that ended so, with its last lines. */
export function failureOf(
  { exit, isOverdue }: Ending,
  lines: readonly string[],
  limitSeconds: number,
): Failure {
  const words = lastWords(lines);
  if (isOverdue)
    return {
      cause: 'failed',
      why: `it had not ended after ${Math.round(limitSeconds)} s, and was ended: ${words}`,
    };
  // Other signals are the code's own doing: it ran out of its memory, or crashed.
  const isMachine = exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' || exit.code === INFRASTRUCTURE;
  return {
    cause: isMachine ? 'infrastructure' : 'failed',
    why: `${exit.signal ?? `exit code ${exit.code}`}: ${words}`,
  };
}

/** A process of one side may take as many times longer than the same on the base. */
const TIMES_LONGER = 10;

/** Seconds that a process may take, from those of the same on the base, but at least so many. */
export function limitBy(baseSeconds: number, leastSeconds: number): number {
  return Math.max(leastSeconds, TIMES_LONGER * baseSeconds);
}
