import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHierarchies } from './hierarchies.ts';

const read = (mounts: string, own: string, controllers: Readonly<Record<string, string>> = {}) =>
  readHierarchies(mounts, own, (mount) => controllers[mount] ?? '');

test('version 1: options of a mount that are controllers, be they together or apart; a name is none', () => {
  const mounts = `tmpfs /sys/fs/cgroup tmpfs ro,nosuid,mode=755 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,xattr,name=systemd 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
`;
  assert.equal(read(mounts, '4:memory:/a\n3:cpu,cpuacct:/\n1:name=systemd:/\n'), [
    { version: 1, mount: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
    { version: 1, mount: '/sys/fs/cgroup/memory', controllers: ['memory'] },
  ]);
});

test('version 2: controllers are in a file of the mount', () => {
  const mounts = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate,memory_recursiveprot 0 0\n';
  assert.equal(read(mounts, '0::/user.slice\n', { '/sys/fs/cgroup': 'cpuset cpu io memory pids\n' }), [
    { version: 2, mount: '/sys/fs/cgroup', controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'] },
  ]);
});

test('both side by side; what is mounted twice counts once', () => {
  const mounts = `cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
cgroup /elsewhere/cpu cgroup rw,relatime,cpu 0 0
cgroup2 /elsewhere/unified cgroup2 rw,relatime 0 0
`;
  assert.equal(read(mounts, '1:cpu:/\n0::/\n', { '/sys/fs/cgroup/unified': 'hugetlb' }), [
    { version: 1, mount: '/sys/fs/cgroup/cpu', controllers: ['cpu'] },
    { version: 2, mount: '/sys/fs/cgroup/unified', controllers: ['hugetlb'] },
  ]);
});

test('a mount of version 2 that has no controllers, for all are with version 1', () => {
  const mounts = `cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
`;
  assert.equal(read(mounts, '1:cpu:/\n0::/\n', { '/sys/fs/cgroup/unified': '\n' }), [
    { version: 1, mount: '/sys/fs/cgroup/cpu', controllers: ['cpu'] },
    { version: 2, mount: '/sys/fs/cgroup/unified', controllers: [] },
  ]);
});

test('a mount point with a blank in its name', () => {
  assert.equal(read('cgroup /a\\040b cgroup rw,cpu 0 0\n', '1:cpu:/\n'), [
    { version: 1, mount: '/a b', controllers: ['cpu'] },
  ]);
});

test('nothing where there is nothing', () => {
  assert.equal(read('', ''), []);
});

test.run();
