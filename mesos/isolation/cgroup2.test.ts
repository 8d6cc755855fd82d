/**
 * Version 2. Few machines give it controllers beside version 1, so what is read and written is tested on a folder that looks like
 * a mount of it; its kill is tested for real in cgroups.test.ts, wherever version 2 is mounted.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCgroups } from './cgroupRoot.ts';
import { type Group, limitGroup, makeGroup } from './group.ts';

interface World {
  mount: string;
  group: Group;
  switchedOn: readonly string[];
  file(name: string): string;
}

const test = suite<World>('version 2');
const MIB = 1_048_576;

test.before.each((world) => {
  world.mount = mkdtempSync(join(tmpdir(), 'cgroup2-'));
  // The kernel has them in every group; here, those that are read must be made.
  writeFileSync(join(world.mount, 'cgroup.subtree_control'), 'cpu\n');
  const found = findCgroups('a/mesos', [
    { version: 2, mount: world.mount, controllers: ['cpuset', 'cpu', 'memory', 'pids'] },
  ]);
  if (found.is === 'unusable') throw new Error(found.why);
  assert.is(found.what, 'version 2');
  world.switchedOn = ['.', 'a', 'a/mesos'].map((group) =>
    readFileSync(join(world.mount, group, 'cgroup.subtree_control'), 'utf8'),
  );
  world.group = makeGroup(found.root, 'c1');
  const folder = join(world.mount, 'a/mesos/c1');
  world.file = (name) => readFileSync(join(folder, name), 'utf8');
  const initial = {
    'memory.max': 'max\n',
    'memory.current': '0\n',
    'memory.stat': 'anon 0\nfile 0\nshmem 0\n',
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    'memory.swap.max': 'max\n',
  };
  for (const [name, text] of Object.entries(initial)) writeFileSync(join(folder, name), text);
});
test.after.each(({ mount }) => rmSync(mount, { recursive: true }));

const set = ({ mount }: { mount: string }, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(mount, 'a/mesos/c1', name), text);
};

test('controllers are switched on in every group above, and only what is missing', ({ switchedOn }) => {
  assert.equal(switchedOn, ['+memory +pids', '+cpu +memory +pids', '+cpu +memory +pids']);
});

test('there is one way into the group, and processors are shared by weight', ({ mount, group, file }) => {
  assert.equal(group.entrances, [join(mount, 'a/mesos/c1/cgroup.procs')]);
  limitGroup(group, { cpus: 2.5 }, { hasCpuQuota: false });
  assert.is(file('cpu.weight'), '250');
  limitGroup(group, { cpus: 1_000 }, { hasCpuQuota: false });
  assert.is(file('cpu.weight'), '10000');
  limitGroup(group, {}, { hasCpuQuota: false });
  assert.is(file('cpu.weight'), '1');
  assert.throws(() => file('cpu.max'), /ENOENT/);
});

test('a quota is in microseconds of a period; who holds no processor can still take a task', ({
  group,
  file,
}) => {
  limitGroup(group, { cpus: 0.5 }, { hasCpuQuota: true });
  assert.is(file('cpu.max'), '50000 100000');
  limitGroup(group, { cpus: 0.001 }, { hasCpuQuota: true });
  assert.is(file('cpu.max'), '1000 100000');
  limitGroup(group, {}, { hasCpuQuota: true });
  assert.is(file('cpu.max'), '10000 100000');
});

test('memory is limited without swap, and out of memory all of the group ends', ({ group, file }) => {
  assert.ok(limitGroup(group, { mem: 64 }, { hasCpuQuota: false }));
  assert.is(file('memory.max'), `${64 * MIB}`);
  assert.is(file('memory.swap.max'), '0');
  assert.is(file('memory.oom.group'), '1');
});

test('a limit is raised at once, and lowered when nobody dies of it', (world) => {
  const { group, file } = world;
  const limit = (mem: number): boolean => limitGroup(group, { mem }, { hasCpuQuota: false });
  set(world, { 'memory.max': `${64 * MIB}\n`, 'memory.current': `${40 * MIB}\n` });
  assert.ok(limit(128));
  assert.is(file('memory.max'), `${128 * MIB}`);
  assert.not(limit(41));
  assert.is(file('memory.max'), `${128 * MIB}`);
  // Files that are cached do not count, those of a memory file system do.
  set(world, { 'memory.stat': `anon ${10 * MIB}\nfile ${30 * MIB}\nshmem ${5 * MIB}\n` });
  assert.not(limit(16));
  assert.ok(limit(17));
  assert.is(file('memory.max'), `${17 * MIB}`);
});

test('usage is the time of its processors, and memory without the page cache', (world) => {
  set(world, {
    'cpu.stat': 'usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n',
    'memory.current': `${40 * MIB}\n`,
    'memory.stat': `anon ${10 * MIB}\nfile ${30 * MIB}\nshmem ${5 * MIB}\n`,
  });
  assert.equal(world.group.usage(), { cpuSeconds: 1.5, memBytes: 15 * MIB });
});

test('what was killed for memory is counted', (world) => {
  assert.is(world.group.memory.kills(), 0);
  set(world, { 'memory.events': 'oom 4\noom_kill 3\noom_group_kill 1\n', 'memory.peak': `${17 * MIB}\n` });
  assert.is(world.group.memory.kills(), 3);
  assert.is(world.group.memory.peakBytes(), 17 * MIB);
});

test('the number of processes is limited', ({ group, file }) => {
  group.pids?.limit(100);
  assert.is(file('pids.max'), '100');
});

test('a machine without a controller for memory is told so', ({ mount }) => {
  const found = findCgroups('mesos', [{ version: 2, mount: join(mount, 'none'), controllers: ['cpu'] }]);
  assert.match(found.is === 'unusable' ? found.why : '', /lack memory;/);
});

test('who may not make the root group is told how to be given it', ({ mount }) => {
  writeFileSync(join(mount, 'file'), '');
  const at = join(mount, 'file');
  const found = findCgroups('mesos', [{ version: 2, mount: at, controllers: ['cpu', 'memory'] }]);
  assert.match(
    found.is === 'unusable' ? found.why : '',
    /ENOTDIR.*as root run 'mkdir -p \S+file\/mesos && chown -R \d+ \S+file\/mesos', switch on cpu, memory and pids/,
  );
});

test('groups in a group are removed with it, first the innermost', async () => {
  const mount = mkdtempSync(join(tmpdir(), 'cgroup2-'));
  const found = findCgroups('mesos', [{ version: 2, mount, controllers: ['cpu', 'memory'] }]);
  if (found.is === 'unusable') throw new Error(found.why);
  const group = makeGroup(found.root, 'c1');
  mkdirSync(join(mount, 'mesos/c1/x/y'), { recursive: true });
  assert.ok(await group.remove());
  rmSync(mount, { recursive: true });
});

test.run();
