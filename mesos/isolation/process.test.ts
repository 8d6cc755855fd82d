import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerSpec, Exit } from './isolation.ts';
import { processIsolation } from './process.ts';
import { sandboxOf } from './sandbox.ts';

const test = suite<{ workDir: string }>('process isolation');

test.before.each((context) => {
  context.workDir = mkdtempSync(join(tmpdir(), 'isolation-'));
});
test.after.each(({ workDir }) => rmSync(workDir, { recursive: true }));

const spec = (value: string, shell = true): ContainerSpec => ({
  containerId: 'c1',
  frameworkId: 'f1',
  slaveId: 's1',
  slave: 'slave@127.0.0.1:5051',
  executorInfo: {
    executorId: 'e1',
    name: 'test',
    command: { shell, value, arguments: [value], environment: { COLOUR: 'blue' } },
    resources: {},
  },
  shutdownGraceMs: 5_000,
});

const run = (workDir: string, what: ContainerSpec, secret?: string): Promise<Exit> =>
  new Promise((resolve) => {
    processIsolation({ workDir, ...(secret && { secret }) }).launch(what, resolve);
  });

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('an executor runs in its sandbox with the variables that Mesos gives, and its output is kept', async ({
  workDir,
}) => {
  const what = spec(
    'pwd; echo $MESOS_EXECUTOR_ID $COLOUR $MESOS_EXECUTOR_AUTHENTICATION_TOKEN; echo oh >&2; exit 3',
  );
  assert.equal(await run(workDir, what, 'hush'), { status: 3 });
  const sandbox = sandboxOf(workDir, what);
  assert.is(readFileSync(join(sandbox, 'stdout'), 'utf8'), `${sandbox}\ne1 blue hush\n`);
  assert.is(readFileSync(join(sandbox, 'stderr'), 'utf8'), 'oh\n');
});

test('a program that does not exist is told as an exit with a reason', async ({ workDir }) => {
  const exit = await run(workDir, spec('/no/such/program', false));
  assert.is(exit.status, 127);
  assert.match(exit.message ?? '', /cannot be started/);
});

test('a sandbox that cannot be made is told as an exit with a reason', async ({ workDir }) => {
  writeFileSync(join(workDir, 'slaves'), 'in the way');
  const exit = await run(workDir, spec('true'));
  assert.is(exit.status, 126);
  assert.match(exit.message ?? '', /sandbox/);
});

test('destroying a container ends every process in it', async ({ workDir }) => {
  const isolation = processIsolation({ workDir });
  const what = spec('sleep 1000 & echo $!; echo $$; wait');
  let container: { destroy(): void } | undefined;
  const exit = await new Promise<Exit>((resolve) => {
    container = isolation.launch(what, resolve);
    const poll = setInterval(() => {
      const lines = readFileSync(join(sandboxOf(workDir, what), 'stdout'), 'utf8').split('\n');
      if (lines.length < 3) return;
      clearInterval(poll);
      container?.destroy();
    }, 5);
  });
  assert.is(exit.status, 137);
  const [child] = readFileSync(join(sandboxOf(workDir, what), 'stdout'), 'utf8')
    .split('\n')
    .map(Number);
  await isolation.close();
  while (isAlive(child as number)) await new Promise(setImmediate);
});

test('what an executor leaves behind ends with it', async ({ workDir }) => {
  const what = spec('sleep 1000 & echo $!');
  assert.equal(await run(workDir, what), { status: 0 });
  const child = Number(readFileSync(join(sandboxOf(workDir, what), 'stdout'), 'utf8'));
  while (isAlive(child)) await new Promise(setImmediate);
});

test.run();
