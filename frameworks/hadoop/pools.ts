/** How the jobs of an instance share its slots, as data, and the pools that they share them by (Hadoop's fair scheduler). */
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../../mesos/protocol/entities.ts';

const PoolSchema = v.object({
  /** Its share, relative to that of others. */
  weight: v.optional(v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6)), 1),
  /** It comes before all pools that have theirs as long as it runs fewer tasks than this. */
  minSlots: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
});

export const SchedulingSchema = v.variant('policy', [
  /** The job that was submitted first takes what it can use; then the next. */
  v.object({ policy: v.literal('fifo') }),
  /**
   * Pools share by their weights, and the jobs of a pool equally; without any pools, all jobs do. Jobs name their pool;
   * a pool that is not named here has weight 1, and those that name none are in the pool `default`.
   */
  v.object({
    policy: v.literal('fair'),
    pools: v.optional(v.pipe(v.record(TextSchema, PoolSchema), v.maxEntries(1_000)), {}),
  }),
]);
/** How the jobs of an instance share its slots. */
export type Scheduling = Immutable<v.InferOutput<typeof SchedulingSchema>>;

/** A pool of jobs. */
export interface Pool {
  readonly name: string;
  readonly weight: number;
  readonly minSlots: number;
  /** Attempts that its jobs run now. */
  running: number;
}

/** The pool of jobs that name none. */
const DEFAULT_POOL = 'default';

/** The pools of an instance, made when a job of theirs comes. */
export class Pools {
  readonly #scheduling: Scheduling;
  readonly #pools = new Map<string, Pool>();

  constructor(scheduling: Scheduling) {
    this.#scheduling = scheduling;
  }

  /** The pool of a job. */
  of({ pool: name = DEFAULT_POOL }: { readonly pool?: string | undefined }): Pool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const { weight = 1, minSlots = 0 } =
      this.#scheduling.policy === 'fair' ? (this.#scheduling.pools[name] ?? {}) : {};
    const pool = { name, weight, minSlots, running: 0 };
    this.#pools.set(name, pool);
    return pool;
  }
}

/**
 * Which of two pools is further below its share, as a comparison: first those below their minimum, by how far they are;
 * then by what they run for their weight. 0 if neither.
 */
export function comparePools(a: Pool, b: Pool): number {
  const needy = (pool: Pool): boolean => pool.running < pool.minSlots;
  if (needy(a) !== needy(b)) return needy(a) ? -1 : 1;
  if (needy(a)) return a.running / a.minSlots - b.running / b.minSlots;
  return a.running / a.weight - b.running / b.weight;
}
