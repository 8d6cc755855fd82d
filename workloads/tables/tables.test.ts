import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GREP_PATTERN, GREP_ROW_BYTES, grepTable } from './grep.ts';
import { pageUrl, rankingsTable } from './rankings.ts';
import { userVisitsTable } from './userVisits.ts';

const textOf = (pieces: Iterable<Buffer>): string => Buffer.concat([...pieces]).toString('latin1');
const rowsOf = (pieces: Iterable<Buffer>): string[][] =>
  textOf(pieces)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('|'));

test('a row of grep has 10 + 90 bytes, and one in so many has the pattern', () => {
  const rows = rowsOf(grepTable({ rows: 5000, seed: 1, rowsPerMatch: 1000 }));
  assert.is(rows.length, 5000);
  for (const [key, field] of rows) {
    assert.is(key?.length, 10);
    assert.is(field?.length, 90);
  }
  assert.is(new Set(rows.map(([key]) => key)).size, 5000);
  assert.is(rows.filter(([, field]) => field?.includes(GREP_PATTERN)).length, 5);
  assert.is(textOf(grepTable({ rows: 10, seed: 1 })).length, 10 * GREP_ROW_BYTES);
});

test('one page in 500 has a rank above 10, and all pages differ', () => {
  const rows = rowsOf(rankingsTable({ rows: 50_000, seed: 1 }));
  const above = rows.filter(([, rank]) => Number(rank) > 10).length;
  assert.ok(above > 60 && above < 145, `${above}`);
  assert.is(new Set(rows.map(([url]) => url)).size, 50_000);
  for (const [row, [url, rank, duration]] of rows.entries()) {
    assert.is(url, pageUrl(row));
    assert.ok(Number(rank) >= 1 && Number(duration) >= 1 && Number(duration) <= 100);
  }
});

test('visits go to pages of rankings, to some more than to others, from addresses that come back', () => {
  const pages = 1000;
  const rows = rowsOf(userVisitsTable({ rows: 20_000, seed: 1, pages }));
  const known = new Set(Array.from({ length: pages }, (_, page) => pageUrl(page)));
  const counts = new Map<string, number>();
  for (const row of rows) {
    assert.is(row.length, 9);
    const [, url = '', date = '', revenue = ''] = row;
    assert.ok(known.has(url));
    assert.match(date, /^(199\d|200\d)-\d\d-\d\d$/);
    assert.match(revenue, /^\d{1,3}\.\d{4}$/);
    counts.set(url, (counts.get(url) ?? 0) + 1);
  }
  const byCount = [...counts.values()].sort((a, b) => b - a);
  const [first = 0, second = 0] = byCount;
  // Of Zipf's law: the first page has log(2) / log(1001) of all visits, the second log(1.5) / log(1001).
  assert.ok(Math.abs(first / 20_000 - 0.1003) < 0.01, `${first}`);
  assert.ok(Math.abs(second / 20_000 - 0.0587) < 0.01, `${second}`);
  const sources = new Set(rows.map(([ip]) => ip)).size;
  assert.ok(sources > 300 && sources <= 323, `${sources}`);
  const bytes = textOf(userVisitsTable({ rows: 1000, seed: 2, pages })).length / 1000;
  assert.ok(bytes > 110 && bytes < 170, `${bytes}`);
});

test('the same seed makes the same table, another one another, whatever its size', () => {
  const table = (rows: number, seed: number): string =>
    textOf(userVisitsTable({ rows, seed, pages: 9, sources: 5 }));
  assert.is(table(100, 1), table(100, 1));
  assert.ok(table(200, 1).startsWith(table(100, 1)));
  assert.is.not(table(100, 1), table(100, 2));
  assert.is(table(0, 1), '');
  assert.throws(() => grepTable({ rows: 0.5, seed: 1 }), /whole number of rows, not 0.5/);
  assert.throws(() => userVisitsTable({ rows: 1, seed: 1, pages: 0 }), /at least one page/);
});

test.run();
