/** For tests of allocation modules: small clusters, and frameworks that take what they need. */
import type { FrameworkId } from '../protocol/entities.ts';
import { contains, isEmpty, NOTHING, type Resources, subtract } from '../protocol/resources.ts';
import { seededRandom } from '../runtime/random.ts';
import type { AllocationFactory, AllocationModule, Grant, Holding, SlaveDescription } from './allocation.ts';

/** A module, with a seed. */
export const moduleOf = (factory: AllocationFactory, seed = 1): AllocationModule =>
  factory(seededRandom(seed));

/** A slave with these resources. */
export const slaveOf = (total: Resources, more: Partial<SlaveDescription> = {}): SlaveDescription => ({
  hostname: 'node',
  attributes: {},
  total,
  ...more,
});

/** Part of a grant, or something else of its slave and framework. */
export const of = (holding: Holding, resources: Resources): Holding => ({
  frameworkId: holding.frameworkId,
  slaveId: holding.slaveId,
  pool: holding.pool,
  resources,
});

/** Uses a part of a grant, and returns the rest. */
export function use(
  module: AllocationModule,
  grant: Grant,
  resources: Resources,
  refusedUntilMs?: number,
): Holding {
  const used = of(grant, resources);
  module.used(used);
  const rest = subtract(grant.resources, resources);
  if (!isEmpty(rest)) module.returned(of(grant, rest), refusedUntilMs);
  return used;
}

/** Frameworks take one task from each offer and give back the rest, until nobody is offered anything that fits. */
export function fill(
  module: AllocationModule,
  demands: Readonly<Record<FrameworkId, Resources>>,
): Record<FrameworkId, number> {
  const tasks: Record<FrameworkId, number> = {};
  for (let now = 0; now < 10_000; now += 10)
    for (const grant of module.allocate(now)) {
      const { frameworkId, resources } = grant;
      const demand = demands[frameworkId] ?? NOTHING;
      if (contains(resources, demand)) {
        tasks[frameworkId] = (tasks[frameworkId] ?? 0) + 1;
        use(module, grant, demand, now + 1);
      } else module.returned(grant, Number.POSITIVE_INFINITY);
    }
  return tasks;
}

/** Who is granted which slave, e.g. `f:s1`. */
export const pairs = (grants: readonly Grant[]): readonly string[] =>
  grants.map(({ frameworkId, slaveId }) => `${frameworkId}:${slaveId}`);
