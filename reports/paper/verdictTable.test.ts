import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GOLDEN, sampleReport } from '../testdata/generate.ts';
import { claimLines, verdictTable } from './verdictTable.ts';

const data = sampleReport(GOLDEN);
const claims = data.experiments.flatMap((one) => one.claims);

test('every claim has a line with its verdict and its numbers, below its experiment', () => {
  const lines = verdictTable(data, 140).split('\n');
  const begins = lines.filter((line) => /^[✓↗✗?▲–] /.test(line));
  assert.is(begins.length, claims.length);
  assert.is(lines.filter((line) => /^(mix|sweep): /.test(line)).length, 2);
  const bound = begins.find((line) => line.includes('delay at 50,000'));
  assert.match(
    bound ?? '',
    /^✓ reproduced +delay at 50,000 slaves +≤ 1,000 ms +21\.5 ms \[21\.0, 22\.0; 75% sure\] n=3/,
  );
});

test('no line is wider than the terminal, and every word of the reasons is there', () => {
  for (const width of [80, 100, 140, 400]) {
    const text = verdictTable(data, width);
    const widest = Math.max(...text.split('\n').map((line) => line.length));
    assert.ok(widest <= Math.min(width, 160), `${widest} of ${width}`);
    const words = text.split(/\s+/);
    for (const { why } of claims)
      for (const word of why.split(/\s+/)) assert.ok(words.includes(word), `${width}: ${word}`);
  }
});

test('verdicts on runs of another size than the paper’s say so below their experiment', () => {
  const told = (text: string) => text.match(/^Run at .*$/gm);
  assert.is(told(verdictTable(data, 140)), null);
  const [mix, ...others] = data.experiments;
  if (mix === undefined) throw new Error('there are two');
  const text = verdictTable({ ...data, experiments: [{ ...mix, scale: 0.1 }, ...others] }, 140);
  assert.equal(told(text), [
    'Run at 0.1 of the paper’s size, while the paper’s numbers are of the whole: verdicts compare what is not alike.',
  ]);
  assert.match(text, /^mix: .*\nRun at 0\.1/);
});

test('where all seeds gave the same the table says so, and no confidence', () => {
  const [mix] = data.experiments;
  const [claim] = mix?.claims ?? [];
  if (mix === undefined || claim === undefined) throw new Error('there are some');
  const ours = (n: number) => ({ ...claim, ours: { value: 3, interval: [3, 3] as const, n }, unit: 'tasks' });
  const same = { ...data, experiments: [{ ...mix, claims: [ours(3), ours(1)] }] };
  assert.match(
    verdictTable(same, 140),
    / 3\.00 tasks \[all the same\] n=3.* 3\.00 tasks \[for any seed\] n=1/s,
  );
  assert.equal(
    claimLines(same).map(({ confidence }) => confidence),
    [null, null],
  );
});

test('it ends with the count of verdicts', () => {
  const last = verdictTable(data, 200).trimEnd().split('\n').at(-1) ?? '';
  assert.match(last, /^Of 30 comparisons with the paper, .* not run\.$/);
  assert.is(
    verdictTable({ schemaVersion: 2, experiments: [] }, 80),
    'This report compares nothing with the paper.\n',
  );
});

test('a program gets each claim with its numbers, null where there is none', () => {
  const lines = claimLines(data);
  assert.is(lines.length, claims.length);
  const absent = lines.find(({ id }) => id === 'sweep-absent');
  assert.equal(
    [absent?.experiment, absent?.ours, absent?.interval, absent?.n, absent?.verdict],
    ['sweep', null, null, 0, 'not run'],
  );
  const growth = lines.find(({ id }) => id === 'sweep-growth');
  assert.is(growth?.paper, 3);
  assert.is(growth?.confidence, 0.75);
  assert.ok(growth?.interval && growth.ours !== null && growth.interval[0] <= growth.ours);
});

test.run();
