/**
 * Strict priorities (NSDI'11 §3.3): as long as a framework of a higher priority wants what is free, those of a lower one are not
 * offered it. Within a priority sharing is fair.
 */
import * as v from 'valibot';
import { IdSchema, type Immutable } from '../protocol/entities.ts';
import type { AllocationFactory } from './allocation.ts';
import { allocator } from './allocator.ts';
import { byShare, inOrder } from './line.ts';
import { OPTION_FIELDS, ofRole } from './options.ts';

/** The options as they are given in JSON. */
export const PriorityOptionsSchema = v.strictObject({
  ...OPTION_FIELDS,
  /** Priority by role; the higher one comes first. A role that is not named has 0. */
  priorities: v.exactOptional(v.record(IdSchema, v.pipe(v.number(), v.finite()))),
});

/** Options of strict priorities: those of all modules, and the priorities. */
export type PriorityOptions = Immutable<v.InferInput<typeof PriorityOptionsSchema>>;

/** The module of strict priorities. */
export function priority({ priorities, ...options }: PriorityOptions = {}): AllocationFactory {
  const of = (role: string): number => ofRole<number>(priorities, role, 0);
  return allocator(
    options,
    inOrder((a, b) => of(b.role) - of(a.role) || byShare(a, b)),
  );
}
