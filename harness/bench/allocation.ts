/**
 * How fast an allocation module is, in the shape of Apache Mesos's DeclineOffers benchmark: slaves of cpus:24;mem:4096;disk:4096,
 * of which cpus:16;mem:2014;disk:1024 are in use by frameworks in turn. In each of five rounds all slaves are offered, and all
 * offers are declined for ever, so that the refusals grow from round to round. Measured is CPU time of the module alone, the return of the offers included.
 *
 * `/all-options`: with weights, minimum offers of roles, guarantees, revocation, and a limit on unanswered offers that is not
 * reached; each framework sets two filters, and every 50th also a list of hosts. All slaves pass them.
 */
import { threadCpuUs } from '../../infra/threadTime.ts';
import type { AllocationFactory, AllocationModule } from '../../mesos/allocation/allocation.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import type { AllocationOptions } from '../../mesos/allocation/options.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { BenchPlan } from './benchPlan.ts';
import { type Measurement, measurement } from './measurement.ts';
import type { RoundsBenchmark } from './rounds.ts';

const SIZES = [
  { name: '1k-100', slaves: 1_000, frameworks: 100 },
  { name: '5k-500', slaves: 5_000, frameworks: 500 },
  { name: '10k-1k', slaves: 10_000, frameworks: 1_000 },
  { name: '50k-200', slaves: 50_000, frameworks: 200 },
] as const;
type Size = (typeof SIZES)[number];

const FIGURES = ['round-seconds', 'us-per-offer'] as const;
const REPETITIONS = 9;
const ROUNDS = 5;
/** A repetition has clusters with so many slaves together, or one cluster; one repetition before them warms up the compiler. */
const SLAVES_MIN = 10_000;

const TOTAL = { cpus: 24, mem: 4096, disk: 4096 };
const IN_USE = { cpus: 16, mem: 2014, disk: 1024 };
const ROLES = 4;

const ALL_OPTIONS: AllocationOptions = {
  weights: { role1: 1, role2: 2, role3: 3 },
  minimumOffers: [{ cpus: 0.01 }, { mem: 32 }],
  minimumOffersByRole: { role1: [{ cpus: 1, mem: 128 }], role2: [{ cpus: 2, mem: 256 }] },
  unansweredMax: 0.9,
  guarantees: { role3: { cpus: 1, mem: 64, disk: 64 } },
  revocation: { afterMs: 60_000, graceMs: 1_000 },
};

/** A cluster of this size, as full as the benchmark wants it. */
function cluster(
  { slaves, frameworks }: Size,
  factory: AllocationFactory,
  areFiltersSet: boolean,
): AllocationModule {
  const module = factory(seededRandom('bench'));
  const frameworkId = (n: number): string => `bench-${String(n % frameworks).padStart(4, '0')}`;
  const hostnames = Array.from({ length: slaves }, (_, n) => `host${n}`);
  for (let n = 0; n < frameworks; n++) {
    module.addFramework(frameworkId(n), { role: `role${n % ROLES}` });
    if (areFiltersSet)
      module.setFilters(frameworkId(n), [
        { kind: 'free', resources: { cpus: 1 } },
        { kind: 'attribute', name: 'rack', value: 'one' },
        ...(n % 50 === 0 ? [{ kind: 'hosts', hostnames } as const] : []),
      ]);
  }
  for (let n = 0; n < slaves; n++) {
    const slaveId = `bench-S${n}`;
    module.addSlave(slaveId, { hostname: `host${n}`, attributes: { rack: 'one' }, total: TOTAL });
    module.recovered({ frameworkId: frameworkId(n), slaveId, pool: 'any', resources: IN_USE });
  }
  return module;
}

/** Seconds of CPU time that a round takes, the mean of all rounds of several clusters. */
function meanRoundSeconds(size: Size, factory: AllocationFactory, areFiltersSet: boolean): number {
  const clusters = Math.ceil(SLAVES_MIN / size.slaves);
  let seconds = 0;
  for (let n = 0; n < clusters; n++) seconds += roundSeconds(cluster(size, factory, areFiltersSet), size);
  return seconds / clusters;
}

/** Seconds of CPU time that a round takes, the mean of five. */
function roundSeconds(module: AllocationModule, { slaves }: Size): number {
  const cpu = process.cpuUsage();
  for (let round = 1; round <= ROUNDS; round++) {
    const grants = module.allocate(round * 1_000);
    for (const grant of grants) module.returned(grant, Number.POSITIVE_INFINITY);
    if (grants.length !== slaves)
      throw new Error(`round ${round} has ${grants.length} offers; it should have ${slaves}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1e6 / ROUNDS;
}

/** Of the pass that versions of the code take turns at. */
const PASS: Size = SIZES[1];

/** The same cluster, of which all is offered and returned in each round; nothing is refused, so that rounds are alike. */
export const passRounds: RoundsBenchmark = {
  unit: 'µs of one core',
  better: 'lower',
  parameters: { slaves: PASS.slaves, frameworks: PASS.frameworks },
  start() {
    const module = cluster(PASS, fair({}), false);
    let nowMs = 0;
    return {
      round() {
        nowMs += 1_000;
        const before = threadCpuUs();
        const grants = module.allocate(nowMs);
        for (const grant of grants) module.returned(grant);
        const us = threadCpuUs() - before;
        if (grants.length !== PASS.slaves)
          throw new Error(`a pass has ${grants.length} offers; it should have ${PASS.slaves}`);
        return { 'us-per-offer': us / PASS.slaves };
      },
    };
  },
};

/** Measures rounds of offers at four sizes. */
export async function benchAllocation({
  repetitions = REPETITIONS,
  wants,
}: BenchPlan): Promise<readonly Measurement[]> {
  const all: Measurement[] = [];
  for (const size of SIZES)
    for (const variant of ['', '/all-options']) {
      const id = `allocation/${size.name}${variant}`;
      if (!FIGURES.some((figure) => wants(`${id}/${figure}`))) continue;
      const factory = fair(variant === '' ? {} : ALL_OPTIONS);
      const seconds = Array.from({ length: repetitions + 1 }, () =>
        meanRoundSeconds(size, factory, variant !== ''),
      ).slice(1);
      all.push(
        measurement(`${id}/round-seconds`, 's of one core', 'lower', seconds),
        measurement(
          `${id}/us-per-offer`,
          'µs of one core',
          'lower',
          seconds.map((one) => (1e6 * one) / size.slaves),
        ),
      );
    }
  return all;
}
