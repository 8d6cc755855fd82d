import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerSpec, Exit } from './isolation.ts';
import { processIsolation } from './process.ts';
import { identityOf, type ProcessIdentity } from './processTable.ts';
import { sandboxOf } from './sandbox.ts';
import { firstSaid, isAlive, linesOf, programSpec, shellSpec, start, until } from './testContainers.ts';

const test = suite<{ workDir: string }>('process isolation');

test.before.each((context) => {
  context.workDir = mkdtempSync(join(tmpdir(), 'isolation-'));
});
test.after.each(({ workDir }) => rmSync(workDir, { recursive: true }));

const run = (workDir: string, what: ContainerSpec, token?: string): Promise<Exit> => {
  const environment = (): Readonly<Record<string, string>> =>
    token === undefined ? {} : { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: token };
  return start(processIsolation({ workDir, environment }), workDir, what).exit;
};

test('an executor runs in its sandbox with the variables that Mesos gives, and its output is kept', async ({
  workDir,
}) => {
  const what = shellSpec(
    'pwd; echo $MESOS_EXECUTOR_ID $COLOUR $MESOS_EXECUTOR_AUTHENTICATION_TOKEN; echo oh >&2; exit 3',
  );
  assert.equal(await run(workDir, what, 'hush'), { status: 3 });
  const sandbox = sandboxOf(workDir, what);
  assert.is(readFileSync(join(sandbox, 'stdout'), 'utf8'), `${sandbox}\ne1 blue hush\n`);
  assert.is(readFileSync(join(sandbox, 'stderr'), 'utf8'), 'oh\n');
});

test('an executor is told of its slave and its framework, and how long it may be without', async ({
  workDir,
}) => {
  const spec = shellSpec('env | grep ^MESOS_ | sort');
  const variables = async (what: ContainerSpec): Promise<Readonly<Record<string, string>>> => {
    assert.equal(await run(workDir, what), { status: 0 });
    const text = readFileSync(join(sandboxOf(workDir, what), 'stdout'), 'utf8');
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  };
  const sandbox = sandboxOf(workDir, spec);
  const plain = {
    MESOS_AGENT_ENDPOINT: '127.0.0.1:5051',
    MESOS_CHECKPOINT: '0',
    MESOS_CONTAINER_ID: 'c1',
    MESOS_DIRECTORY: sandbox,
    MESOS_EXECUTOR_ID: 'e1',
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
    MESOS_FRAMEWORK_ID: 'f1',
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_SANDBOX: sandbox,
    MESOS_SLAVE_ID: 's1',
    MESOS_SLAVE_PID: 'slave@127.0.0.1:5051',
  };
  assert.equal(await variables(spec), plain);
  const other = { ...spec, containerId: 'c2', recoveryTimeoutMs: 900_000 };
  const itsSandbox = sandboxOf(workDir, other);
  assert.equal(await variables(other), {
    ...plain,
    MESOS_CONTAINER_ID: 'c2',
    MESOS_DIRECTORY: itsSandbox,
    MESOS_SANDBOX: itsSandbox,
    MESOS_CHECKPOINT: '1',
    MESOS_RECOVERY_TIMEOUT: '900secs',
    MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
  });
});

test('what no process can be given is told as such', async ({ workDir }) => {
  const { executorInfo, ...spec } = shellSpec('true');
  const environment = { COLOUR: 'bl\0ue' };
  const command = { ...executorInfo.command, environment };
  const { status, message = '' } = await run(workDir, {
    ...spec,
    executorInfo: { ...executorInfo, command },
  });
  assert.is(status, 127);
  assert.match(message, /^The executor cannot be started: .*COLOUR/);
});

test('a program that does not exist is told as an exit with a reason', async ({ workDir }) => {
  const exit = await run(workDir, programSpec('/no/such/program'));
  assert.is(exit.status, 127);
  assert.match(exit.message ?? '', /cannot be started/);
});

test('a sandbox that cannot be made is told as an exit with a reason', async ({ workDir }) => {
  writeFileSync(join(workDir, 'slaves'), 'in the way');
  const exit = await run(workDir, shellSpec('true'));
  assert.is(exit.status, 126);
  assert.match(exit.message ?? '', /sandbox/);
});

test('the link latest leads to the newest sandbox of an executor', async ({ workDir }) => {
  const first = shellSpec('true', {}, 'c1');
  const second = shellSpec('true', {}, 'c2');
  for (const what of [first, second]) {
    assert.equal(await run(workDir, what), { status: 0 });
    assert.is(readlinkSync(join(sandboxOf(workDir, what), '../latest')), what.containerId);
  }
});

test('destroying a container ends every process in it', async ({ workDir }) => {
  const isolation = processIsolation({ workDir });
  const { container, exit, lines } = start(
    isolation,
    workDir,
    shellSpec('sleep 1000 & echo $!; echo $$; wait'),
  );
  const [child] = await lines(2);
  container.destroy();
  assert.equal(await exit, { status: 137 });
  await isolation.close();
  await until(() => !isAlive(Number(child)));
});

test('what an executor leaves behind ends with it', async ({ workDir }) => {
  const what = shellSpec('sleep 1000 & echo $!');
  assert.equal(await run(workDir, what), { status: 0 });
  const child = Number(readFileSync(join(sandboxOf(workDir, what), 'stdout'), 'utf8'));
  await until(() => !isAlive(child));
});

test('what has left the session ends with the executor, whether that is destroyed or ends', async ({
  workDir,
}) => {
  for (const [n, end] of ['wait', 'exit 0'].entries()) {
    const line = `setsid sh -c 'setsid sleep 1000 & echo $!; echo $$; wait' & until [ -e go ]; do sleep 0.01; done; ${end}`;
    const what = shellSpec(line, {}, `c${n}`);
    const { container, exit, lines } = start(processIsolation({ workDir }), workDir, what);
    const pids = (await lines(2)).map(Number);
    writeFileSync(join(sandboxOf(workDir, what), 'go'), '');
    if (end === 'wait') container.destroy();
    await exit;
    await until(() => !pids.some(isAlive));
  }
});

test('usage is that of all processes of the session and of what has left it with its parents alive', async ({
  workDir,
}) => {
  const busy = 'x=$(head -c 20000000 /dev/zero | tr "\\0" x); echo; while :; do :; done';
  const running = start(
    processIsolation({ workDir }),
    workDir,
    shellSpec(`setsid sh -c '${busy}' & (${busy}) & wait`),
  );
  await running.lines(2);
  await until(() => (running.container.usage?.()?.cpuSeconds ?? 0) >= 0.2);
  const usage = running.container.usage?.();
  assert.ok((usage?.memBytes ?? 0) > 40e6, `${usage?.memBytes}`);
  running.container.destroy();
  await running.exit;
  assert.is(running.container.usage?.(), undefined);
});

/** A slave, in a process of its own: launches a line of shell and says the state of its container. */
const LAUNCHER = `
  const [, workDir, line] = process.argv;
  const { processIsolation } = await import(${JSON.stringify(import.meta.resolve('./process.ts'))});
  const { shellSpec } = await import(${JSON.stringify(import.meta.resolve('./testContainers.ts'))});
  const { state } = processIsolation({ workDir }).launch(shellSpec(line), { exited() {} });
  console.log(JSON.stringify(state));`;

/** Launches as a slave that is killed when the executor has written a line; gives the container's state. */
async function launchAndDie(workDir: string, line: string): Promise<ProcessIdentity> {
  const args = ['--input-type=module', '--eval', LAUNCHER, workDir, line];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const state = (await firstSaid(child.stdout)) as ProcessIdentity;
  await linesOf(sandboxOf(workDir, shellSpec('')), 1);
  child.kill('SIGKILL');
  return state;
}

const recover = (workDir: string, state: unknown) => {
  const { promise: exit, resolve } = Promise.withResolvers<Exit>();
  const isolation = processIsolation({ workDir });
  return { isolation, container: isolation.recover(shellSpec(''), state, { exited: resolve }), exit };
};

test('an executor whose slave was killed is found again, measured, and ended', async ({ workDir }) => {
  const state = await launchAndDie(workDir, 'sleep 1000 & echo $!; wait');
  const { container, exit } = recover(workDir, state);
  assert.equal(container.state, state);
  assert.ok((container.usage?.()?.memBytes ?? 0) > 0);
  container.destroy();
  const { status, message } = await exit;
  assert.is(status, -1);
  assert.match(message ?? '', /nobody knows how: the slave that started it was not there/);
  const [child] = await linesOf(sandboxOf(workDir, shellSpec('')), 1);
  await until(() => !isAlive(Number(child)));
});

test('one that ended meanwhile is told as an exit, and what it left behind is ended', async ({ workDir }) => {
  const state = await launchAndDie(workDir, 'sleep 1000 & echo $!; until [ -e go ]; do sleep 0.02; done');
  const sandbox = sandboxOf(workDir, shellSpec(''));
  writeFileSync(join(sandbox, 'go'), '');
  await until(() => !isAlive(state.pid));
  assert.is((await recover(workDir, state).exit).status, -1);
  const [child] = await linesOf(sandbox, 1);
  await until(() => !isAlive(Number(child)));
});

test('closing waits for executors that were found again', async ({ workDir }) => {
  const state = await launchAndDie(workDir, 'echo; exec sleep 1000');
  const { isolation, exit } = recover(workDir, state);
  await isolation.close();
  assert.is((await exit).status, -1);
  assert.not(isAlive(state.pid));
});

test('another process that has its number by now is not taken for it', async ({ workDir }) => {
  const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const itself = identityOf(bystander.pid ?? 0) as ProcessIdentity;
  for (const state of [
    { ...itself, startTicks: itself.startTicks - 1 },
    { ...itself, bootId: 'another' },
  ]) {
    const { container, exit } = recover(workDir, state);
    container.destroy();
    assert.is((await exit).status, -1);
  }
  assert.ok(isAlive(itself.pid));
  bystander.kill('SIGKILL');
});

test('a state that nobody can read is told as an exit', async ({ workDir }) => {
  assert.match((await recover(workDir, { pid: 'x' }).exit).message ?? '', /cannot be found again/);
});

test.run();
