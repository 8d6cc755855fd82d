import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { notItsOwn } from './ownDisk.ts';

const MOUNTS = [
  '1 0 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
  '2 1 0:30 / /run/small rw - tmpfs small rw,size=1024k',
  '3 1 0:31 / /run/a\\040b rw - tmpfs small rw,size=1024k',
  '4 1 254:1 /home/ada/data /mnt/bound rw - ext4 /dev/vda1 rw',
  '5 1 0:40 / /mnt/first rw - tmpfs twice rw',
  '6 1 0:40 / /mnt/second rw - tmpfs twice rw',
  '7 1 0:41 / /mnt/covered rw - tmpfs below rw',
  '8 7 0:42 / /mnt/covered rw - tmpfs above rw',
  '',
].join('\n');

test('a file system of which all is mounted at the folder, and nowhere else, is its own', () => {
  for (const path of ['/run/small', '/run/a b', '/mnt/covered'])
    assert.is(notItsOwn(MOUNTS, path), undefined);
});

test('a folder of a disk that others use too is not', () => {
  assert.is(notItsOwn(MOUNTS, '/run/small/folder'), 'nothing is mounted there');
  assert.is(notItsOwn(MOUNTS, '/home/ada'), 'nothing is mounted there');
  assert.is(notItsOwn(MOUNTS, '/mnt/bound'), 'it is a part of a larger one (/home/ada/data)');
  assert.is(notItsOwn(MOUNTS, '/mnt/first'), 'it is mounted at /mnt/second too');
});

test.run();
