import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { historyBook, historyHash } from './historyBook.ts';

/** More than is held at once, with letters of several bytes, and one line that is longer than all that is held. */
const LINES = Array.from(
  { length: 3_000 },
  (_, seq): HistoryLine => ({
    ...{ t: seq / 7, seq, by: 'master@máster:5050', event: 'slave-lost', slaveId: `slave-${seq}` },
    reason: seq === 1_500 ? '…'.repeat(100_000) : 'it did not answer',
  }),
);

test('a history that is not kept has the hash of the one that is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'history-book-'));
  try {
    const [kept, hashed] = [historyBook(folder), historyHash()];
    for (const line of LINES) {
      kept.append(line);
      hashed.append(line);
    }
    const sha256 = await kept.close();
    assert.is(
      sha256,
      createHash('sha256')
        .update(readFileSync(join(folder, 'history.ndjson')))
        .digest('hex'),
    );
    assert.is(await hashed.close(), sha256);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
