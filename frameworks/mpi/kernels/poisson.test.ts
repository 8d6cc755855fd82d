import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onRanks } from '../testRanks.ts';
import { type PoissonProgram, solvePoisson } from './poisson.ts';

const program = (gridSize: number, more: Partial<PoissonProgram> = {}): PoissonProgram => ({
  type: 'poisson',
  gridSize,
  tolerance: 1e-10,
  iterationsMax: 10_000,
  repeats: 1,
  ...more,
});

test('the solution has the same bits for 1, 3, 4 and 7 ranks', async () => {
  const [alone] = await onRanks(1, (ranks) => solvePoisson(ranks, program(50)));
  assert.ok(alone);
  assert.match(alone.solutionSha256, /^[0-9a-f]{64}$/);
  for (const size of [3, 4, 7]) {
    const [first, ...others] = await onRanks(size, (ranks) => solvePoisson(ranks, program(50)));
    assert.equal(first, { ...alone, ranks: size });
    for (const other of others) assert.equal(other, { ...alone, ranks: size, solutionSha256: '' });
  }
});

test('the error against the analytic solution shrinks with the square of the step', async () => {
  const errors: number[] = [];
  for (const gridSize of [15, 31, 63]) {
    const [result] = await onRanks(2, (ranks) => solvePoisson(ranks, program(gridSize)));
    assert.ok(result && result.error <= result.errorBound && result.error > result.errorBound / 20);
    errors.push(result.error);
  }
  const [coarse, middle, fine] = errors as [number, number, number];
  for (const ratio of [coarse / middle, middle / fine]) assert.ok(ratio > 3.8 && ratio < 4.2, `${ratio}`);
});

test('the residual is what the tolerance asks for', async () => {
  const [rough] = await onRanks(1, (ranks) => solvePoisson(ranks, program(40, { tolerance: 1e-3 })));
  const [fine] = await onRanks(1, (ranks) => solvePoisson(ranks, program(40, { tolerance: 1e-12 })));
  assert.ok(rough && fine && rough.residual > 1e4 * fine.residual && rough.iterations < fine.iterations);
});

test('solving it again gives the same, and a rank may have a single row', async () => {
  const [once] = await onRanks(5, (ranks) => solvePoisson(ranks, program(5)));
  const [thrice] = await onRanks(5, (ranks) => solvePoisson(ranks, program(5, { repeats: 3 })));
  assert.equal(thrice, { ...once, repeats: 3 });
});

test('no convergence is an error on every rank', async () => {
  let failed = 0;
  await onRanks(3, (ranks) =>
    solvePoisson(ranks, program(40, { iterationsMax: 10 })).catch((error) => {
      failed++;
      assert.match(error.message, /^no convergence within 10 iterations; ask for a tolerance above 1e-10$/);
    }),
  );
  assert.is(failed, 3);
});

test.run();
