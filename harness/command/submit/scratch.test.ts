import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dfs } from '../../../frameworks/dfs/dfs.ts';
import { DfsError } from '../../../frameworks/dfs/dfsRefusal.ts';
import { openScratch } from './scratch.ts';

/** A store without nodes, and the paths of its files. A file is there when `written` lets it. */
function slowStore(written: Promise<void>) {
  const paths = new Set<string>();
  const within = (folder: string): readonly string[] =>
    [...paths].filter((path) => path.startsWith(`${folder}/`));
  const dfs: Partial<Dfs> = {
    nodes: async () => ({}),
    async list(folder) {
      const found = within(folder);
      if (found.length === 0) throw new DfsError('absent', `There is no file or folder '${folder}'.`);
      return found.map((path) => ({ type: 'folder', path }));
    },
    async write(path) {
      await written;
      paths.add(path);
      return { type: 'folder', path };
    },
    async remove(folder) {
      for (const path of within(folder)) paths.delete(path);
    },
  };
  return { dfs: dfs as Dfs, paths };
}

test('what is being noted when all is removed does not stay', async () => {
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { dfs, paths } = slowStore(written);
  const scratch = await openScratch(dfs, 'secret');
  const noted = scratch.note('space', undefined);
  const removed = scratch.remove();
  write();
  await noted;
  assert.equal(await removed, []);
  assert.equal([...paths], []);
});

test('a note that could not be made keeps nothing from being removed', async () => {
  const { dfs } = slowStore(Promise.reject(new Error('the store is gone')));
  const scratch = await openScratch(dfs, 'secret');
  const noted = scratch.note('space', undefined).catch((error: Error) => error.message);
  assert.equal(await scratch.remove(), []);
  assert.is(await noted, 'the store is gone');
});

test.run();
