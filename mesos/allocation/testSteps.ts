/** For tests of allocation modules: random histories, step by step. */
import fc from 'fast-check';
import type { SlaveFilter } from '../protocol/filters.ts';

const which = fc.nat();
const role = fc.constantFrom('a', 'b', 'c');
const refuseMs = fc.constantFrom(undefined, 1, 100, Number.POSITIVE_INFINITY);
/** One thing that happens. */
export const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('allocate' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('launch' as const), which, refuseMs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('return' as const), which, refuseMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('addSlave' as const),
      cpus: fc.integer({ min: 1, max: 8 }),
      isOld: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('addFramework' as const),
      role,
      guaranteed: fc.constantFrom(0, 0, 2),
    }),
  },
  fc.record({ do: fc.constant('needs' as const), which, needed: fc.boolean() }),
  fc.record({
    do: fc.constant('filter' as const),
    which,
    kind: fc.constantFrom('none', 'hosts', 'rack', 'free'),
  }),
  fc.record({ do: fc.constant('activate' as const), which, active: fc.boolean() }),
  fc.record({ do: fc.constant('setWeight' as const), role, weight: fc.constantFrom(0.5, 1, 3) }),
  fc.record({ do: fc.constant('setGuarantee' as const), role, cpus: fc.constantFrom(0, 1, 2) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('setQuota' as const),
      role,
      limit: fc.constantFrom(
        undefined,
        { cpus: 0, mem: 0 },
        { cpus: 1 },
        { cpus: 2.5, mem: 300 },
        { mem: 450 },
        { cpus: 9, mem: 900, gpus: 1 },
      ),
    }),
  },
  fc.record({ do: fc.constant('removeFramework' as const), which }),
  fc.record({ do: fc.constant('removeSlave' as const), which }),
);
/** The step as it is drawn; `which` chooses among what there is. */
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Filters by the name that a step has for them. */
export const FILTERS: Readonly<Record<string, readonly SlaveFilter[]>> = {
  none: [],
  hosts: [{ kind: 'hosts', hostnames: ['s0', 's2', 's4', 's6'] }],
  rack: [{ kind: 'attribute', name: 'rack', value: 'even' }],
  free: [{ kind: 'free', resources: { cpus: 2 } }],
};
