/** A whole life of a cluster over ssh: real servers of OpenSSH, on machines that are namespaces. As root. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  assertNothingLeft,
  type LabFolders,
  lookedWell,
  makeLabFolders,
  removeLabFolders,
  well,
} from './testLab.ts';

const test = suite<LabFolders>('lab up --netns 3 --over ssh');

test.before.each(makeLabFolders);
test.after.each(removeLabFolders);

test('it comes up, is looked at, tells its logs and goes down, and nothing is left', async (folders) => {
  const { folder } = folders;
  const said = await well(folder, 'up', '--netns', '3', '--over', 'ssh');
  assert.match(said, /'netns' runs on 3 of 3 machines: 1 master, 2 slaves\./);
  await lookedWell(folder, [
    ['master1', 'namenode'],
    ['fileserver-node2', 'slave-node2'],
    ['fileserver-node3', 'slave-node3'],
  ]);
  assert.match(await well(folder, 'logs', 'netns', 'slave-node3'), /^listening on .*\nregistered as /);
  assert.is(await well(folder, 'down'), 'netns is down; nothing of it is left\n');
  await assertNothingLeft(folders);
});

test.run();
