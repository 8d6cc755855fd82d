import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PaperCurve, paperCurve } from './macroCurves.ts';

const NAMES: readonly PaperCurve[] = ['facebook', 'large', 'spark', 'torque', 'cpu', 'mem'];

/** The mean from 0 to `toS`, straight from point to point, 0 after the last. */
function meanOf({ x, y }: ReturnType<typeof paperCurve>, toS: number): number {
  let area = 0;
  for (let n = 1; n < x.length; n++) {
    const [from, to] = [x[n - 1] as number, Math.min(x[n] as number, toS)];
    if (to > from) area += ((to - from) * ((y[n - 1] as number) + (y[n] as number))) / 2;
  }
  return area / toS;
}

test('times never go back, and shares are shares', () => {
  for (const name of NAMES)
    for (const system of ['mesos', 'static'] as const) {
      const { x, y } = paperCurve(name, system);
      assert.is(x.length, y.length);
      assert.ok(x.length > 20, name);
      assert.equal(
        x,
        x.toSorted((a, b) => a - b),
        name,
      );
      assert.ok(
        y.every((value) => value >= 0 && value <= 1),
        name,
      );
    }
});

test('the curves of figure 7 have the means that were read off it, and static shares end at a quarter', () => {
  for (const [name, system, mean] of [
    ['cpu', 'mesos', 0.684],
    ['cpu', 'static', 0.57],
    ['mem', 'mesos', 0.317],
    ['mem', 'static', 0.137],
  ] as const)
    assert.ok(Math.abs(meanOf(paperCurve(name, system), 1600) - mean) < 0.015, `${name} ${system}`);
  for (const name of ['facebook', 'large', 'spark', 'torque'] as const)
    assert.ok(Math.max(...paperCurve(name, 'static').y) < 0.26, name);
});

test.run();
