import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

test('who holds it stands in it, for its user alone to read, until it lets go', ({ folder }) => {
  const note = join(folder, 'slave.json');
  const letGo = holdWorkFolder(folder);
  assert.equal(JSON.parse(readFileSync(note, 'utf8')), identityOf(process.pid));
  assert.is(statSync(note).mode & 0o777, 0o600);
  letGo();
  assert.not(existsSync(note));
});

test('it is made if it is not there, for its user alone', ({ folder }) => {
  holdWorkFolder(join(folder, 'a/b'))();
  assert.is(statSync(join(folder, 'a/b')).mode & 0o777, 0o700);
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
