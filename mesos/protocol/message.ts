/** The union of all messages, and the inboxes: which messages an actor of each kind accepts. */
import * as v from 'valibot';
import { EXECUTOR_CALLS, EXECUTOR_EVENTS, type ExecutorCall, type ExecutorEvent } from './executor.ts';
import { SCHEDULER_CALLS, SCHEDULER_EVENTS, type SchedulerCall, type SchedulerEvent } from './scheduler.ts';
import { checkOf } from './schemaCheck.ts';
import { SLAVE_ORDERS, SLAVE_REPORTS, type SlaveOrder, type SlaveReport } from './slave.ts';

/** Any message. */
export type Message =
  | SchedulerCall
  | SchedulerEvent
  | ExecutorCall
  | ExecutorEvent
  | SlaveReport
  | SlaveOrder;

/** The schemas of the messages that one kind of actor accepts, by their type. */
export type Inbox = Readonly<Record<string, v.GenericSchema>>;

/** What a master accepts. */
export const MASTER_INBOX = { ...SCHEDULER_CALLS, ...SLAVE_REPORTS } as const;
/** What a slave accepts. */
export const SLAVE_INBOX = { ...SLAVE_ORDERS, ...EXECUTOR_CALLS } as const;
/** What a scheduler driver accepts from a master. */
export const SCHEDULER_INBOX = SCHEDULER_EVENTS;
/** What a scheduler driver without a master accepts: reports of its own slaves. */
export const STANDALONE_INBOX = SLAVE_REPORTS;
/** What an executor driver accepts. */
export const EXECUTOR_INBOX = EXECUTOR_EVENTS;

/** A message that a master receives. */
export type MasterMessage = SchedulerCall | SlaveReport;
/** A message that a slave receives. */
export type SlaveMessage = SlaveOrder | ExecutorCall;

/**
 * Says what is wrong with a value that came from the network as a message for this inbox; undefined if nothing is.
 */
export function complaint(inbox: Inbox, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'not an object';
  const type = (value as { type?: unknown }).type;
  if (typeof type !== 'string') return 'no type';
  const schema = Object.hasOwn(inbox, type) ? inbox[type] : undefined;
  if (schema === undefined) return `unexpected message '${type.slice(0, 40)}'`;
  if (checkOf(schema)(value)) return undefined;
  const issue = v.safeParse(schema, value).issues?.[0];
  return `${type}: ${issue ? `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim() : 'malformed'}`;
}
