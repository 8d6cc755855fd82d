import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CORPUS_BYTES_MIN, findCorpus, readBlocks } from './corpus.ts';
import { endOfBlock, listTexts } from './textBlocks.ts';

/** Runs something with a folder that holds these files, and removes it. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  run: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function complaintOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was thrown';
}

test('the installed corpus is all there, in a stable order with a stable hash', async () => {
  const corpus = await findCorpus();
  assert.is(corpus.files.length, 6046);
  assert.ok(corpus.totalBytes >= CORPUS_BYTES_MIN);
  assert.is(corpus.files[0]?.path, 'easy-ham-1/00001.7c53336b37003a9286aba55d2945844c.txt');
});

test('the installed corpus is listed once in a process, and as one would list it anew', async () => {
  const corpus = await findCorpus();
  assert.is(await findCorpus(), corpus);
  assert.equal(await findCorpus({ folder: corpus.folder }), corpus);
});

test('blocks of the corpus end at line ends and make up the whole text', async () => {
  const corpus = await findCorpus();
  let bytes = 0;
  for await (const block of readBlocks(corpus, { blockBytes: 1_000_000, blocks: 4 })) {
    assert.ok(block.length <= 1_000_000 && block.length > 990_000);
    assert.is(block.at(-1), 10);
    bytes += block.length;
  }
  assert.ok(bytes > 3_960_000);
});

test('blocks begin anew where the corpus ends, and a file without a last line end gets one', () =>
  withFiles({ 'a/1.txt': 'one\ntwo', 'b/2.txt': 'three\n', 'b/3.json': '{}' }, async (folder) => {
    const corpus = await findCorpus({ folder, bytesMin: 1 });
    assert.equal(corpus.files, [
      { path: 'a/1.txt', bytes: 7 },
      { path: 'b/2.txt', bytes: 6 },
    ]);
    const blocks: string[] = [];
    for await (const block of readBlocks(corpus, { blockBytes: 9, blocks: 4 })) blocks.push(block.toString());
    assert.equal(blocks, ['one\ntwo\n', 'three\n', 'one\ntwo\n', 'three\n']);
  }));

test('a missing corpus is one sentence with the remedy', async () => {
  const complaint = await complaintOf(findCorpus({ folder: join(tmpdir(), 'no', 'such', 'folder') }));
  assert.match(complaint, /cannot be read at .*ENOENT.*run npm ci\.$/);
});

test('a corpus that is too small is one sentence with the numbers and the remedy', () =>
  withFiles({ 'a.txt': 'little' }, async (folder) => {
    const complaint = await complaintOf(findCorpus({ folder }));
    assert.match(complaint, /has 6 bytes in 1 texts, fewer than the 30000000 expected; .*run npm ci\.$/);
  }));

test('the list is ordered by path whatever the order found, and its hash knows sizes', () => {
  const [a, b] = [
    { path: 'a', bytes: 1 },
    { path: 'b', bytes: 2 },
  ];
  assert.equal(listTexts([b, a]), listTexts([a, b]));
  assert.is(listTexts([a, b]).totalBytes, 3);
  assert.is.not(listTexts([a, b]).listSha256, listTexts([a, { path: 'b', bytes: 3 }]).listSha256);
});

test('a block ends after the last line that fits, or after a line that is longer than a block', () => {
  const end = (text: string, blockBytes: number): number => endOfBlock(Buffer.from(text), blockBytes);
  assert.is(end('ab\ncd\nef', 7), 6);
  assert.is(end('ab\ncd\n', 6), 6);
  assert.is(end('abcdef\ngh', 3), 7);
  assert.is(end('abcdef', 3), 0, 'the line may go on');
  assert.is(end('ab\n', 4), 0, 'not a whole block yet');
});

test.run();
