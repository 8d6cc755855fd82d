/** The rows of the page's tables: what crosses from the worker to the page. */
import type { Millis } from '../clock.ts';
import type { FrameworkState, SlaveState } from './model.ts';
import type { Quantities } from './quantities.ts';
import type { TaskState } from './taskStates.ts';

/** A slave in a table. */
export interface SlaveRow {
  readonly id: string;
  readonly hostname: string;
  readonly address: string;
  readonly state: SlaveState;
  readonly total: Quantities;
  /** By tasks. */
  readonly used: Quantities;
  readonly tasks: number;
  readonly attributes: string;
  readonly version: string;
  readonly registeredMs: Millis | undefined;
  readonly reregisteredMs: Millis | undefined;
}

/** A framework in a table. */
export interface FrameworkRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly state: FrameworkState;
  /** By its live tasks. */
  readonly used: Quantities;
  /** Dominant share, 0 to 1, and the resource that it is of. */
  readonly share: number;
  readonly shareOf: string;
  readonly tasks: number;
  /** Offers that it has not answered, as far as they are known, and when the oldest was made. */
  readonly offers: number | undefined;
  readonly oldestOfferMs: Millis | undefined;
  readonly registeredMs: Millis | undefined;
}

/** A task in a table. */
export interface TaskRow {
  readonly id: string;
  readonly name: string;
  readonly state: TaskState;
  readonly frameworkId: string;
  readonly framework: string;
  readonly slaveId: string;
  readonly hostname: string;
  /** Its slave is there. */
  readonly isSlaveHere: boolean;
  readonly executorId: string;
  readonly resources: Quantities;
  readonly startedMs: Millis | undefined;
  readonly changedMs: Millis | undefined;
  readonly why: string;
}

/** An offer in a table. */
export interface OfferRow {
  readonly id: string;
  readonly frameworkId: string;
  readonly framework: string;
  readonly slaveId: string;
  readonly hostname: string;
  readonly resources: Quantities;
  readonly madeMs: Millis;
}

/** Why a framework is not offered a slave. */
export interface WhyNotRow {
  readonly id: string;
  readonly hostname: string;
  readonly why: string;
  /** In words. */
  readonly reason: string;
  readonly untilMs: Millis | undefined;
}

/** Rows by table. */
export interface Rows {
  readonly slaves: SlaveRow;
  readonly frameworks: FrameworkRow;
  readonly tasks: TaskRow;
  readonly offers: OfferRow;
  readonly whyNot: WhyNotRow;
}

/** A table. */
export type TableName = keyof Rows;
