/** What a slave leaves in control groups: its successor finds it again, or removes it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Exit } from './isolation.ts';
import { sandboxOf } from './sandbox.ts';
import { groupIn, inGroups, launcher, MIB, ROOT, read, runWithGroups } from './testCgroups.ts';
import { firstSaid, isAlive, linesOf, shellSpec, start, until } from './testContainers.ts';

const test = inGroups('what a slave leaves in control groups');

test('a slave that was killed: its successor finds one container again, and removes the other', async ({
  isolation,
  workDir,
  root,
}) => {
  const child = launcher(workDir, ROOT, ['echo $$; exec sleep 1000', 'echo $$; exec sleep 1000']);
  const { states } = (await firstSaid(child.stdout)) as { states: unknown[] };
  const specs = ['c0', 'c1'].map((id) => shellSpec('', {}, id));
  const pids = await Promise.all(
    specs.map(async (spec) => Number((await linesOf(sandboxOf(workDir, spec), 1))[0])),
  );
  child.kill('SIGKILL');

  const exited = Promise.withResolvers<Exit>();
  const container = isolation.recover(shellSpec('', {}, 'c0'), states[0], { exited: exited.resolve });
  assert.equal(container.state, states[0]);
  assert.is(await isolation.removeOrphans(), 1);
  assert.equal(pids.map(isAlive), [true, false]);
  assert.is(await isolation.removeOrphans(), 0);

  container.update?.({ cpus: 1, mem: 64 });
  const limitFile = root.memory.version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
  assert.is(read(groupIn(root.memory), limitFile), `${64 * MIB}`);
  assert.ok((container.usage?.()?.memBytes ?? 0) > 0);
  container.destroy();
  const exit = await exited.promise;
  assert.is(exit.status, -1);
  assert.match(exit.message ?? '', /nobody knows how/);
  assert.equal(pids.map(isAlive), [false, false]);
});

test('a container that ended while there was no slave is told so, and what it left is ended', async ({
  isolation,
  workDir,
}) => {
  const child = launcher(workDir, ROOT, [
    'setsid sleep 1000 & echo $!; until [ -e go ]; do sleep 0.02; done',
  ]);
  const { states } = (await firstSaid(child.stdout)) as { states: { pid: number }[] };
  const sandbox = sandboxOf(workDir, shellSpec('', {}, 'c0'));
  const [left] = await linesOf(sandbox, 1);
  child.kill('SIGKILL');
  writeFileSync(join(sandbox, 'go'), '');
  await until(() => !isAlive(states[0]?.pid ?? 0));
  const exited = Promise.withResolvers<Exit>();
  isolation.recover(shellSpec('', {}, 'c0'), states[0], { exited: exited.resolve });
  assert.is((await exited.promise).status, -1);
  assert.not(isAlive(Number(left)));
});

test('a state that nobody can read is told as an exit', async ({ isolation }) => {
  for (const state of [undefined, {}, { pid: 1, startTicks: 1, bootId: '' }, 'x']) {
    const exited = Promise.withResolvers<Exit>();
    isolation.recover(shellSpec(''), state, { exited: exited.resolve });
    assert.match((await exited.promise).message ?? '', /cannot be found again/);
  }
});

test('groups of a slave with another work folder are left alone', async ({ open, isolation, workDir }) => {
  const { container, exit } = start(isolation, workDir, shellSpec('sleep 1000'));
  const other = mkdtempSync(join(tmpdir(), 'cgroups-'));
  assert.is(await open({ workDir: other }).removeOrphans(), 0);
  assert.ok(container.usage?.());
  container.destroy();
  await exit;
  rmSync(other, { recursive: true });
});

runWithGroups(test);
