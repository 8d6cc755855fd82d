/** The queries of the Hive benchmark, against the same computed directly from the rows. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grepTable } from '../../../workloads/tables/grep.ts';
import { rankingsTable } from '../../../workloads/tables/rankings.ts';
import { userVisitsTable } from '../../../workloads/tables/userVisits.ts';
import { type ReferenceInput, runReference } from '../reference.ts';
import { addMicros, formatMicros, readMicros } from './decimal.ts';
import type { Program } from './program.ts';

const RANKINGS = Buffer.concat([...rankingsTable({ rows: 400, seed: 1 })]);
const VISITS = Buffer.concat([...userVisitsTable({ rows: 6000, seed: 1, pages: 400, sources: 50 })]);
const GREP = Buffer.concat([...grepTable({ rows: 3000, seed: 1, rowsPerMatch: 300 })]);

const rowsOf = (table: Buffer): string[][] =>
  table
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('|'));

/** A table as so many blocks. */
function* split(table: Buffer, blocks: number, tag?: string) {
  for (let n = 0, from = 0; n < blocks; n += 1) {
    const to =
      n === blocks - 1 ? table.length : table.lastIndexOf('\n', ((n + 1) * table.length) / blocks) + 1;
    yield { bytes: table.subarray(from, to), ...(tag !== undefined && { tag }) };
    from = to;
  }
}

async function linesOf(program: Program, input: ReferenceInput, reduces = 0): Promise<string[]> {
  const parts = await runReference(program, input, reduces);
  return Buffer.concat(parts.map(({ bytes }) => bytes))
    .toString('latin1')
    .split('\n')
    .slice(0, -1);
}

const micros = (text: string): bigint => BigInt(text.replace('.', '')) * 100n;

test('text search in a field passes over what stands in the others', async () => {
  const search: Program = { type: 'textsearch', pattern: 'XYZ', within: { delimiter: '|', field: 1 } };
  const found = await linesOf(search, split(GREP, 3));
  const wanted = rowsOf(GREP).filter(([, field]) => field?.includes('XYZ'));
  assert.equal(
    found,
    wanted.map((row) => row.join('|')),
  );
  assert.is(found.length, 10);
  const tricky = Buffer.from('XYZ|no\nno|XYZ\na|b|XYZ\nXYZ\nno|aXYZb|c\n');
  assert.equal(await linesOf(search, [tricky]), ['no|XYZ', 'no|aXYZb|c']);
});

test('selection gives the pages above a rank', async () => {
  for (const pageRankAbove of [1, 3, 10]) {
    const wanted = rowsOf(RANKINGS).filter(([, rank]) => Number(rank) > pageRankAbove);
    assert.equal(
      await linesOf({ type: 'selection', pageRankAbove }, split(RANKINGS, 3)),
      wanted.map(([url, rank]) => `${url}|${rank}`),
    );
  }
  const odd = Buffer.from('a|12\nb\n|\nc|x|1\nd|11|\n');
  assert.equal(await linesOf({ type: 'selection', pageRankAbove: 10 }, [odd]), ['a|12', 'd|11']);
});

test('aggregation sums revenues exactly', async () => {
  const sums = new Map<string, bigint>();
  for (const [ip = '', , , revenue = ''] of rowsOf(VISITS))
    sums.set(ip, (sums.get(ip) ?? 0n) + micros(revenue));
  const found = await linesOf({ type: 'aggregation' }, split(VISITS, 4), 3);
  assert.is(found.length, sums.size);
  for (const line of found) {
    const [ip = '', sum = ''] = line.split('\t');
    assert.is(BigInt(Math.round(Number(sum) * 1e6)), sums.get(ip), line);
  }
  const byPrefix = await linesOf({ type: 'aggregation', prefixBytes: 2 }, split(VISITS, 2), 1);
  assert.equal(
    byPrefix.map((line) => line.split('\t')[0]),
    [...new Set([...sums.keys()].map((ip) => ip.slice(0, 2)))].sort(),
  );
});

test('the join in three steps finds who earned most, with the mean of the ranks', async () => {
  const range = { visitedAfter: '1995-01-01', visitedBefore: '2005-01-01' };
  const ranks = new Map(rowsOf(RANKINGS).map(([url = '', rank]) => [url, Number(rank)]));
  const bySource = new Map<string, { ranks: number; visits: number; micros: bigint }>();
  let joined = 0;
  for (const [ip = '', url = '', date = '', revenue = ''] of rowsOf(VISITS)) {
    if (date <= range.visitedAfter || date >= range.visitedBefore) continue;
    const sums = bySource.get(ip) ?? { ranks: 0, visits: 0, micros: 0n };
    bySource.set(ip, sums);
    sums.ranks += ranks.get(url) ?? Number.NaN;
    sums.visits += 1;
    sums.micros += micros(revenue);
    joined += 1;
  }
  const first = await linesOf(
    { type: 'join', ...range },
    [...split(RANKINGS, 2, 'rankings'), ...split(VISITS, 3, 'uservisits')],
    3,
  );
  assert.is(first.length, joined);
  const second = await linesOf(
    { type: 'revenuePerSource' },
    split(Buffer.from(`${first.join('\n')}\n`), 3),
    2,
  );
  assert.is(second.length, bySource.size);
  const order = [...bySource].sort(([, a], [, b]) => (a.micros < b.micros ? 1 : -1)).slice(0, 5);
  const third = await linesOf(
    { type: 'topRevenue', limit: 5 },
    split(Buffer.from(`${second.join('\n')}\n`), 2),
    1,
  );
  assert.equal(
    third,
    order.map(([ip, sums]) => `${ip}|${sums.ranks / sums.visits}|${formatMicros(Number(sums.micros))}`),
  );
});

test('a page without a rank joins nothing, one with two ranks joins twice', async () => {
  const visit = (ip: string, url: string): string => `${ip}|${url}|1999-06-01|1.5|agent|DEU|de|word|3`;
  const input = [
    { tag: 'uservisits', bytes: Buffer.from(`${visit('1.1.1.1', 'x')}\n${visit('2.2.2.2', 'y')}\nbroken\n`) },
    { tag: 'rankings', bytes: Buffer.from('y|5|1\nz|7|1\ny|3|2\nbroken\n') },
  ];
  const program: Program = { type: 'join', visitedAfter: '1999-01-01', visitedBefore: '2000-01-01' };
  assert.equal(await linesOf(program, input, 1), ['2.2.2.2|3|1.5', '2.2.2.2|5|1.5']);
  const untagged = runReference(program, [Buffer.from('a\n')], 1);
  await untagged.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /tags 'rankings' and 'uservisits', not without a tag/),
  );
});

test('lines that earned the same are ordered by their bytes, and fewer than wanted are all', async () => {
  const lines = ['b|1|2', 'a|1|2', 'c|1|3', 'd|1|2'].join('\n');
  const input = () => [Buffer.from(`${lines}\n`), Buffer.from('e|1|2.000001\n')];
  assert.equal(await linesOf({ type: 'topRevenue', limit: 3 }, input(), 1), [
    'c|1|3',
    'e|1|2.000001',
    'a|1|2',
  ]);
  assert.is((await linesOf({ type: 'topRevenue', limit: 30 }, input(), 1)).length, 5);
});

test('the largest revenues are found among many, wherever they stand', async () => {
  // 997 is prime: each revenue comes five or six times, in no order.
  const all = Array.from({ length: 5_500 }, (_, n) => ({
    line: `s${n}|1|${(n * 389) % 997}`,
    n: (n * 389) % 997,
  }));
  const input = () => [Buffer.from(all.map(({ line }) => `${line}\n`).join(''))];
  const sorted = all
    .toSorted((a, b) => b.n - a.n || Buffer.compare(Buffer.from(a.line), Buffer.from(b.line)))
    .map(({ line }) => line);
  for (const limit of [1, 100, 1_200])
    assert.equal(await linesOf({ type: 'topRevenue', limit }, input(), 1), sorted.slice(0, limit));
});

test('sorting with bounds puts all lines in order, across the parts', async () => {
  const lines = rowsOf(VISITS).map((row) => row.join('|'));
  const sample = lines.filter((_, n) => n % 10 === 0).toSorted();
  const bounds = [1, 2, 3].map((n) => sample[Math.floor((n * sample.length) / 4)] as string);
  const parts = await runReference({ type: 'sort', bounds }, split(VISITS, 3), 4);
  assert.is(
    Buffer.concat(parts.map(({ bytes }) => bytes)).toString('latin1'),
    `${lines.toSorted().join('\n')}\n`,
  );
  for (const { bytes } of parts) assert.ok(bytes.length > VISITS.length / 8, `${bytes.length}`);
  assert.equal(await linesOf({ type: 'sort' }, [Buffer.from('b\na\nb\n')], 1), ['a', 'b', 'b']);
});

test('amounts come back as they were, and sums that cannot be exact are refused', () => {
  const read = (text: string): number => readMicros(Buffer.from(text), 0, text.length);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 14 }), (amount) => {
      assert.is(read(formatMicros(amount)), amount);
    }),
  );
  assert.equal(['', '.', '.5', '-1', '1.2.3', 'x', '1e3'].map(read), new Array<number>(7).fill(-1));
  assert.equal(['0', '1', '1.', '1.5', '0.0000019'].map(read), [0, 1e6, 1e6, 1_500_000, 1]);
  assert.throws(() => addMicros(2 ** 53 - 1, 1), /larger than 9,007,199,254/);
});

test.run();
