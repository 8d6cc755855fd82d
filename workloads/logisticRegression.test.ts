import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findCorpus } from './corpus.ts';
import {
  accuracy,
  addGradient,
  type Example,
  partialOf,
  readExample,
  readExamples,
  step,
  sumPartials,
  train,
} from './logisticRegression.ts';
import { spamExamples } from './spamFeatures.ts';

const DIMENSIONS = 12;
const parse = (line: string, dimensions = DIMENSIONS): Example =>
  readExample(Buffer.from(line), 0, Buffer.byteLength(line), dimensions);

const examples: fc.Arbitrary<Example> = fc
  .record({
    label: fc.constantFrom<0 | 1>(0, 1),
    features: fc.dictionary(
      fc.integer({ min: 1, max: DIMENSIONS - 1 }).map(String),
      fc.double({ min: -2, max: 2, noNaN: true }),
    ),
  })
  .map(({ label, features }) => ({
    label,
    indices: Int32Array.from(Object.keys(features), Number),
    values: Float64Array.from(Object.values(features)),
  }));
const weightsOf = fc
  .array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .map((list) => Float64Array.from(list));

test('an example comes back from its line, whatever its numbers look like', () => {
  fc.assert(
    fc.property(examples, ({ label, indices, values }) => {
      const line = [label, ...[...indices].map((index, at) => `${index}:${values[at]}`)].join(' ');
      for (const text of [line, `${line}\n`]) {
        const read = parse(text);
        assert.is(read.label, label);
        assert.equal([...read.indices], [...indices]);
        for (const [at, value] of values.entries()) assert.ok(read.values[at] === value, `${value}`);
      }
    }),
  );
  fc.assert(
    fc.property(fc.nat(10 ** 9), fc.nat(9), (digits, decimals) => {
      const text = (digits / 10 ** decimals).toFixed(decimals);
      assert.is(parse(`1 3:${text}`).values[0], Number(text));
    }),
  );
});

test('what is no example is refused in a sentence', () => {
  const wrong: readonly (readonly [line: string, expected: RegExp])[] = [
    ['', /label, 0 or 1/],
    ['2 1:1', /label, 0 or 1, not with '2 1:1'/],
    ['01:1', /label/],
    ['1 x:1', /INDEX:VALUE/],
    ['1 1:', /number, not ''/],
    ['1 1:1.2.3', /number, not '1\.2\.3'/],
    ['1 1:.', /number, not '\.'/],
    ['1 what', /INDEX:VALUE, not '1 what'/],
    ['1 3:1 what', /INDEX:VALUE/],
    ['1 12:1', /from 1 to 11; 12 after 0 does not/],
    ['1 3:1 3:1', /3 after 3/],
    ['1 0:1', /from 1 to 11; 0/],
  ];
  for (const [line, expected] of wrong) assert.throws(() => parse(line), expected);
});

test('the gradient is the derivative of the loss', () => {
  const h = 1e-6;
  fc.assert(
    fc.property(examples, weightsOf, (example, weights) => {
      const gradient = new Float64Array(DIMENSIONS);
      addGradient(weights, example, gradient);
      for (let at = 0; at < DIMENSIONS; at += 1) {
        const moved = (by: number): number => {
          const there = weights.map((weight, index) => (index === at ? weight + by : weight));
          return addGradient(there, example, new Float64Array(DIMENSIONS));
        };
        const slope = (moved(h) - moved(-h)) / (2 * h);
        assert.ok(Math.abs(slope - (gradient[at] as number)) < 1e-5, `${slope} ${gradient[at]}`);
      }
    }),
    { numRuns: 50 },
  );
});

test('partial sums over blocks, added in their order, are what training does, bit by bit', () => {
  fc.assert(
    fc.property(fc.array(fc.array(examples, { minLength: 1 }), { minLength: 1, maxLength: 4 }), (blocks) => {
      const training = { dimensions: DIMENSIONS, iterations: 3, rate: 0.5, l2: 0.01 };
      let weights: Float64Array = new Float64Array(DIMENSIONS);
      for (let iteration = 0; iteration < 3; iteration += 1) {
        const partials = blocks.map((block) => partialOf(weights, block));
        weights = step(weights, sumPartials(partials, DIMENSIONS), training);
      }
      assert.equal([...train(blocks, training).weights], [...weights]);
    }),
    { numRuns: 30 },
  );
});

test('it learns to tell spam from real mail', async () => {
  const corpus = await findCorpus();
  const some = { ...corpus, files: corpus.files.filter((_, index) => index % 10 === 0) };
  const load = async (part: 'train' | 'test') =>
    readExamples(Buffer.concat(await Array.fromAsync(spamExamples(some, { part, dimensions: 2048 }))), 2048);
  const [own, others] = await Promise.all([load('train'), load('test')]);
  assert.is(own.length + others.length, some.files.length);
  const { weights, losses } = train([own], { dimensions: 2048, iterations: 40, rate: 5, l2: 1e-5 });
  assert.ok((losses.at(-1) as number) < 0.35, `${losses.at(-1)}`);
  assert.ok(accuracy(weights, others) > 0.85, `${accuracy(weights, others)}`);
  assert.ok(accuracy(new Float64Array(2048), others) < 0.75, 'most of it is not spam');
});

test('the same examples come every time, and copies repeat them', async () => {
  const corpus = await findCorpus();
  const few = { ...corpus, files: corpus.files.filter((_, index) => index % 200 === 0) };
  const once = await Array.fromAsync(spamExamples(few));
  const twice = await Array.fromAsync(spamExamples(few, { copies: 2 }));
  assert.equal(Buffer.concat(twice), Buffer.concat([...once, ...once]));
  const labels = new Set(once.map((line) => line[0]));
  assert.is(labels.size, 2);
});

test.run();
