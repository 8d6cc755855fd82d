import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AllocationModule } from '../../mesos/allocation/allocation.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { drawPlan } from './drawPlan.ts';
import { type Simulation, simulate } from './simulation.ts';
import type { WorldOptions } from './world.ts';

const SEEDS = Array.from({ length: 40 }, (_, n) => n + 1);

const sha256 = ({ history }: Simulation): string =>
  createHash('sha256').update(JSON.stringify(history)).digest('hex');

/** The checks that find something within so many seeds. */
function found(options: () => WorldOptions, seeds = 20): ReadonlySet<string> {
  return new Set(
    SEEDS.slice(0, seeds).flatMap((seed) => simulate(seed, options()).findings.map(({ check }) => check)),
  );
}

/** The fair module, but for what a fault changes. */
const faulty = (change: (module: AllocationModule) => Partial<AllocationModule>) => (): WorldOptions => ({
  allocation: (random) => {
    const module = fair()(random);
    return { ...module, ...change(module) };
  },
});

test('40 seeded simulations find nothing', () => {
  const findings = SEEDS.flatMap((seed) => simulate(seed).findings.map((finding) => ({ seed, ...finding })));
  assert.equal(findings, []);
});

test('the same seed gives the same history, and another seed another one', () => {
  const [seven, again, eight] = [7, 7, 8].map((seed) => sha256(simulate(seed)));
  assert.is(seven, again);
  assert.is.not(seven, eight);
});

test('the plans of the seeds have all that can go wrong in them, on both backs', () => {
  const plans = SEEDS.map(drawPlan);
  const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ what }) => what.kind)));
  assert.equal([...kinds].sort(), [
    'executor-crash',
    'scheduler-crash',
    'scheduler-superseded',
    'slave-crash',
  ]);
  const frameworks = new Set(
    plans.flatMap((plan) => plan.frameworks.map(({ back, work }) => `${work.kind} on ${back.on}`)),
  );
  assert.is(frameworks.size, 4);
});

test('an allocation module that forgets what a refused offer held is found', () => {
  const checks = found(
    faulty((module) => ({
      returned: (holding, refusedUntilMs) => {
        if (refusedUntilMs === undefined || refusedUntilMs % 3 > 1) module.returned(holding, refusedUntilMs);
      },
    })),
  );
  assert.ok(checks.has('all-is-free'));
});

test('an allocation module that gives away twice what is returned is found', () => {
  const checks = found(
    faulty((module) => {
      let returns = 0;
      return {
        returned: (holding, refusedUntilMs) => {
          module.returned(holding, refusedUntilMs);
          if (++returns % 50 === 0) module.returned({ ...holding, frameworkId: 'nobody' });
        },
      };
    }),
  );
  assert.ok(checks.has('slaves-not-overcommitted'));
});

test('an allocation module that does not wake for refusals that run out is found', () => {
  const checks = found(
    faulty(() => ({ nextWakeMs: () => undefined })),
    40,
  );
  assert.ok(checks.has('frameworks-end'));
});

test('an allocation module that throws is found', () => {
  const checks = found(
    faulty((module) => ({
      allocate: (nowMs) => {
        if (nowMs > 60_000) throw new Error('planted');
        return module.allocate(nowMs);
      },
    })),
    1,
  );
  assert.ok(checks.has('no-exception'));
});

test.run();
