/** What a master counts of what it did, for its metrics. */
import type { OfferEnd } from '../../master/reignObserver.ts';
import type { MasterMessage } from '../../protocol/message.ts';
import { SCHEDULER_CALLS, SCHEDULER_EVENTS, type SchedulerEvent } from '../../protocol/scheduler.ts';
import { SLAVE_REPORTS } from '../../protocol/slave.ts';
import type { Millis } from '../../runtime/actor.ts';

type ByType<T extends string> = Record<T, number>;

/** Of one framework. */
export interface FrameworkCounts {
  readonly calls: ByType<MasterMessage['type']>;
  readonly events: ByType<SchedulerEvent['type']>;
  readonly offers: Record<'sent' | OfferEnd, number>;
}

/** Of a master, as long as its process lives. */
export interface MasterCounts {
  readonly messages: ByType<MasterMessage['type']>;
  droppedMessages: number;
  validStatusUpdates: number;
  invalidStatusUpdates: number;
  slaveRegistrations: number;
  slaveReregistrations: number;
  slaveRemovals: number;
  slaveUnreachableScheduled: number;
  slaveUnreachableCompleted: number;
  slaveUnreachableCanceled: number;
  allocationRuns: number;
  /** How long the latest allocations took, the latest last. */
  readonly allocationSpans: Millis[];
  operatorStreamsDropped: number;
}

/** Spans that are kept. */
const SPANS_MAX = 1000;

/** Nothing has been counted yet. */
export function newFrameworkCounts(): FrameworkCounts {
  return {
    calls: noneOf(MASTER_MESSAGES),
    events: noneOf(EVENTS),
    offers: { sent: 0, accepted: 0, declined: 0, rescinded: 0 },
  };
}

/** Nothing has been counted yet. */
export function newMasterCounts(): MasterCounts {
  return {
    messages: noneOf(MASTER_MESSAGES),
    droppedMessages: 0,
    validStatusUpdates: 0,
    invalidStatusUpdates: 0,
    slaveRegistrations: 0,
    slaveReregistrations: 0,
    slaveRemovals: 0,
    slaveUnreachableScheduled: 0,
    slaveUnreachableCompleted: 0,
    slaveUnreachableCanceled: 0,
    allocationRuns: 0,
    allocationSpans: [],
    operatorStreamsDropped: 0,
  };
}

/** Counts an allocation. */
export function countAllocation(counts: MasterCounts, spanMs: Millis): void {
  counts.allocationRuns++;
  counts.allocationSpans.push(spanMs);
  if (counts.allocationSpans.length > SPANS_MAX) counts.allocationSpans.shift();
}

const MASTER_MESSAGES = Object.keys({ ...SCHEDULER_CALLS, ...SLAVE_REPORTS }) as MasterMessage['type'][];
const EVENTS = Object.keys(SCHEDULER_EVENTS) as SchedulerEvent['type'][];

function noneOf<T extends string>(types: readonly T[]): ByType<T> {
  return Object.fromEntries(types.map((type) => [type, 0])) as ByType<T>;
}
