import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TorqueJob } from './job.ts';
import { type JournalRecord, replay } from './journal.ts';
import { type FileJournal, openJournal } from './journalFile.ts';

const test = suite<{ folder: string; path: string }>('a journal on disk');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'journal-'));
  context.path = join(context.folder, 'deeper', 'queue.ndjson');
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const job = (id: string): TorqueJob => ({
  id,
  kind: 'test',
  ranks: 2,
  submission: { when: 'at', ms: 0 },
  program: { type: 'model', workMs: 10, cv: 0 },
});
const taken = (id: string): JournalRecord => ({ kind: 'taken', atMs: 5, job: job(id) });
const ended = (jobId: string): JournalRecord => ({ kind: 'ended', jobId, atMs: 9, outcome: 'finished' });
const states = (journal: FileJournal): readonly string[] =>
  replay(journal.load()).runs.map(({ job: { id }, now, held, failures }) =>
    [id, now.state, ...(held ? ['held'] : []), ...(failures > 0 ? [failures] : [])].join(' '),
  );

/** Opens it, does something, closes it. */
function use<T>(path: string, run: (journal: FileJournal) => T, more: { compactBytesMin?: number } = {}): T {
  const onError = (error: Error): never => {
    throw error;
  };
  const journal = openJournal({ path, endedMax: 2, onError, ...more });
  try {
    return run(journal);
  } finally {
    journal.close();
  }
}

test('what was appended is there for the next process, as often as it is asked for', ({ path }) => {
  assert.equal(use(path, states), []);
  use(path, (journal) => {
    journal.append({ kind: 'configured' }, taken('a'), taken('b'), taken('c'), taken('d'));
    journal.append({ kind: 'held', jobId: 'b' }, { kind: 'held', jobId: 'c' });
    journal.append({ kind: 'released', jobId: 'b' });
    journal.append({ kind: 'attempt-failed', jobId: 'c', message: 'lost' });
    journal.append(ended('a'));
  });
  for (let times = 0; times < 3; times++) {
    assert.equal(use(path, states), ['a ended', 'b unsubmitted', 'c unsubmitted held 1', 'd unsubmitted']);
    assert.ok(use(path, (journal) => replay(journal.load()).configured));
  }
});

test('a last line that was cut short is left out', ({ path }) => {
  use(path, (journal) => journal.append(taken('a')));
  for (const length of [1, 20, JSON.stringify(taken('b')).length]) {
    appendFileSync(path, JSON.stringify(taken('b')).slice(0, length));
    assert.equal(use(path, states), ['a unsubmitted']);
    use(path, (journal) => journal.append(taken('a')));
  }
});

test('a file that grows is written anew, with all jobs that have not ended and the last of those that have', ({
  path,
}) => {
  use(
    path,
    (journal) => {
      journal.append(taken('waits'));
      for (let n = 0; n < 200; n++) journal.append(taken(`j${n}`), ended(`j${n}`));
    },
    { compactBytesMin: 2000 },
  );
  assert.ok(readFileSync(path).length < 3000);
  assert.equal(use(path, states), ['waits unsubmitted', 'j198 ended', 'j199 ended']);
});

test('a journal that cannot be read says so, and what to do', ({ path, folder }) => {
  use(path, (journal) => journal.append(taken('a'), taken('b')));
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const [broken, why] of [
    [lines.with(1, '{"kind":"tak').join('\n'), /line 2 is no JSON/],
    [lines.with(1, '{"kind":"taken"}').join('\n'), /line 2 is no record/],
    [lines.slice(1).join('\n'), /does not begin like a journal/],
  ] as const) {
    writeFileSync(path, broken);
    assert.throws(() => use(path, states), why);
    assert.throws(() => use(path, states), /queue\.ndjson cannot be read: .*name another file/);
  }
  assert.throws(() => use(folder, states), /it is no file/);
});

test('two servers never have the same journal', ({ path }) => {
  use(path, (journal) => {
    journal.append(taken('a'));
    assert.throws(() => use(path, states), /is in use by another scheduler/);
    journal.append(taken('b'));
  });
  assert.equal(use(path, states), ['a unsubmitted', 'b unsubmitted']);
});

test('records that cannot be kept are no secret', ({ path }) => {
  const told: string[] = [];
  const journal = openJournal({ path, endedMax: 1, onError: ({ message }) => told.push(message) });
  journal.close();
  assert.throws(() => journal.append(taken('a')), /cannot be written/);
  assert.is(told.length, 1);
});

test('one that cannot be written anew keeps its file, and what it holds', ({ path }) => {
  const told: string[] = [];
  const onError = ({ message }: Error): void => void told.push(message);
  const journal = openJournal({ path, endedMax: 1, onError, compactBytesMin: 200 });
  mkdirSync(`${path}.new`);
  assert.throws(() => {
    for (let n = 0; n < 10; n++) journal.append(taken(`j${n}`));
  }, /cannot be written/);
  assert.is(told.length, 1);
  journal.close();
  rmSync(`${path}.new`, { recursive: true });
  assert.equal(use(path, states), ['j0 unsubmitted', 'j1 unsubmitted']);
});

test.run();
