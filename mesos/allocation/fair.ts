/**
 * Fair sharing: dominant resource fairness (DRF), max-min fairness over several resources, with weights (NSDI'11 §3.3). What is
 * free on a slave is offered, whole, to the framework with the lowest weighted dominant share that wants it.
 */
import type { AllocationFactory } from './allocation.ts';
import { allocator } from './allocator.ts';
import { byShare, inOrder } from './line.ts';
import type { AllocationOptions } from './options.ts';

/** The fair module. */
export function fair(options: AllocationOptions = {}): AllocationFactory {
  return allocator(options, inOrder(byShare));
}
