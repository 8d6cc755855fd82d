import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { POLICY_NAMES } from '../../frameworks/torque/policy/policies.ts';
import type { AllocationModule } from '../../mesos/allocation/allocation.ts';
import type { Election } from '../../mesos/election/election.ts';
import { memoryRegistry } from '../../mesos/master/registry.ts';
import { drawPlan } from './drawPlan.ts';
import { type Plan, SIDES, STOPPABLE } from './plan.ts';
import { type Simulation, simulate } from './simulation.ts';
import type { WorldOptions } from './world.ts';

const SEEDS = Array.from({ length: 25 }, (_, n) => n + 1);
const DAY_MS = 86_400_000;
const FRESH_SEEDS = 15;

const sha256 = ({ history }: Simulation): string =>
  createHash('sha256').update(JSON.stringify(history)).digest('hex');

/** What simulations find, each with what replays it. */
const found = (seeds: readonly number[]): readonly string[] =>
  seeds.flatMap((seed) =>
    simulate(seed).findings.map(
      ({ check, detail }) =>
        `${check}: ${detail}; replay: npm run simulate -- --seeds 1 --first-seed ${seed}`,
    ),
  );

/** How many seeds, from the first one on, it takes until one of these checks fails; it must be no more than `most`. */
function isFoundWithin(
  most: number,
  checks: readonly string[],
  options: () => WorldOptions,
  firstSeed = 1,
): void {
  const others = new Set<string>();
  for (let seed = firstSeed; seed < firstSeed + most; seed++)
    for (const { check } of simulate(seed, options()).findings) {
      if (checks.includes(check)) return console.log(`${check} finds it after ${seed - firstSeed + 1} seeds`);
      others.add(check);
    }
  assert.unreachable(
    `${checks.join(', ')} did not find it in ${most} seeds; found: ${[...others].join(', ')}`,
  );
}

/** The planned module, but for what a fault changes. */
const faulty = (change: (module: AllocationModule) => Partial<AllocationModule>) => (): WorldOptions => ({
  allocation: (planned) => (random) => {
    const module = planned(random);
    return { ...module, ...change(module) };
  },
});

test('25 seeded simulations find nothing', () => {
  assert.equal(found(SEEDS), []);
});

test('nor one in which a slave repeats an update until its framework is given up after ten minutes', () => {
  assert.equal(found([9_100_148]), []);
});

test('15 simulations whose seeds are new every day find nothing', () => {
  const first = Math.floor(Date.now() / DAY_MS) * 1000;
  console.log(`fresh seeds from ${first}`);
  assert.equal(found(Array.from({ length: FRESH_SEEDS }, (_, n) => first + n)), []);
});

test('the same seed gives the same history, and another seed another one', () => {
  const [seven, again, eight] = [7, 7, 8].map((seed) => sha256(simulate(seed)));
  assert.is(seven, again);
  assert.is.not(seven, eight);
});

test('the plans of 300 seeds have all in them that can be there, and all that can go wrong', () => {
  const plans = Array.from({ length: 300 }, (_, seed) => drawPlan(seed));
  const inAny = <T>(of: (plan: ReturnType<typeof drawPlan>) => readonly T[]): readonly T[] =>
    [...new Set(plans.flatMap(of))].sort();
  const faults = (plan: ReturnType<typeof drawPlan>) => plan.faults.map(({ what }) => what);
  assert.equal(
    inAny((plan) => faults(plan).map(({ kind }) => kind)),
    [
      'ensemble-crash',
      'executor-crash',
      'link-break',
      'master-crash',
      'partition',
      'pause',
      'scheduler-crash',
      'scheduler-superseded',
      'slave-crash',
      'slow-link',
    ],
  );
  assert.equal(
    inAny((plan) => faults(plan).flatMap((what) => ('between' in what ? what.between : []))),
    [...SIDES].sort(),
  );
  assert.equal(
    inAny((plan) => faults(plan).flatMap((what) => (what.kind === 'pause' ? what.whom : []))),
    [...STOPPABLE].sort(),
  );
  assert.equal(
    inAny((plan) => plan.frameworks.map(({ back, work }) => `${work.kind} on ${back.on}`)),
    ['hadoop on mesos', 'hadoop on standalone', 'mpi on mesos', 'mpi on standalone'],
  );
  const queues = (plan: Plan) => plan.frameworks.flatMap(({ work }) => (work.kind === 'mpi' ? [work] : []));
  assert.equal(
    inAny((plan) => queues(plan).map(({ queue }) => queue)),
    [...POLICY_NAMES].sort(),
  );
  assert.equal(
    inAny((plan) => queues(plan).map(({ keepsJobs }) => keepsJobs)),
    [false, true],
  );
  assert.equal(
    inAny((plan) => queues(plan).flatMap(({ jobs }) => jobs.flatMap(({ order }) => order?.what ?? []))),
    ['delete', 'hold'],
  );
  assert.equal(
    inAny((plan) =>
      plan.frameworks.flatMap(({ work }) =>
        work.kind === 'hadoop' ? [work.policies.speculation.policy, work.policies.scheduling.policy] : [],
      ),
    ),
    ['fair', 'fifo', 'hadoop', 'late', 'off'],
  );
  assert.equal(
    inAny(({ masters }) => [masters.count]),
    [1, 3],
  );
  assert.equal(
    inAny(({ allocation }) => [allocation.module]),
    ['fair', 'lottery', 'priority'],
  );
  assert.equal(
    inAny(({ allocation }) => Object.keys(allocation.options)),
    ['guarantees', 'priorities', 'revocation', 'shortTasks', 'unansweredMax', 'weights'],
  );
  assert.equal(
    inAny((plan) => plan.frameworks.flatMap(({ filters }) => filters.map(({ kind }) => kind))),
    ['free', 'hosts'],
  );
  assert.equal(
    inAny(({ orders }) => orders.map(({ what }) => what.kind)),
    [
      'deactivate',
      'down',
      'drain',
      'limit',
      'mark-gone',
      'reactivate',
      'schedule',
      'teardown',
      'up',
      'weigh',
    ],
  );
  assert.equal(
    inAny(({ reservations }) => reservations.orders.map(({ what }) => what.kind)),
    ['reserve', 'unreserve'],
  );
  assert.equal(
    inAny(({ reservations }) => [reservations.probability]),
    [0, 0.1, 0.5, 1],
  );
  assert.equal(
    inAny(({ slaves }) => slaves.map(({ checkpoint }) => checkpoint)),
    [false, true],
  );
});

test('a master that forgets to return a rescinded offer is found', () => {
  const forgets = faulty((module) => ({
    returned: (holding, refusedUntilMs) => {
      if (refusedUntilMs !== undefined) module.returned(holding, refusedUntilMs);
    },
  }));
  isFoundWithin(10, ['all-is-free', 'frameworks-end'], forgets);
});

test('a slave that acknowledges updates before they are stored is found', () => {
  isFoundWithin(30, ['tasks-run-once', 'frameworks-end'], () => ({ diskLagMs: 50 }));
});

test('a master that was deposed and goes on as the leader is found', () => {
  const deaf = (election: Election): Election => ({
    follow: (changed) => election.follow(changed),
    stand(info, events) {
      const candidacy = election.stand(info, { elected: () => events.elected(), deposed() {} });
      return { leads: () => true, withdraw: () => candidacy.withdraw() };
    },
  });
  isFoundWithin(30, ['one-master-acts'], () => ({ election: deaf }));
});

test('an allocation module that gives away twice what is returned is found', () => {
  const twice = faulty((module) => {
    let returns = 0;
    return {
      returned: (holding, refusedUntilMs) => {
        module.returned(holding, refusedUntilMs);
        if (++returns % 50 === 0) module.freed({ ...holding, frameworkId: 'nobody' });
      },
    };
  });
  isFoundWithin(10, ['slaves-not-overcommitted', 'no-exception'], twice);
});

test('an allocation module that offers what is reserved to anybody is found', () => {
  const blind = faulty((module) => ({
    addFramework: (id, description) => module.addFramework(id, { ...description, role: 'a' }),
  }));
  isFoundWithin(10, ['books-balance'], blind);
});

test('an allocation module that takes what was reserved for what it was is found', () => {
  isFoundWithin(
    10,
    ['books-balance', 'no-exception'],
    faulty(() => ({ convert() {}, convertFree: () => undefined })),
  );
});

test('an allocation module that does not wake for refusals that run out is found', () => {
  isFoundWithin(
    30,
    ['frameworks-end'],
    faulty(() => ({ nextWakeMs: () => undefined })),
    31,
  );
});

test('a master that offers slaves which are not to be offered is found', () => {
  const deaf = faulty((module) => ({
    setSlaveActive: (id, active) => {
      if (active) module.setSlaveActive(id, active);
    },
  }));
  isFoundWithin(10, ['orders-hold'], deaf);
});

test('a registry that forgets is found', () => {
  isFoundWithin(30, ['orders-hold'], () => ({ registry: { ...memoryRegistry(), store() {} } }));
});

test('an allocation module that throws is found', () => {
  const throwing = faulty((module) => ({
    allocate: (nowMs) => {
      if (nowMs > 60_000) throw new Error('planted');
      return module.allocate(nowMs);
    },
  }));
  isFoundWithin(1, ['no-exception'], throwing);
});

test.run();
