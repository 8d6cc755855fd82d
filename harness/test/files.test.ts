import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, runFiles, type TestFile } from './files.ts';

/** A file with this text. */
async function fileOf(text: string): Promise<{ readonly file: TestFile } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'test-files-'));
  const file = join(folder, 'broken.test.ts');
  await writeFile(file, text);
  return {
    file: { name: 'broken.test.ts', file },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const MEAN = {
  name: 'mean.test.ts',
  file: fileURLToPath(new URL('../statistics/mean.test.ts', import.meta.url)),
};

test('a process that ends before its tests costs one file, and says so', async () => {
  await using broken = await fileOf('process.exit(3);\n');
  const told: Ended[] = [];
  const ended = await runFiles([broken.file, MEAN], 1, (one) => told.push(one));
  assert.equal(told, ended);
  assert.equal(
    ended.map(({ name, total, passed }) => [name, total, passed]),
    [
      ['broken.test.ts', 1, 0],
      ['mean.test.ts', 3, 3],
    ],
  );
  assert.match(ended[0]?.said ?? '', /FAIL {2}"broken.test.ts"\n.*ended \(3\)/);
});

test('a file that hangs is ended, and named', async () => {
  await using broken = await fileOf('await new Promise(() => setInterval(() => {}, 1000));\n');
  const [ended] = await runFiles([broken.file], 1, () => {}, 1_000);
  assert.is(ended?.total, 1);
  assert.match(ended?.said ?? '', /FAIL {2}"broken.test.ts"\n {4}it took more than 1 s\n$/);
});

test('each file is run once, by as many processes as are asked for', async () => {
  const ended = await runFiles([MEAN, { ...MEAN, name: 'again' }], 2, () => {});
  assert.equal(ended.map(({ name, passed }) => [name, passed]).sort(), [
    ['again', 3],
    ['mean.test.ts', 3],
  ]);
});

test.run();
