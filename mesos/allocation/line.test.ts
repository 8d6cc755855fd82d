import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../runtime/random.ts';
import { byShare, type Claimant, inOrder } from './line.ts';

const test = suite('a line');

const claimant = (number: number, share: number): Claimant => ({
  id: `f${number}`,
  role: '*',
  number,
  weight: 1,
  share,
  grants: 0,
});

test('is in order after thousands have come and gone though nobody asked who is first', () => {
  const line = inOrder(byShare)(seededRandom('line'));
  const all = Array.from({ length: 5_000 }, (_, n) => claimant(n, ((n * 7919) % 5_000) / 5_000));
  for (const one of all) line.put(one);
  for (const one of all) if (one.number % 3 > 0) line.remove(one);
  for (const one of all) if (one.number % 9 === 1) line.put(one);
  const left = all.filter(({ number }) => number % 3 === 0 || number % 9 === 1);
  const shares: number[] = [];
  line.first(({ share }) => {
    shares.push(share);
    return false;
  });
  assert.equal(
    shares,
    left.map(({ share }) => share).sort((a, b) => a - b),
  );
});

test.run();
