/**
 * Refusal filters of one framework (NSDI'11 §3.5): which slaves it does not want to see, until when, and how much they had
 * free when it said so. More than that is news, and is offered.
 */
import type { SlaveId } from '../protocol/entities.ts';
import { contains, type Resources } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';

/** The framework refused `refused` of a slave until `untilMs` (Infinity: for ever). */
export interface Refusal {
  readonly refused: Resources;
  readonly untilMs: Millis;
}

/** The refusals of one framework, by slave. */
export type Refusals = Map<SlaveId, Refusal>;

/** The refusal that still covers an offer of `free` on the slave at `nowMs`, if there is one. */
export function refusalOf(
  refusals: Refusals,
  slave: SlaveId,
  free: Resources,
  nowMs: Millis,
): Refusal | undefined {
  const refusal = refusals.get(slave);
  return refusal !== undefined && refusal.untilMs > nowMs && contains(refusal.refused, free)
    ? refusal
    : undefined;
}
