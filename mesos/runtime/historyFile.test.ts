import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../protocol/history.ts';
import { openHistoryFile } from './historyFile.ts';

const line = (seq: number): HistoryLine => ({
  t: seq / 3,
  seq,
  by: 'master@127.0.0.1:5050',
  event: 'offer-declined',
  offerId: `o${seq}`,
  refuseSeconds: 5,
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'history-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const unexpected = (error: Error): void => assert.unreachable(error.message);

test('lines are on disk at the end of the turn that appended them', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'history.ndjson');
    const history = openHistoryFile(path, { onError: unexpected });
    for (let seq = 0; seq < 3; seq++) history.append(line(seq));
    assert.is(readFileSync(path, 'utf8'), '', 'nothing is written before the end of the turn');
    await turn();
    const written = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.equal(
      written.map((text) => JSON.parse(text)),
      [0, 1, 2].map(line),
    );
    await history.close();
  }));

test('closing writes what is held', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'history.ndjson');
    const history = openHistoryFile(path, { onError: unexpected });
    history.append(line(7));
    await history.close();
    assert.equal(JSON.parse(await readFile(path, 'utf8')), line(7));
  }));

test('a turn that records very much does not hold it all', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'history.ndjson');
    const history = openHistoryFile(path, { onError: unexpected });
    for (let seq = 0; seq < 20_000; seq++) history.append(line(seq));
    assert.ok((await readFile(path)).length > 1 << 20);
    await history.close();
    assert.is((await readFile(path, 'utf8')).trimEnd().split('\n').length, 20_000);
  }));

test('lines of any length and script are written in order, and are seen as they are written', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'history.ndjson');
    const seen: Uint8Array[] = [];
    const onWritten = (bytes: Uint8Array): void => void seen.push(Uint8Array.from(bytes));
    const history = openHistoryFile(path, { onError: unexpected, onWritten });
    const lines = [1, 30_000, 7, 21_000, 22_000, 100_000, 2].map((length, seq) => ({
      ...line(seq),
      offerId: '€'.repeat(length),
    }));
    for (const one of lines) history.append(one);
    await history.close();
    const written = await readFile(path);
    assert.is(written.toString('utf8'), lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
    assert.ok(Buffer.concat(seen).equals(written));
  }));

test('what a file holds already stays', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'history.ndjson');
    for (const seq of [1, 2]) {
      const history = openHistoryFile(path, { onError: unexpected });
      history.append(line(seq));
      await history.close();
    }
    assert.is((await readFile(path, 'utf8')).trimEnd().split('\n').length, 2);
  }));

test('a full disk is reported once, with the name of the file, and nothing is thrown', async () => {
  const errors: Error[] = [];
  const history = openHistoryFile('/dev/full', { onError: (error) => errors.push(error) });
  for (let seq = 0; seq < 3; seq++) {
    history.append(line(seq));
    await turn();
  }
  await history.close();
  assert.is(errors.length, 1);
  assert.match(errors[0]?.message ?? '', /\/dev\/full.*the disk is full/);
});

test('a file that cannot be opened is reported once', async () => {
  const errors: Error[] = [];
  const path = '/nowhere/history.ndjson';
  const history = openHistoryFile(path, { onError: (error) => errors.push(error) });
  history.append(line(0));
  await history.close();
  assert.is(errors.length, 1);
  assert.match(errors[0]?.message ?? '', /\/nowhere\/history.ndjson: its folder does not exist/);
});

test.run();
