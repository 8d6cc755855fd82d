import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { factorise, groupRatings, solveFactors } from './alternatingLeastSquares.ts';
import { generateRatings, ratingLine, readRating } from './ratings.ts';

const OPTIONS = { users: 120, items: 80, rank: 3, perUser: 25, noise: 0.05, seed: 1 };
const ratings = [...generateRatings(OPTIONS)];

test('ratings are those asked for, the same for a seed, and come back from their lines', () => {
  assert.is(ratings.length, OPTIONS.users * OPTIONS.perUser);
  assert.is(new Set(ratings.map(({ user, item }) => `${user}/${item}`)).size, ratings.length);
  assert.equal([...generateRatings(OPTIONS)], ratings);
  assert.not.equal([...generateRatings({ ...OPTIONS, seed: 2 })], ratings);
  for (const each of ratings.slice(0, 100)) assert.equal(readRating(ratingLine(each)), each);
  for (const wrong of ['', '1 2', '1 2 3 4', '-1 2 3', '1.5 2 3', 'a b c', '1 2 ', '1  3', ' 2 3'])
    assert.throws(() => readRating(wrong), /A rating is USER ITEM RATING/);
  assert.throws(() => [...generateRatings({ ...OPTIONS, perUser: 81 })], /cannot rate 81 of 80/);
});

test('factors solve the normal equations of their ratings', () => {
  const rank = 3;
  const number = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(7), number), { minLength: 1, maxLength: 20 }),
      fc.array(number, { minLength: 8 * rank, maxLength: 8 * rank }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (given, factors, lambda) => {
        const ids = Int32Array.from(given, ([id]) => id);
        const others = Float64Array.from(factors);
        const solved = solveFactors({ ids, ratings: Float64Array.from(given, ([, r]) => r) }, others, {
          rank,
          lambda,
        });
        // The gradient of the penalised squared error is zero there.
        for (let at = 0; at < rank; at += 1) {
          let gradient = lambda * given.length * (solved[at] as number);
          for (const [id, rating] of given) {
            const own = others.subarray(id * rank, (id + 1) * rank);
            const error = own.reduce((sum, factor, n) => sum + factor * (solved[n] as number), 0) - rating;
            gradient += error * (own[at] as number);
          }
          assert.ok(Math.abs(gradient) < 1e-8, `the gradient is ${gradient}`);
        }
      },
    ),
  );
});

test('the error falls to about the noise', () => {
  const { errors } = factorise(ratings, OPTIONS, { rank: 3, lambda: 0.001, iterations: 12, seed: 1 });
  assert.ok((errors.at(-1) as number) < 0.08 && (errors[0] as number) > 2 * (errors.at(-1) as number));
});

test('ratings by user or item keep their order', () => {
  const three = [
    { user: 1, item: 5, rating: 1 },
    { user: 0, item: 5, rating: 2 },
    { user: 1, item: 3, rating: 3 },
  ];
  assert.equal([...(groupRatings(three, 'user').get(1)?.ids ?? [])], [5, 3]);
  assert.equal([...(groupRatings(three, 'item').get(5)?.ratings ?? [])], [1, 2]);
});

test.run();
