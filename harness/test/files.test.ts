import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, runFiles } from './files.ts';

const MEAN = {
  name: 'mean.test.ts',
  file: fileURLToPath(new URL('../statistics/mean.test.ts', import.meta.url)),
};

test('a process that ends before its tests costs one file, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'test-files-'));
  try {
    const file = join(folder, 'ends.test.ts');
    writeFileSync(file, 'process.exit(3);\n');
    const told: Ended[] = [];
    const ended = await runFiles([{ name: 'ends.test.ts', file }, MEAN], 1, (one) => told.push(one));
    assert.equal(told, ended);
    assert.equal(
      ended.map(({ name, total, passed }) => [name, total, passed]),
      [
        ['ends.test.ts', 1, 0],
        ['mean.test.ts', 3, 3],
      ],
    );
    assert.match(ended[0]?.said ?? '', /FAIL {2}"ends.test.ts"\n.*ended \(3\)/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each file is run once, by as many processes as are asked for', async () => {
  const ended = await runFiles([MEAN, { ...MEAN, name: 'again' }], 2, () => {});
  assert.equal(ended.map(({ name, passed }) => [name, passed]).sort(), [
    ['again', 3],
    ['mean.test.ts', 3],
  ]);
});

test.run();
