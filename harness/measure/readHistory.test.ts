import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { type HistoryFile, mergeHistories, type ReadOptions, readHistory } from './readHistory.ts';
import { frameworkRegistered, jobStarted, jobSubmitted, writer } from './testHistory.ts';

/** Runs something with files of these contents, and removes them. */
async function withFiles(
  contents: readonly string[],
  run: (paths: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'history-'));
  try {
    const paths = contents.map((_, index) => join(folder, `${index}.ndjson`));
    for (const [index, text] of contents.entries()) await writeFile(paths[index] as string, text);
    await run(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ndjson = (lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const job = (by: string, ...times: readonly number[]): HistoryLine[] => {
  const write = writer(by);
  return times.map((t) => write(t, jobStarted('f', `at ${t}`)));
};

async function linesOf(path: string, options?: ReadOptions): Promise<HistoryLine[]> {
  return collected(readHistory(path, options));
}

async function collected(lines: AsyncIterable<HistoryLine>): Promise<HistoryLine[]> {
  const all: HistoryLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

async function complaintOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was thrown';
}

test('what was written is read', () =>
  withFiles([ndjson(job('a@h:1', 1, 2, 3))], async ([path]) => {
    assert.equal(await linesOf(path as string), job('a@h:1', 1, 2, 3));
  }));

test('lines across the pieces that a file is read in come out whole, whatever their characters', async () => {
  const write = writer('a@h:1');
  const name = 'ä€😀'.repeat(5000);
  const lines = Array.from({ length: 60 }, (_, t) =>
    write(t, frameworkRegistered('f', name + 'x'.repeat(t))),
  );
  await withFiles([ndjson(lines)], async ([path]) => {
    assert.equal(await linesOf(path as string), lines);
  });
});

test('a malformed line is one sentence with file, line number and what is wrong', () =>
  withFiles(
    [
      `${ndjson(job('a@h:1', 1, 2))}{"t":3,\n${ndjson(job('a@h:1', 4))}`,
      ndjson([{ t: 1, seq: 0, by: 'a', event: 'job-started', framework: 'f' }]),
      ndjson([{ t: 1, seq: 0, by: 'a', event: 'job-exploded' }]),
      ndjson([{ seq: 0, by: 'a', event: 'job-started', framework: 'f', jobId: 'j' }]),
      '\n',
      '"text"\n',
    ],
    async (paths) => {
      const expected = [
        /0\.ndjson:3: not a line of a history: it is not JSON: \{"t":3,$/,
        /1\.ndjson:1: .*job-started: jobId /,
        /2\.ndjson:1: .*no event 'job-exploded'$/,
        /3\.ndjson:1: .*job-started: t /,
        /4\.ndjson:1: .*not JSON/,
        /5\.ndjson:1: .*not an object$/,
      ];
      for (const [index, pattern] of expected.entries())
        assert.match(await complaintOf(linesOf(paths[index] as string)), pattern);
    },
  ));

test('a last line that a dying process tore is told and left out, if asked for', () =>
  withFiles([`${ndjson(job('a@h:1', 1))}{"t":2,"se`], async ([path]) => {
    assert.match(await complaintOf(linesOf(path as string)), /0\.ndjson:2: .*not JSON/);
    const torn: string[] = [];
    const lines = await linesOf(path as string, { onTorn: (complaint) => torn.push(complaint) });
    assert.equal(lines, job('a@h:1', 1));
    assert.is(torn.length, 1);
    assert.match(torn[0] ?? '', /0\.ndjson:2/);
  }));

test('only a torn last line is left out: a malformed whole one is an error even so', () =>
  withFiles(
    [`${ndjson(job('a@h:1', 1))}{"t":2}\n`, `nonsense\n${ndjson(job('a@h:1', 1))}`],
    async (paths) => {
      const onTorn = () => assert.unreachable();
      assert.match(await complaintOf(linesOf(paths[0] as string, { onTorn })), /:2: .*no event/);
      assert.match(await complaintOf(linesOf(paths[1] as string, { onTorn })), /:1: .*not JSON/);
    },
  ));

test('a last line without a line end counts if it is whole', () =>
  withFiles([ndjson(job('a@h:1', 1, 2)).trimEnd()], async ([path]) => {
    assert.is((await linesOf(path as string)).length, 2);
  }));

test('a file that is not there is one sentence with its name', async () => {
  assert.match(
    await complaintOf(linesOf('/no/such/history.ndjson')),
    /'\/no\/such\/history\.ndjson'.*ENOENT/,
  );
});

test('a file without line ends is refused before it fills the memory', () =>
  withFiles(['x'.repeat(9_000_000)], async ([path]) => {
    assert.match(await complaintOf(linesOf(path as string)), /a line is longer than 4194304 bytes/);
  }));

const onOneClock = (paths: readonly string[]): readonly HistoryFile[] =>
  paths.map((path) => ({ path, aheadMs: 0 }));

test('histories are merged by time, at equal times in the order of the files', () =>
  withFiles([ndjson(job('a@h:1', 1, 5, 5, 9)), '', ndjson(job('b@h:2', 0, 5, 10, 11))], async (paths) => {
    const merged = await collected(mergeHistories(onOneClock(paths)));
    assert.equal(
      merged.map((line) => `${line.by[0]}${line.t}`),
      ['b0', 'a1', 'a5', 'a5', 'b5', 'a9', 'b10', 'b11'],
    );
  }));

test('what a clock is ahead by is taken off before histories are merged', () =>
  withFiles(
    [ndjson(job('a@h:1', 104, 107)), ndjson(job('b@h:2', 5, 6))],
    async ([first = '', second = '']) => {
      const files = [
        { path: first, aheadMs: 100 },
        { path: second, aheadMs: -0.5 },
      ];
      const merged = await collected(mergeHistories(files));
      assert.equal(
        merged.map((line) => `${line.by[0]}${line.t}`),
        ['a4', 'b5.5', 'b6.5', 'a7'],
      );
    },
  ));

test('when a job was meant to be submitted is on the same clock as the rest', () =>
  withFiles([ndjson([writer('a@h:1')(104, jobSubmitted('f', 'j', 103))])], async ([path = '']) => {
    const [line] = await collected(mergeHistories([{ path, aheadMs: 100 }]));
    assert.ok(line?.event === 'job-submitted');
    assert.equal([line.t, line.intendedMs], [4, 3]);
  }));

test('a clock that was set back does not reorder the lines of its file', () =>
  withFiles([ndjson(job('a@h:1', 1, 7, 3)), ndjson(job('b@h:2', 2, 8))], async (paths) => {
    const merged = await collected(mergeHistories(onOneClock(paths)));
    assert.equal(
      merged.map((line) => `${line.by[0]}${line.t}`),
      ['a1', 'b2', 'a7', 'a3', 'b8'],
    );
  }));

test('a merge can be given up, and one that meets a malformed line throws', () =>
  withFiles([ndjson(job('a@h:1', 1, 2)), 'nonsense\n'], async (paths) => {
    for await (const line of mergeHistories(onOneClock(paths.slice(0, 1)))) {
      assert.is(line.t, 1);
      break;
    }
    assert.match(await complaintOf(collected(mergeHistories(onOneClock(paths)))), /1\.ndjson:1/);
  }));

test.run();
