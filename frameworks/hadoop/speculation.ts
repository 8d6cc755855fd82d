/**
 * Speculative execution: which running tasks are to get a copy beside them, for fear that they take long. The first to
 * finish wins.
 *
 * Two policies, as data. `hadoop` is that of Hadoop up to 0.20: a task that is a fixed gap behind the average progress. `late`
 * is Longest Approximate Time to End (Zaharia et al., OSDI'08): the task that is expected to end last, if it is among the slow
 * ones, and not on a node that is slow itself. Ours also launches no copy that would not be expected to end before its task.
 */
import * as v from 'valibot';
import type { Immutable } from '../../mesos/protocol/entities.ts';

const FractionSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));

const common = {
  /** No copy of a task that has run for less. */
  ageMinMs: v.optional(MsSchema, 60_000),
  /** Most copies at a time, of all attempts that run; one is always possible. */
  shareMax: v.optional(FractionSchema, 0.1),
  /** How often TaskTrackers tell the progress of their tasks, and slow ones are looked for. */
  intervalMs: v.optional(v.pipe(MsSchema, v.minValue(100)), 3_000),
};

export const SpeculationSchema = v.variant('policy', [
  v.object({ policy: v.literal('off') }),
  v.object({
    policy: v.literal('hadoop'),
    ...common,
    /** How far behind the average a task is that gets a copy. */
    gap: v.optional(FractionSchema, 0.2),
  }),
  v.object({
    policy: v.literal('late'),
    ...common,
    /** A task gets a copy only if so many of its kind progress faster. */
    slowTaskFraction: v.optional(FractionSchema, 0.25),
    /** Such a fraction of all nodes, the slowest, get no copies. */
    slowNodeFraction: v.optional(FractionSchema, 0.25),
  }),
]);
/** Which slow tasks get copies. */
export type Speculation = Immutable<v.InferOutput<typeof SpeculationSchema>>;
/** A policy that makes copies. */
export type ActiveSpeculation = Exclude<Speculation, { readonly policy: 'off' }>;
