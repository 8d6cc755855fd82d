import { execFileSync, spawn } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSandbox } from './sandbox.ts';
import { type FileTrouble, type SandboxFiles, sandboxFiles } from './sandboxFiles.ts';
import { shellSpec } from './testContainers.ts';

interface World {
  folder: string;
  workDir: string;
  sandbox: string;
  other: string;
  files: SandboxFiles;
}

const test = suite<World>('files of sandboxes');

test.before.each((world) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lab-files-')));
  const workDir = join(folder, 'work');
  const other = makeSandbox(workDir, shellSpec('', {}, 'c0'));
  const sandbox = makeSandbox(workDir, shellSpec('', {}, 'c1'));
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(workDir, 'executor_key'), 'key');
  writeFileSync(join(other, 'stdout'), 'of the other');
  writeFileSync(join(sandbox, 'stdout'), 'hello');
  Object.assign(world, { folder, workDir, sandbox, other, files: sandboxFiles(workDir) });
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function content(files: SandboxFiles, path: string): Promise<string> {
  const { handle } = await files.open(path);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Why something cannot be looked at. */
async function trouble(run: Promise<unknown>): Promise<FileTrouble['is']> {
  return run.then(
    () => {
      throw new Error('it could be looked at');
    },
    (error: FileTrouble) => error.is,
  );
}

test('files are found by their paths, also by way of `latest`, and of links that stay inside', async ({
  files,
  sandbox,
  folder,
  workDir,
}) => {
  assert.is(await content(files, `${sandbox}/stdout`), 'hello');
  assert.is(await content(files, `${sandbox}//stdout/`), 'hello');
  const latest = join(sandbox, '..', 'latest', 'stdout');
  assert.is(await content(files, latest), 'hello');
  const { handle, containerId, sizeBytes } = await files.open(latest);
  await handle.close();
  assert.equal([containerId, sizeBytes], ['c1', 5]);
  symlinkSync('stdout', join(sandbox, 'link'));
  assert.is(await content(files, `${sandbox}/link`), 'hello');
  symlinkSync(workDir, join(folder, 'by-another-name'));
  const named = sandboxFiles(join(folder, 'by-another-name'));
  assert.is(
    await content(named, `${sandbox}/stdout`.replace(workDir, join(folder, 'by-another-name'))),
    'hello',
  );
  assert.is(await content(named, `${sandbox}/stdout`), 'hello');
});

test('paths that lead to no sandbox are none', async ({ files, folder, workDir, sandbox }) => {
  for (const path of [
    'stdout',
    '/etc/passwd',
    join(folder, 'secret'),
    join(workDir, 'executor_key'),
    join(workDir, 'slaves'),
    join(sandbox, '..'),
    `${sandbox}/../../c1/stdout`,
    `${sandbox}/../../../../../../../../../secret`,
    `${sandbox}/./stdout`,
    `${sandbox}/stdout\0`,
    `${sandbox}/nothing`,
    `${sandbox}/stdout/below`,
    `${sandbox}/${'x'.repeat(5000)}`,
    `${workDir}x/${sandbox.slice(workDir.length)}`,
    workDir,
    '',
  ])
    assert.is(await trouble(files.open(path)), 'missing', path);
});

test('links that lead out of a sandbox are not followed, wherever they stand', async ({
  files,
  folder,
  sandbox,
  other,
  workDir,
}) => {
  const away: readonly (readonly [string, string])[] = [
    ['absolute', join(folder, 'secret')],
    ['relative', '../../../../../../../../../secret'],
    ['key', join(workDir, 'executor_key')],
    ['neighbour', join(other, 'stdout')],
    ['chain', 'absolute'],
  ];
  for (const [name, target] of away) {
    symlinkSync(target, join(sandbox, name));
    assert.is(await trouble(files.open(join(sandbox, name))), 'outside', name);
  }
  symlinkSync(folder, join(sandbox, 'folder'));
  assert.is(await trouble(files.open(join(sandbox, 'folder', 'secret'))), 'outside');
  assert.is(await trouble(files.list(join(sandbox, 'folder'))), 'outside');
  symlinkSync('loop', join(sandbox, 'loop'));
  assert.is(await trouble(files.open(join(sandbox, 'loop'))), 'missing');
});

test('a sandbox that its executor puts something else in the place of shows nothing', async ({
  files,
  folder,
  sandbox,
  other,
}) => {
  for (const target of [folder, other]) {
    renameSync(sandbox, `${sandbox}-moved`);
    symlinkSync(target, sandbox);
    const name = target === folder ? 'secret' : 'stdout';
    assert.is(await trouble(files.open(join(sandbox, name))), 'outside');
    assert.is(await trouble(files.list(sandbox)), 'outside');
    rmSync(sandbox);
    renameSync(`${sandbox}-moved`, sandbox);
  }
  const latest = join(sandbox, '..', 'latest');
  rmSync(latest);
  symlinkSync(folder, latest);
  assert.is(await trouble(files.open(join(latest, 'secret'))), 'outside');
});

test('while its executor swaps a folder for a link, never anything from outside is shown', async ({
  files,
  folder,
  sandbox,
}) => {
  const [inner, link] = [join(sandbox, 'inner'), join(sandbox, 'link')];
  mkdirSync(inner);
  writeFileSync(join(inner, 'secret'), 'own');
  symlinkSync(folder, link);
  const swap = `for (;;) { try {
    fs.renameSync('inner', 'aside'); fs.renameSync('link', 'inner');
    fs.renameSync('inner', 'link'); fs.renameSync('aside', 'inner'); } catch (e) { console.error(e); process.exit(1); } }`;
  const swapper = spawn(process.execPath, ['--eval', `const fs = require('fs'); ${swap}`], { cwd: sandbox });
  const ended = new Promise((resolve) => swapper.once('exit', resolve));
  const seen = new Map<string, number>();
  const see = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const endMs = performance.now() + 5_000;
  const isEnough = (): boolean => ['own', 'outside'].every((what) => (seen.get(what) ?? 0) > 5);
  while (!isEnough() && performance.now() < endMs)
    see(await content(files, join(inner, 'secret')).catch((error: FileTrouble) => error.is));
  swapper.kill('SIGKILL');
  await ended;
  assert.ok((seen.get('own') ?? 0) > 0 && (seen.get('outside') ?? 0) > 0, JSON.stringify([...seen]));
  assert.is(seen.get('secret'), undefined);
});

test('what is no file cannot be opened, and keeps nobody waiting', async ({ files, sandbox }) => {
  execFileSync('mkfifo', [join(sandbox, 'pipe')]);
  assert.is(await trouble(files.open(join(sandbox, 'pipe'))), 'not a file');
  assert.is(await trouble(files.open(sandbox)), 'not a file');
  assert.is(await trouble(files.list(join(sandbox, 'stdout'))), 'not a folder');
});

test('a folder is listed by name; of links, what they lead to inside', async ({ files, sandbox, folder }) => {
  mkdirSync(join(sandbox, 'b'));
  symlinkSync('b', join(sandbox, 'a'));
  symlinkSync(folder, join(sandbox, 'out'));
  linkSync(join(sandbox, 'stdout'), join(sandbox, 'twin'));
  const { entries, isWhole } = await files.list(sandbox);
  assert.is(isWhole, true);
  assert.equal(
    entries.map(({ name, stats }) => [name, stats.isDirectory(), stats.isSymbolicLink(), stats.nlink > 1]),
    [
      ['a', true, false, true],
      ['b', true, false, true],
      ['out', false, true, false],
      ['stdout', false, false, true],
      ['twin', false, false, true],
    ],
  );
  assert.equal((await files.list(join(sandbox, 'b'))).entries, []);
});

test('what was looked at is not kept open', async ({ files, sandbox, folder }) => {
  const isHeld = (descriptor: string): boolean => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder);
    } catch {
      // It was that of the folder of descriptors.
      return false;
    }
  };
  symlinkSync('stdout', join(sandbox, 'link'));
  await files.list(sandbox);
  assert.is(await trouble(files.list(join(sandbox, 'stdout'))), 'not a folder');
  assert.is(await trouble(files.open(sandbox)), 'not a file');
  assert.equal(readdirSync('/proc/self/fd').filter(isHeld), []);
});

test('of a folder with very much in it, a part is listed', async ({ workDir, sandbox }) => {
  for (const name of ['a', 'b', 'c']) writeFileSync(join(sandbox, name), '');
  const few = await sandboxFiles(workDir, 3).list(sandbox);
  assert.equal([few.entries.length, few.isWhole], [3, false]);
  const all = await sandboxFiles(workDir, 4).list(sandbox);
  assert.equal([all.entries.length, all.isWhole], [4, true]);
});

test.run();
