import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { writeRecord } from '../../../infra/deployments/record.ts';
import { CLUSTER_FILE } from '../clusterFile.ts';
import { openStore } from './store.ts';

const NOBODY = '127.0.0.1:1';

const test = suite<{ folder: string; secret: string }>('block store of a submission');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-store-'));
  context.secret = join(context.folder, 'secret');
  writeFileSync(context.secret, 'a secret of this test', { mode: 0o600 });
  const description = { master: NOBODY, namenode: NOBODY };
  writeFileSync(join(context.folder, CLUSTER_FILE), JSON.stringify(description));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function complaint(secret: string, cluster?: string, namenode = NOBODY): Promise<string> {
  const own = cluster === undefined ? {} : { cluster };
  return openStore({ namenode, dfs_secret_file: secret, ...own }).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

test('who finds none is told how that one is started, by whoever has started it', async ({
  folder,
  secret,
}) => {
  assert.match(await complaint(secret), / start one with 'lab namenode .* and, beside each slave, /);
  assert.match(await complaint(secret, folder), `start it again with the same 'lab cluster'`);
  assert.match(await complaint(secret, folder, '127.0.0.2:1'), / start one with 'lab namenode /);
  writeRecord(folder, {
    ...{ schemaVersion: 1, name: 'four', madeAt: '', asked: { kind: 'local', names: ['one'] }, plan: null },
    ...{ state: 'running', machines: [], processes: [] },
  });
  const told = await complaint(secret, folder);
  assert.match(told, `start what has ended of 'four' again with the same 'lab up'; 'lab status four' tells`);
  assert.not.match(told, 'lab namenode');
});

test.run();
