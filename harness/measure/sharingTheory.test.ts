import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededUniform } from '../../workloads/random.ts';
import { deviation, mean } from '../statistics/mean.ts';
import {
  anySlotRampUp,
  completion,
  type Expectation,
  fluidCompletion,
  fluidLimit,
  harmonic,
  hoarded,
  type LengthKind,
  lastTasks,
  paperTable,
  rampUp,
} from './sharingTheory.ts';

const DRAWS = 4_000;
const uniform = seededUniform('sharing theory');

/** Sorted waits for n slots, many times. */
function waits(lengths: LengthKind, n: number): readonly (readonly number[])[] {
  const one = (): number => (lengths === 'constant' ? uniform() : -Math.log(1 - uniform()));
  return Array.from({ length: DRAWS }, () => Array.from({ length: n }, one).sort((a, b) => a - b));
}

function agrees(draws: readonly number[], expected: Expectation, what: string): void {
  const chance = (5 * expected.deviation) / Math.sqrt(DRAWS);
  assert.ok(
    Math.abs(mean(draws) - expected.mean) <= chance,
    `${what}: ${mean(draws)} instead of ${expected.mean}`,
  );
}

for (const lengths of ['constant', 'exponential'] as const)
  test(`with ${lengths} lengths, drawn waits have the mean and deviation of ramp-up and of what is hoarded`, () => {
    for (const k of [1, 3, 24]) {
      const all = waits(lengths, k);
      const rampUps = all.map((sorted) => sorted.at(-1) as number);
      agrees(rampUps, rampUp(lengths, k), `ramp-up for ${k} slots`);
      assert.ok(Math.abs(deviation(rampUps) / rampUp(lengths, k).deviation - 1) < 0.1);
      const waste = all.map((sorted) => (sorted.at(-1) as number) - mean(sorted));
      agrees(waste, hoarded(lengths, k), `what is hoarded of ${k} slots`);
      assert.ok(k === 1 || deviation(waste) <= 1.05 * hoarded(lengths, k).deviation);
    }
  });

test('an elastic job ends when its slots have done its work, as drawn waits have it', () => {
  for (const [lengths, k, beta] of [
    ['constant', 10, 1],
    ['exponential', 1, 1],
    ['exponential', 10, 10],
  ] as const) {
    const ends = waits(lengths, k).map((sorted) => fluidCompletion(sorted, beta * k));
    const expected = completion({ job: 'elastic', lengths, k, beta });
    assert.ok(expected !== undefined);
    agrees(ends, expected, `${lengths}, ${k} slots, β = ${beta}`);
  }
  assert.is(completion({ job: 'elastic', lengths: 'exponential', k: 10, beta: 1 }), undefined);
});

test('slots that come after the end of a job play no part', () => {
  assert.is(fluidCompletion([0, 100], 5), 5);
  assert.is(fluidCompletion([0, 1], 5), 3);
});

test('with very many slots, an elastic job with exponential waits ends as the limit says', () => {
  const sorted = waits('exponential', 20)
    .flat()
    .sort((a, b) => a - b);
  assert.ok(Math.abs(fluidCompletion(sorted, sorted.length) - fluidLimit(1)) < 0.02);
  assert.ok(Math.abs(fluidLimit(1) - 1.8414) < 1e-4);
});

test('any k of n slots come as fast as the k-th smallest of n waits', () => {
  agrees(
    waits('exponential', 20).map((sorted) => sorted[4] as number),
    anySlotRampUp(5, 20),
    '5 of 20',
  );
  assert.equal(anySlotRampUp(24, 24), rampUp('exponential', 24));
});

test('the exact ramp-up is 0.58 more than ln k for many slots', () => {
  assert.ok(Math.abs(harmonic(1000) - Math.log(1000) - 0.5777) < 1e-3);
  assert.ok(Math.abs(harmonic(24) - 3.776) < 1e-3);
});

test('table 2 as it is printed', () => {
  const of = (job: 'elastic' | 'rigid', lengths: LengthKind) => paperTable({ job, lengths, k: 24, beta: 2 });
  const lnK = Math.log(24);
  assert.equal(of('elastic', 'constant'), { rampUp: 1, completion: 2.5, utilisation: 1 });
  assert.equal(of('elastic', 'exponential'), { rampUp: lnK, completion: 3, utilisation: 1 });
  assert.equal(of('rigid', 'constant'), { rampUp: 1, completion: 3, utilisation: 2 / 2.5 });
  assert.equal(of('rigid', 'exponential'), {
    rampUp: lnK,
    completion: lnK + 2,
    utilisation: 2 / (lnK - 1 + 2),
  });
});

test('equal tasks make the end later by half a task if there are many slots, and not at all with one', () => {
  assert.is(lastTasks(0.5, 1), 0);
  assert.ok(Math.abs(lastTasks(0.5, 1e6) - 0.25) < 1e-6);
});

test.run();
