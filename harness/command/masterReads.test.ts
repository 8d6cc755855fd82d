import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { masterReader } from './masterReads.ts';

/** What is told of a master that does not answer, or of another process `of` the cluster. */
async function complaint(where: string, cluster?: string, of?: string): Promise<string> {
  const reader = masterReader(where, { api: 'links', ...(cluster !== undefined && { cluster }) });
  const asked = of === undefined ? reader.get(v.any(), '/state') : reader.getFrom(of, v.any(), '/state');
  try {
    return await asked.then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  } finally {
    await reader.close();
  }
}

test('who finds no master is told what there is to do about that one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-master-reads-'));
  try {
    assert.match(
      await complaint('127.0.0.1:1'),
      "nobody answers at 127.0.0.1:1: start a master with 'lab master'",
    );
    assert.match(
      await complaint('127.0.0.1:1', folder),
      `the cluster in ${folder} has ended; start it again`,
    );
    // As a leader leaves it that was killed.
    const lock = join(folder, 'leader');
    writeFileSync(lock, `${JSON.stringify({ id: 'm', address: '127.0.0.1:1', version: '0' })}\n`);
    assert.match(
      await complaint(`file://${lock}`, folder),
      '127.0.0.1:1, who was elected: if it is gone, another',
    );
    assert.is(await complaint('127.0.0.1:1', folder, '127.0.0.1:1'), 'nobody answers at 127.0.0.1:1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
