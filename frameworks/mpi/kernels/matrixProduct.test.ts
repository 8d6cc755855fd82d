import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededUniform } from '../../../workloads/random.ts';
import { subtractProduct } from './matrixProduct.ts';

test('a product of any size is that of the schoolbook, and touches nothing else', () => {
  const size = fc.integer({ min: 0, max: 21 });
  fc.assert(
    fc.property(size, size, size, fc.integer(), (rows, inner, columns, seed) => {
      const uniform = seededUniform(seed);
      const random = (count: number): Float64Array =>
        Float64Array.from({ length: count }, () => uniform() - 0.5);
      // Each lies in a larger array, one after what is not to be touched.
      const [margin, stride] = [3, rows + 2];
      const left = random(margin + stride * inner);
      const right = random(margin + (inner + 1) * columns);
      const target = random(margin + stride * columns);
      const expected = target.slice();
      for (let column = 0; column < columns; column++)
        for (let row = 0; row < rows; row++) {
          let sum = 0;
          for (let k = 0; k < inner; k++)
            sum +=
              (left[margin + k * stride + row] as number) *
              (right[margin + column * (inner + 1) + k] as number);
          if (inner > 0)
            expected[margin + column * stride + row] =
              (expected[margin + column * stride + row] as number) - sum;
        }
      subtractProduct({
        target: { entries: target, start: margin, stride },
        left: { entries: left, start: margin, stride },
        right: { entries: right, start: margin, stride: inner + 1 },
        rows,
        inner,
        columns,
      });
      assert.equal(target, expected);
    }),
  );
});

test('more rows than are copied at a time make no difference', () => {
  const rows = 1000;
  const uniform = seededUniform(1);
  const left = Float64Array.from({ length: rows * 2 }, uniform);
  const target = new Float64Array(rows);
  subtractProduct({
    target: { entries: target, start: 0, stride: rows },
    left: { entries: left, start: 0, stride: rows },
    right: { entries: Float64Array.of(1, 2), start: 0, stride: 2 },
    rows,
    inner: 2,
    columns: 1,
  });
  target.forEach((value, row) => {
    assert.is(value, -((left[row] as number) + 2 * (left[rows + row] as number)));
  });
});

test.run();
