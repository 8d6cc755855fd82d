import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesOf } from '../frame.ts';
import { onRanks } from '../testRanks.ts';
import { fillColumn, type LuProgram, RESIDUAL_MAX, solveLinear } from './lu.ts';

const program = (n: number, nb: number, seed = 1): LuProgram => ({ type: 'lu', n, nb, seed });

/** A clock that ticks with every look. */
function ticking(): () => number {
  let now = 0;
  return () => ++now;
}

const solve = (size: number, what: LuProgram) =>
  onRanks(size, (ranks) => solveLinear(ranks, what, ticking()));

/**
 * The same system by plain Gaussian elimination with partial pivoting, column by column. Blocks of one column do the same
 * operations in the same order, so that the solutions must agree to the bit.
 */
function reference(what: LuProgram): Float64Array {
  const { n } = what;
  const columns = Array.from({ length: n + 1 }, (_, column) => {
    const values = new Float64Array(n);
    fillColumn(values, what.seed, column);
    return values;
  });
  const at = (row: number, column: number): number => columns[column]?.[row] as number;
  const set = (row: number, column: number, value: number): void => {
    (columns[column] as Float64Array)[row] = value;
  };
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let row = k + 1; row < n; row++) if (Math.abs(at(row, k)) > Math.abs(at(pivot, k))) pivot = row;
    for (let column = 0; column <= n; column++) {
      const kept = at(k, column);
      set(k, column, at(pivot, column));
      set(pivot, column, kept);
    }
    const scale = 1 / at(k, k);
    for (let row = k + 1; row < n; row++) {
      const factor = at(row, k) * scale;
      for (let column = k + 1; column <= n; column++)
        set(row, column, at(row, column) - factor * at(k, column));
    }
  }
  const solution = new Float64Array(n);
  for (let column = n - 1; column >= 0; column--) {
    const value = at(column, n) / at(column, column);
    solution[column] = value;
    for (let row = 0; row < column; row++) set(row, n, at(row, n) - at(row, column) * value);
  }
  return solution;
}

test('with blocks of one column, the solution is that of plain elimination, to the bit', async () => {
  for (const [n, size] of [
    [1, 1],
    [2, 3],
    [17, 2],
    [40, 5],
  ] as const) {
    const what = program(n, 1);
    const expected = createHash('sha256')
      .update(bytesOf(reference(what)))
      .digest('hex');
    for (const result of await solve(size, what)) assert.is(result.solutionSha256, expected);
  }
});

test('the solution has the same bits for any number of ranks, and a small residual', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 24 }),
      fc.integer({ min: 2, max: 7 }),
      fc.integer(),
      async (n, nb, size, seed) => {
        const what = program(n, nb, seed);
        const [alone] = await solve(1, what);
        assert.ok(alone && alone.residual < RESIDUAL_MAX);
        for (const result of await solve(size, what)) {
          assert.is(result.solutionSha256, alone.solutionSha256);
          assert.is(result.ranks, size);
          assert.ok(result.residual < RESIDUAL_MAX);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a system larger than a block of rows is solved, and counted as HPL counts', async () => {
  const n = 300;
  const [result] = await solve(3, program(n, 64));
  // One look at the clock is one millisecond here.
  assert.is(result?.solveSeconds, 0.001);
  assert.ok(Math.abs((result?.gflops ?? 0) - ((2 / 3) * n ** 3 + 1.5 * n ** 2) / 0.001 / 1e9) < 1e-9);
  assert.ok((result?.residual ?? 99) < 1);
});

test('other seeds give other systems', async () => {
  const hashes = new Set<string>();
  for (const seed of [1, 2, 3]) hashes.add((await solve(1, program(10, 4, seed)))[0]?.solutionSha256 ?? '');
  assert.is(hashes.size, 3);
});

test.run();
