import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { EXIT } from './exit.ts';
import { assertRefused } from './testRefusal.ts';

test('a folder that cannot be made ends each daemon at once, and the flag that named it is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-private-folder-'));
  try {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'a secret of this test', { mode: 0o600 });
    const config = join(folder, 'torque.json');
    writeFileSync(
      config,
      JSON.stringify({
        name: 'torque',
        jobs: [],
        slot: { cpus: 1, mem: 1 },
        executor: { name: 'rank', command: { shell: true, value: 'run', arguments: [], environment: {} } },
      }),
    );
    const none = '/proc/none/deeper';
    const torque = ['framework', 'torque', '--master', 'localhost:1', '--config', config];
    for (const [words, flag] of [
      [['master', '--registry', `${none}/registry.json`], '--registry'],
      [['slave', '--master', 'localhost:1', '--work_dir', none], '--work_dir'],
      [['namenode', '--work_dir', none, '--secret_file', secret], '--work_dir'],
      [['fileserver', '--work_dir', none, '--secret_file', secret], '--work_dir'],
      [[...torque, '--journal', `${none}/journal`], '--journal'],
    ] as const)
      await assertRefused(
        words,
        EXIT.infrastructure,
        new RegExp(
          `^lab: ${flag}: the folder /proc/none/deeper cannot be made: ENOENT.*; name another$`,
          'm',
        ),
      );
    await assertRefused(
      ['master', '--registry', '/proc/registry.json'],
      EXIT.infrastructure,
      /^lab: --registry: nothing can be written to the folder \/proc: E.*; name another$/m,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
