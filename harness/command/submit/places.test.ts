/** Where input comes from and output goes to on this machine, and which cluster is meant. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { completeFlags } from '../clusterFile.ts';
import { checkOutput, type Part, writeOutput } from './localOutput.ts';
import { localFiles, locationText, readLocation } from './location.ts';

const test = suite<{ folder: string }>('places of files');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-places-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const part = (name: string, ...pieces: readonly string[]): Part => ({
  name,
  async *read() {
    for (const piece of pieces) yield Buffer.from(piece);
  },
});
/** Ends with an error after the first piece. */
const broken = (name: string): Part => ({
  name,
  async *read() {
    yield Buffer.from('half of ');
    throw new Error('the node is gone');
  },
});

const complaintOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'it has not failed',
    ({ message }: Error) => message,
  );

test('places are named by a path, or by dfs: and a path of the store', () => {
  for (const text of ['logs/a.txt', '/tmp/x', 'dfs:/logs', 'dfs://node1:5070/logs/a'])
    assert.is(locationText(readLocation('--input', text)), text);
  assert.equal(readLocation('--input', 'dfs://n:1/x'), { is: 'dfs', path: '/x', namenode: 'n:1' });
  for (const text of ['', 'dfs:', 'dfs:logs', 'dfs://logs', 'dfs:///logs'])
    assert.throws(() => readLocation('--input', text), /--input must be/);
});

test('a folder stands for its files as Hadoop has it, a pattern for all that fit', ({ folder }) => {
  for (const name of ['b.txt', 'a.txt', '_SUCCESS', '.hidden']) writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, 'more'));
  writeFileSync(join(folder, 'more', 'c.txt'), '');
  const [a, b] = ['a.txt', 'b.txt'].map((name) => ({ path: join(folder, name), bytes: 5 }));
  assert.equal(localFiles(folder), [a, b]);
  assert.equal(localFiles(join(folder, '*.txt')), [a, b]);
  assert.equal(localFiles(join(folder, 'a.txt')), [a]);
  assert.throws(() => localFiles(join(folder, 'nothing')), /does not exist/);
  mkdirSync(join(folder, 'empty'));
  assert.throws(() => localFiles(join(folder, 'empty')), /has no files in it/);
  assert.throws(() => localFiles('/dev/null'), /\/dev\/null is neither a file nor a folder/);
});

test('a link that leads to nothing is no input', ({ folder }) => {
  writeFileSync(join(folder, 'a.txt'), 'text');
  symlinkSync('a.txt', join(folder, 'b.txt'));
  symlinkSync('nowhere', join(folder, 'gone.txt'));
  const files = ['a.txt', 'b.txt'].map((name) => ({ path: join(folder, name), bytes: 4 }));
  assert.equal(localFiles(folder), files);
  assert.equal(localFiles(join(folder, '*.txt')), files);
  assert.throws(() => localFiles(join(folder, 'g*')), /there is no input: .* fits no file/);
});

test('an output appears whole', async ({ folder }) => {
  const output = join(folder, 'deep', 'out');
  await writeOutput(output, [part('part-r-00000', 'a\t1\n', 'b\t2\n'), part('part-r-00001')], {
    overwrite: false,
    signal,
  });
  assert.equal(readdirSync(output), ['_SUCCESS', 'part-r-00000', 'part-r-00001']);
  assert.is(readFileSync(join(output, 'part-r-00000'), 'utf8'), 'a\t1\nb\t2\n');
  assert.throws(() => checkOutput(output, false), /is there already: give --overwrite/);
  await writeOutput(output, [part('part-r-00000', 'c\t3\n')], { overwrite: true, signal });
  assert.equal(readdirSync(output), ['_SUCCESS', 'part-r-00000']);
});

test('or not at all, and what was there before stays', async ({ folder }) => {
  const output = join(folder, 'out');
  await writeOutput(output, [part('part-r-00000', 'old')], { overwrite: false, signal });
  const failed = writeOutput(output, [part('part-r-00000', 'new'), broken('part-r-00001')], {
    overwrite: true,
    signal,
  });
  assert.match(await complaintOf(failed), /the node is gone/);
  assert.is(readFileSync(join(output, 'part-r-00000'), 'utf8'), 'old');
  assert.equal(readdirSync(folder), ['out']);
});

test('where nothing can be written a job does not even start', ({ folder }) => {
  checkOutput(join(folder, 'deep', 'out'), false);
  assert.equal(readdirSync(folder), []);
  // Not even root makes folders there.
  for (const place of ['/proc/out', '/proc/deep/out'])
    assert.throws(() => checkOutput(place, false), new RegExp(`^the output ${place} cannot be written: `));
});

test('nothing but an output is ever replaced', async ({ folder }) => {
  const thesis = join(folder, 'thesis');
  mkdirSync(thesis);
  writeFileSync(join(thesis, 'part-r-00000'), 'chapter one');
  assert.throws(() => checkOutput(thesis, true), /is not the output of a job/);
  writeFileSync(join(thesis, '_SUCCESS'), '');
  writeFileSync(join(thesis, 'notes'), '');
  assert.throws(() => checkOutput(thesis, true), /holds more than the output of a job, e\.g\. notes/);
  assert.throws(() => checkOutput(join(thesis, 'notes'), true), /is no folder/);
  const under = writeOutput(join(thesis, 'notes', 'out'), [part('part-r-00000')], {
    overwrite: false,
    signal,
  });
  assert.match(await complaintOf(under), /cannot be written/);
});

test('who names a master means that one, whatever the shell remembers', ({ folder }) => {
  const known = { master: 'm:1', namenode: 'n:2', secretFile: '/secret', dfsSecretFile: '/dfs' };
  writeFileSync(join(folder, 'cluster.json'), JSON.stringify(known));
  const own = { secret_file: '/secret', dfs_secret_file: '/dfs' };
  assert.equal(completeFlags({ cluster: folder }, true), {
    cluster: folder,
    master: 'm:1',
    namenode: 'n:2',
    ...own,
  });
  const other = { cluster: folder, master: 'other:3' };
  const byHand = { master: 'other:3', namenode: '127.0.0.1:5070' };
  assert.equal(completeFlags(other, true), byHand);
  // The rest is the cluster's all the same, but what is said of its master is not of this one.
  assert.equal(completeFlags(other, false), { master: 'other:3', namenode: 'n:2', ...own });
  const same = { cluster: folder, master: 'm:1' };
  assert.equal(completeFlags(same, false), { ...same, namenode: 'n:2', ...own });
  for (const none of [{}, { cluster: '' }])
    assert.equal(completeFlags(none, true), { master: '127.0.0.1:5050', namenode: '127.0.0.1:5070' });
  writeFileSync(join(folder, 'cluster.json'), '{}');
  assert.throws(() => completeFlags({ cluster: folder }, true), /is damaged/);
});

test.run();
