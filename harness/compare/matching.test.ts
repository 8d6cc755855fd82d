import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Target, targetOf } from './block.ts';
import { match, withoutRatio } from './matching.ts';
import { type Offering, offeringOf } from './offering.ts';

const [LAUNCH, PASS] = ['launch', 'pass'].map((id) => targetOf(id) as Target) as [Target, Target];
const NEW: Offering = {
  benchmarks: { launch: 'rounds', pass: 'rounds' },
  experiments: { macro: ['mesos', 'static', 'fine'], drf: ['two'] },
};
const OLD: Offering = { benchmarks: { launch: 'whole' }, experiments: { macro: ['mesos', 'old'] } };
const MACRO = { experiments: ['macro'], only: ['mesos', 'fine'] };

test('what both sides have is compared, in rounds only if both do it so', () => {
  const both = match([LAUNCH, PASS], [MACRO], { base: NEW, head: NEW });
  assert.equal(both, {
    targets: [LAUNCH, PASS],
    runs: [{ base: MACRO, head: MACRO }],
    unmatched: [],
  });
  assert.is(match([LAUNCH], [], { base: OLD, head: NEW }).targets[0]?.kind, 'whole');
});

test('what the base does not have yet is not judged', () => {
  const { targets, runs, unmatched } = match([LAUNCH, PASS], [MACRO, { experiments: ['drf'] }], {
    base: OLD,
    head: NEW,
  });
  assert.equal(
    targets.map(({ id }) => id),
    ['launch'],
  );
  assert.equal(
    unmatched.map(({ id, verdict, why }) => [id, verdict, why]),
    [
      ['pass', 'not judged', 'the base has no such benchmark'],
      ['drf', 'not judged', 'the base has no such experiment'],
    ],
  );
  // The head runs its own scenarios: a claim may need them.
  assert.equal(runs, [{ base: { ...MACRO, only: ['mesos'] }, head: MACRO }]);
  const fine = match([], [{ ...MACRO, only: ['fine'] }], { base: OLD, head: NEW });
  assert.equal(fine.runs, []);
  assert.equal([fine.unmatched[0]?.id, fine.unmatched[0]?.verdict], ['macro/fine', 'not judged']);
});

test('what the head has lost is worse', () => {
  const { unmatched } = match([PASS], [{ experiments: ['drf'] }, { ...MACRO, only: ['fine'] }], {
    base: NEW,
    head: OLD,
  });
  assert.equal(
    unmatched.map(({ id, verdict, why }) => [id, verdict, why]),
    [
      ['pass', 'worse', 'the head has no such benchmark any more'],
      ['drf', 'worse', 'the head has no such experiment any more'],
      ['macro/fine', 'worse', 'the head has no such scenario any more'],
    ],
  );
});

test('a side that cannot say what it has is tried', () => {
  const { targets, runs, unmatched } = match([PASS], [MACRO], { base: undefined, head: NEW });
  assert.equal([targets.length, runs.length, unmatched.length], [1, 1, 0]);
});

test('a version says what it has, one without catalogues has nothing, and a broken one cannot say', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-offering-'));
  const { signal } = new AbortController();
  try {
    const at = (room: string): string => join(folder, 'harness', room);
    for (const room of ['bench', 'experiments']) mkdirSync(at(room), { recursive: true });
    assert.equal(await offeringOf(folder, signal), { benchmarks: {}, experiments: {} });
    const bench = join(at('bench'), 'catalogue.ts');
    writeFileSync(bench, "export const BENCHMARKS = { a: { kind: 'rounds' }, b: () => 1 };");
    writeFileSync(
      join(at('experiments'), 'catalogue.ts'),
      "console.log('hello'); export const EXPERIMENTS = [{ id: 'e', scenarios: [{ id: 's' }] }];",
    );
    assert.equal(await offeringOf(folder, signal), {
      benchmarks: { a: 'rounds', b: 'whole' },
      experiments: { e: ['s'] },
    });
    writeFileSync(bench, 'this is no program');
    assert.is(await offeringOf(folder, signal), undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const block = (base: readonly number[], head: readonly number[]) => ({ seed: 1, base, head, control: [] });

test('what is 0 has no ratio, and that is said', () => {
  assert.is(withoutRatio('x', [block([1], [2])]), undefined);
  assert.is(withoutRatio('x', [block([0], [0])])?.verdict, 'not judged');
  const some = withoutRatio('x', [block([0], [5]), block([1], [5])]);
  assert.is(some?.verdict, 'inconclusive');
  assert.match(some?.why ?? '', /1 of 2 runs of the base and 0 of 2 of the head/);
  assert.match(withoutRatio('x', [block([1], []), block([1], [1])])?.why ?? '', /no number in 1 of 2 blocks/);
});

test.run();
