import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FACEBOOK_BINS } from './facebook.ts';
import { FIGURE_5C, LEAST_SQUARES_STATIC_S, leastSquaresFit, leastSquaresMix } from './iterative.ts';
import { LARGE_STATIC_S } from './largeBatch.ts';
import { RIGID_STATIC_S } from './rigid.ts';

/** What the paper's shared cluster did: sums and speed-ups of Tables 4 and 5, means of figure 7. None may be an input. */
const MESOS_SIDE = [
  ...['6319', '1494', '1338', '3352'],
  ...['1.14', '2.10', '1.26', '0.96', '0.84', '0.90', '0.94', '1.40', '1.71', '2.14', '1.35', '2.21', '1.36'],
  ...['0.91', '0.88', '68.4', '31.7', '11.5', '18.1'],
].map(Number);
const MODELS = [
  'facebook',
  'largeBatch',
  'iterative',
  'rigid',
  'jobs',
  'partition',
  'calibration',
  'staticReads',
];

test('no number of the Mesos side of the paper’s tables stands in a model', () => {
  for (const name of MODELS) {
    const text = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8');
    const numbers = [...text.matchAll(/(?<![\w.])\d[\d_,]*(?:\.\d+)?/g)].map(([number]) =>
      Number(number.replaceAll(/[_,]/g, '')),
    );
    assert.ok(numbers.length > 0 || name === 'jobs', name);
    for (const number of MESOS_SIDE) assert.not(numbers.includes(number), `${number} in ${name}.ts`);
  }
});

test('what the models are fitted to are the static columns of Tables 4 and 5', () => {
  const facebookS = FACEBOOK_BINS.reduce((sum, { jobs, staticS }) => sum + jobs * staticS, 0);
  const { large, small } = RIGID_STATIC_S;
  for (const [ours, table4] of [
    [facebookS, 7235],
    [10 * LARGE_STATIC_S, 3143],
    [5 * LEAST_SQUARES_STATIC_S, 1684],
    [2 * large + 6 * small, 3210],
  ] as const)
    assert.ok(Math.abs(ours / table4 - 1) < 0.002, `${ours} against ${table4}`);
});

test('least squares are as figure 5c’s static bars have them: eight steps after 14 s, and the pauses agree', () => {
  const { setUpS, firstStepS, laterStepS } = leastSquaresFit();
  const { bars, stepsPerJob } = FIGURE_5C;
  assert.ok(Math.abs(setUpS + firstStepS + (stepsPerJob - 1) * laterStepS - LEAST_SQUARES_STATIC_S) < 0.01);
  const pauses = bars.slice(1).map(({ fromS }, n) => fromS - (bars[n]?.toS ?? 0));
  const pauseS = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
  assert.ok(Math.abs(pauseS - 120 - setUpS) < 1, `${pauseS} s are 120 s and ${setUpS} s`);
  const [job] = leastSquaresMix();
  assert.is(2 * (job?.iterations ?? 0), stepsPerJob);
});

test.run();
