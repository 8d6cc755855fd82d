import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readExamples, train } from '../../../workloads/logisticRegression.ts';
import { seededUniform } from '../../../workloads/random.ts';
import { runReference } from '../reference.ts';
import { readLoss, readWeights, WEIGHTS_FILE } from './gradientStep.ts';

const DIMENSIONS = 2500;

/** A block of examples that a few features decide. */
function block(seed: number, lines: number): Buffer {
  const uniform = seededUniform(`gradient ${seed}`);
  const text = Array.from({ length: lines }, () => {
    const label = uniform() < 0.4 ? 1 : 0;
    const indices = new Set<number>([1 + label]);
    while (indices.size < 20) indices.add(3 + Math.floor(uniform() * (DIMENSIONS - 3)));
    const features = [...indices].sort((a, b) => a - b).map((index) => `${index}:${uniform().toFixed(4)}`);
    return `${label} ${features.join(' ')}\n`;
  });
  return Buffer.from(text.join(''));
}

test('a chain of steps finds the weights of the direct computation, bit by bit', async () => {
  const blocks = Array.from({ length: 5 }, (_, n) => block(n, 60 + n));
  const training = { dimensions: DIMENSIONS, rate: 2, l2: 0.001, iterations: 4 };
  const direct = train(
    blocks.map((each) => readExamples(each, DIMENSIONS)),
    training,
  );
  let side = new Map<string, Buffer>();
  const losses: number[] = [];
  for (let iteration = 0; iteration < 4; iteration += 1) {
    const { dimensions, rate, l2 } = training;
    // Any number of reduces, and the parts in any order, are the same weights.
    const parts = await runReference(
      { type: 'gradientStep', dimensions, rate, l2 },
      blocks,
      1 + iteration,
      side,
    );
    const output = Buffer.concat(parts.map(({ bytes }) => bytes).reverse());
    losses.push(readLoss(output));
    side = new Map([[WEIGHTS_FILE, output]]);
  }
  assert.equal(losses, direct.losses);
  assert.equal([...readWeights(side.get(WEIGHTS_FILE), DIMENSIONS)], [...direct.weights]);
  assert.ok((losses[3] as number) < 0.6 && (losses[0] as number) > 0.69);
});

test('weights that are none are refused in a sentence', () => {
  const read = (text: string) => () => readWeights(Buffer.from(text), 3);
  assert.equal([...read('loss\t0.5\n2\t0.25\n')()], [0, 0, 0.25]);
  assert.throws(read('3\t1\n'), /a line '3\t1', which is none of 3 weights/);
  assert.throws(read('1 1\n'), /none of 3 weights/);
  assert.throws(read('1\tx\n'), /none of 3 weights/);
});

test.run();
