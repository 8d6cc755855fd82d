/** Why a framework waits for its first task, in one sentence, and what to do. */
import * as v from 'valibot';
import type { JobStatus } from '../../../frameworks/jobBoard.ts';
import type { MasterReader } from '../masterReads.ts';
import { misfit, type Remedies, readCapacity } from './capacity.ts';

const WhySchema = v.object({ summary: v.record(v.string(), v.number()) });

/** What each reason of `/why-no-offers` means to somebody who waits; `smaller`: what there is to do about too large tasks. */
const ADVICE: Readonly<Record<string, (smaller: string) => string>> = {
  'nothing-free': () => 'all of it is in use: wait, or add slaves',
  'another-framework': () =>
    'other frameworks have it or were offered it: wait, add slaves, or give this one a role of more weight',
  suppressed: () => 'the framework wants none at the moment',
  refused: (smaller) =>
    `the framework has refused it, since no task fits into it: wait for more to be free, or ${smaller}`,
  filtered: () => 'the framework has set a filter that it does not meet',
  'unanswered-offers': () => 'the framework has too much in offers that it has not answered',
  quota: () => 'the role has all that its quota allows: raise the quota, or take another --role',
  reserved: () => 'what is free there is reserved for another role: wait for more to be free, or add slaves',
  'below-minimum': () => 'less is free than the smallest offer that the master makes',
  offered: () => 'it has just been offered',
  'slave-inactive': () => 'its slaves are not active',
  'being-allocated': () => 'it is about to be offered',
};

/** Who waits. */
export interface Waiter {
  readonly frameworkId: string;
  /** Those of its jobs that have not ended. */
  readonly jobs: readonly JobStatus[];
  /** Where the file servers are, if it uses no slaves without. */
  readonly hosts?: readonly string[] | undefined;
  readonly remedies: Remedies;
}

/** Asks the master. Resolves to a sentence, without a full stop. */
export async function whyWaiting(reader: MasterReader, waiter: Waiter): Promise<string> {
  const never = await whyNever(reader, waiter);
  if (never !== undefined) return never;
  const path = `/why-no-offers?framework_id=${encodeURIComponent(waiter.frameworkId)}`;
  const { summary } = await reader.get(WhySchema, path);
  const slaves = Object.values(summary).reduce((a, b) => a + b, 0);
  const reasons = Object.entries(summary).map(
    ([reason, count]) =>
      `${ADVICE[reason]?.(waiter.remedies.smaller) ?? reason} (${count} of ${slaves} slaves)`,
  );
  return reasons.length === 0 ? 'the master gives no reason' : reasons.join('; ');
}

/**
 * Why all slaves together have no room for one of the jobs, so that it waits for as long as there are no others. Resolves to a
 * sentence, without a full stop; to undefined if there is room.
 */
export async function whyNever(
  reader: MasterReader,
  { frameworkId, jobs, hosts, remedies }: Waiter,
): Promise<string | undefined> {
  const capacity = await readCapacity(reader, frameworkId, hosts);
  for (const job of jobs) {
    const why = misfit(capacity, job, remedies);
    if (why !== undefined) return why;
  }
  return undefined;
}
