/** For real, in control groups of this machine, as root. As another user: that it says why it cannot. */
import { chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as assert from 'uvu/assert';
import type { Exit } from './isolation.ts';
import { sandboxOf } from './sandbox.ts';
import { groupIn, inGroups, launcher, MIB, NOBODY, ROOT, read, runWithGroups } from './testCgroups.ts';
import { isAlive, linesOf, programSpec, shellSpec, start, until } from './testContainers.ts';

const test = inGroups('isolation by control groups');

test('an executor is in its groups before it does anything', async ({ isolation, workDir, root }) => {
  const running = start(isolation, workDir, shellSpec('cat /proc/self/cgroup'));
  assert.equal(await running.exit, { status: 0 });
  const own = await running.lines(1);
  for (const { folder, mount } of [root.cpu, root.cpuacct, root.memory])
    assert.ok(
      own.some((line) => line.includes(`${folder.slice(mount.length)}/`)),
      own.join(' '),
    );
});

test('a program that does not exist, or may not be run, is told as an exit with a reason', async ({
  isolation,
  workDir,
}) => {
  const exit = await start(isolation, workDir, programSpec('/no/such/program')).exit;
  assert.is(exit.status, 127);
  assert.match(exit.message ?? '', /cannot be started: there is no program \/no\/such\/program/);
  const impossible = await start(isolation, workDir, programSpec('/bin/echo', 'echo', 'no\0argument')).exit;
  assert.is(impossible.status, 127);
  assert.match(impossible.message ?? '', /^The executor cannot be started: .*without null bytes/);
});

test('a program may go by another name than its own', async ({ isolation, workDir }) => {
  const running = start(
    isolation,
    workDir,
    programSpec('/bin/sh', 'nickname', '-c', 'echo $0 "$1"', 'a', 'b c'),
  );
  assert.equal(await running.exit, { status: 0 });
  assert.equal(await running.lines(1), ['a b c']);
});

test('shares of the processor and the limit of memory follow what the container holds', async ({
  isolation,
  workDir,
  root,
}) => {
  const { container, exit } = start(isolation, workDir, shellSpec('sleep 1000', { cpus: 0.5, mem: 32 }));
  const limits = () =>
    root.cpu.version === 1
      ? [read(groupIn(root.cpu), 'cpu.shares'), read(groupIn(root.memory), 'memory.limit_in_bytes')]
      : [read(groupIn(root.cpu), 'cpu.weight'), read(groupIn(root.memory), 'memory.max')];
  const shares = (v1: number, v2: number): string => `${root.cpu.version === 1 ? v1 : v2}`;
  assert.equal(limits(), [shares(512, 50), `${32 * MIB}`]);
  container.update?.({ cpus: 2.5, mem: 64 });
  assert.equal(limits(), [shares(2_560, 250), `${64 * MIB}`]);
  // Without mem, its limit stays; the least share is that of the paper's code.
  container.update?.({});
  assert.equal(limits(), [shares(10, 1), `${64 * MIB}`]);
  container.destroy();
  await exit;
});

test('with a quota, half a processor is half a processor', async ({ open, workDir, root }) => {
  const isolation = open({ hasCpuQuota: true });
  const startMs = performance.now();
  const { container, exit } = start(isolation, workDir, shellSpec('while :; do :; done', { cpus: 0.5 }));
  const usedSeconds = (): number => container.usage?.()?.cpuSeconds ?? 0;
  // Other load may keep it from its quota: then it takes longer to have used so much, and less of each second.
  await until(() => usedSeconds() >= 0.7, 'it has used 0.7 s of a processor', usedSeconds);
  const ratio = usedSeconds() / ((performance.now() - startMs) / 1_000);
  // Above a half only by how coarse periods are.
  assert.ok(ratio < 0.65, `it used ${ratio.toFixed(2)} processors`);
  const group = groupIn(root.cpu);
  assert.is(
    root.cpu.version === 1
      ? `${read(group, 'cpu.cfs_quota_us')} ${read(group, 'cpu.cfs_period_us')}`
      : read(group, 'cpu.max'),
    '50000 100000',
  );
  container.destroy();
  assert.equal(await exit, { status: 137 });
});

test('an executor that takes more memory than its limit is killed, and the reason is told', async ({
  isolation,
  workDir,
}) => {
  const exit = await start(isolation, workDir, shellSpec('exec tail /dev/zero', { mem: 40 })).exit;
  assert.is(exit.status, 137);
  assert.is(exit.reason, 'REASON_CONTAINER_LIMITATION_MEMORY');
  assert.match(exit.message ?? '', /out of memory: its limit is 40\.0 MiB, and it had used 4?[0-9]\.\d MiB/);
});

test('when a process of it is killed for memory, all of the container ends', async ({
  isolation,
  workDir,
}) => {
  const running = start(
    isolation,
    workDir,
    shellSpec('sleep 1000 & echo $!; tail /dev/zero; wait', { mem: 40 }),
  );
  const exit = await running.exit;
  assert.is(exit.reason, 'REASON_CONTAINER_LIMITATION_MEMORY');
  const [sleeper] = await running.lines(1);
  assert.not(isAlive(Number(sleeper)));
});

test('a limit that is lowered kills nobody: it is in force as soon as usage permits', async ({
  isolation,
  workDir,
  root,
}) => {
  const line =
    'x=$(head -c 40000000 /dev/zero | tr "\\0" x); echo; until [ -e go ]; do sleep 0.02; done; exec sleep 1000';
  const spec = shellSpec(line, { mem: 160 });
  const running = start(isolation, workDir, spec);
  await running.lines(1);
  const limit = (): string =>
    read(groupIn(root.memory), root.memory.version === 1 ? 'memory.limit_in_bytes' : 'memory.max');
  running.container.update?.({ mem: 16 });
  assert.is(limit(), `${160 * MIB}`);
  writeFileSync(join(sandboxOf(workDir, spec), 'go'), '');
  await until(() => limit() === `${16 * MIB}`);
  running.container.destroy();
  assert.equal(await running.exit, { status: 137 });
});

test('usage is what its processes hold, without the page cache', async ({ isolation, workDir }) => {
  const line =
    'head -c 30000000 /dev/zero > file; echo; x=$(head -c 20000000 /dev/zero | tr "\\0" x); echo; sleep 1000';
  const running = start(isolation, workDir, shellSpec(line));
  await running.lines(2);
  const usage = running.container.usage?.();
  assert.ok(usage !== undefined && usage.cpuSeconds > 0);
  // It holds its variable once or twice.
  assert.ok(usage.memBytes >= 20e6 && usage.memBytes < 50e6, `${usage.memBytes}`);
  running.container.destroy();
  await running.exit;
  assert.is(running.container.usage?.(), undefined);
});

test('no more processes than the limit allows', async ({ open, workDir, root }) => {
  assert.ok(root.pids);
  const isolation = open({ pidsMax: 8 });
  const spec = shellSpec('for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1000 & done');
  const exit = await start(isolation, workDir, spec).exit;
  assert.is(exit.status, 2);
  assert.match(read(sandboxOf(workDir, spec), 'stderr'), /[Cc]annot fork/);
});

/** Leaves its process group and session, and its parent. */
const ESCAPES = 'setsid sh -c "setsid sleep 1000 & echo \\$!" & sleep 1000';

for (const way of ['all that there is', 'no cgroup.kill', 'no cgroup.kill and no freezer'] as const)
  test(`a process that leaves its session and its parent does not survive, with ${way}`, async ({
    open,
    workDir,
    root,
  }) => {
    const { unified, freezer, ...rest } = root;
    const more = {
      'all that there is': { unified, freezer },
      'no cgroup.kill': { unified: undefined, freezer },
      'no cgroup.kill and no freezer': { unified: undefined, freezer: undefined },
    }[way];
    const isolation = open({ root: { ...rest, ...more } });
    const running = start(isolation, workDir, shellSpec(ESCAPES));
    const [escaped] = await running.lines(1);
    running.container.destroy();
    assert.equal(await running.exit, { status: 137 });
    assert.not(isAlive(Number(escaped)));
  });

test('what an executor leaves behind ends with it, and groups that it made are removed', async ({
  isolation,
  workDir,
  root,
}) => {
  const inner = (at: { folder: string }): string => `$(ls -d ${at.folder}/*)/inner`;
  const line = `mkdir ${inner(root.memory)}; setsid sleep 1000 & echo $! > ${inner(root.memory)}/cgroup.procs; echo $!`;
  const running = start(isolation, workDir, shellSpec(line));
  assert.equal(await running.exit, { status: 0 });
  const [left] = await running.lines(1);
  assert.not(isAlive(Number(left)));
});

test('destroyed at once after its launch, nothing of it runs', async ({ isolation, workDir }) => {
  const running = start(isolation, workDir, shellSpec('sleep 1000'));
  running.container.destroy();
  assert.is((await running.exit).status, 137);
});

test('a group with processes in it is not taken for a new container', async ({
  open,
  isolation,
  workDir,
}) => {
  const first = start(isolation, workDir, shellSpec('echo; sleep 1000'));
  await first.lines(1);
  const exit = await start(open(), workDir, shellSpec('true')).exit;
  assert.is(exit.status, 126);
  assert.match(exit.message ?? '', /control group cannot be made/);
  first.container.destroy();
  await first.exit;
});

test('another user is told what is missing', async ({ found }) => {
  found.release();
  const workDir = mkdtempSync(join(tmpdir(), 'cgroups-'));
  chownSync(workDir, NOBODY, NOBODY);
  const why = await text(launcher(workDir, ROOT, ['true'], NOBODY).stdout);
  assert.match(
    why,
    /cpu\/?\S*mesos-test.* cannot be used \(EACCES.*start the slave as root, or as root run 'mkdir -p/,
  );
  rmSync(workDir, { recursive: true });
});

test('another user may use groups that root has given him, with all limits', async ({ found, root }) => {
  found.release();
  const workDir = mkdtempSync(join(tmpdir(), 'cgroups-'));
  chownSync(workDir, NOBODY, NOBODY);
  const given = [root.cpu, root.cpuacct, root.memory, ...(root.pids ? [root.pids] : [])].map(
    ({ folder }) => folder,
  );
  const delegated = [...new Set(given)];
  for (const folder of delegated) {
    mkdirSync(folder);
    chownSync(folder, NOBODY, NOBODY);
  }
  const lines = ['id -u; exec tail /dev/zero', `id -u; ${ESCAPES} & sleep 0.1; kill $!`];
  const said = (await text(launcher(workDir, ROOT, lines, NOBODY).stdout)).trim().split('\n');
  if (root.cpu.version === 2) {
    // There he must be in a group below already: nobody may move a process out of what is not his.
    assert.match(said[0] ?? '', /start the slave in a group below/);
    for (const folder of delegated) rmdirSync(folder);
    return rmSync(workDir, { recursive: true });
  }
  const [starved, left] = JSON.parse(said[1] ?? '[]') as Exit[];
  assert.is(starved?.reason, 'REASON_CONTAINER_LIMITATION_MEMORY');
  assert.is(left?.status, 0);
  const [user, escaped] = await linesOf(sandboxOf(workDir, shellSpec('', {}, 'c1')), 2);
  assert.is(user, `${NOBODY}`);
  assert.not(isAlive(Number(escaped)));
  // They are root's, and stay.
  for (const folder of delegated) rmdirSync(folder);
  rmSync(workDir, { recursive: true });
});

runWithGroups(test);
