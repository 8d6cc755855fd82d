import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { identityOf } from './processTable.ts';
import { holdWorkFolder } from './workFolder.ts';

const test = suite<{ folder: string }>('work folder');

test.before.each((world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'work-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a folder belongs to one slave at a time', async ({ folder }) => {
  const other = spawn('sleep', ['1000'], { stdio: 'ignore' });
  writeFileSync(join(folder, 'slave.json'), JSON.stringify(identityOf(other.pid ?? 0)));
  assert.throws(() => holdWorkFolder(folder), new RegExp(`in use by another slave, process ${other.pid}`));
  const ended = new Promise((resolve) => other.once('exit', resolve));
  other.kill('SIGKILL');
  await ended;
  const letGo = holdWorkFolder(folder);
  letGo();
  holdWorkFolder(folder)();
});

test('it is made if it is not there', ({ folder }) => {
  holdWorkFolder(join(folder, 'a/b'))();
});

test('a folder that cannot be made is told with the reason', ({ folder }) => {
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => holdWorkFolder(join(folder, 'file/work')), /cannot be used: .*ENOTDIR/);
});

test('a note that nobody can read is no hindrance', ({ folder }) => {
  writeFileSync(join(folder, 'slave.json'), '{');
  holdWorkFolder(folder)();
});

test.run();
