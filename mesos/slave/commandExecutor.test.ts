import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Executor, ExecutorDriver } from '../driver/executor.ts';
import { isAlive, until } from '../isolation/testContainers.ts';
import { commandExecutorInfo } from '../protocol/commandTask.ts';
import type { CommandInfo, TaskInfo } from '../protocol/entities.ts';
import { happen } from '../runtime/actor.ts';
import { commandExecutor } from './commandExecutor.ts';

interface World {
  folder: string;
  executor: Executor;
  /** State and message of every update. */
  told: string[];
  /** Resolves when the executor has said that it is done. */
  done: Promise<void>;
  /** Waits for so many updates. */
  tells(count: number): Promise<readonly string[]>;
  /** What the command has written, by lines, when there are so many. */
  lines(count: number): Promise<readonly string[]>;
  end: AbortController;
}

const test = suite<World>('the executor of a command');

test.before.each((world) => {
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  const told: string[] = [];
  const done = Promise.withResolvers<void>();
  const driver: ExecutorDriver = {
    random: { uniform: () => 0.5, uint32: () => 1 },
    now: () => performance.now(),
    after(delay, due) {
      const timer = setTimeout(() => happen(due), delay);
      return { cancel: () => clearTimeout(timer) };
    },
    record: () => undefined,
    sendStatus: (_id, state, detail) => void told.push(`${state}: ${detail?.message}`),
    sendFrameworkMessage: () => undefined,
    stop: done.resolve,
  };
  const end = new AbortController();
  const environment = {
    PATH: process.env.PATH,
    OUT: join(folder, 'out'),
    COLOUR: 'blue',
    MESOS_SANDBOX: folder,
    MESOS_EXECUTOR_AUTHENTICATION_TOKEN: 'hush',
    NODE_COMPILE_CACHE: '/somewhere',
  };
  const executor = commandExecutor({ environment, shutdownGraceMs: 5_000, ending: end.signal })(driver);
  const lines: World['lines'] = async (count) => {
    let found: readonly string[] = [];
    await until(() => {
      try {
        found = readFileSync(join(folder, 'out'), 'utf8').split('\n').slice(0, -1);
      } catch {
        // It has not written yet.
      }
      return found.length >= count;
    });
    return found;
  };
  const tells: World['tells'] = async (count) => {
    await until(() => told.length >= count);
    return told;
  };
  Object.assign(world, { folder, executor, told, done: done.promise, tells, lines, end });
});
test.after.each(({ folder, end }) => {
  end.abort();
  rmSync(folder, { recursive: true });
});

function commandTask(command: Partial<CommandInfo>, more: Partial<TaskInfo> = {}): TaskInfo {
  const whole = { shell: true, value: '', arguments: [], environment: {}, ...command };
  const [name, resources] = ['t', { cpus: 1 }];
  return {
    name,
    taskId: 't',
    slaveId: 's',
    resources,
    command: whole,
    executor: commandExecutorInfo('t', whole),
    ...more,
  };
}

const shell = (value: string, more: Partial<TaskInfo> = {}): TaskInfo => commandTask({ value }, more);

test('a command runs, and its status is told', async ({ executor, tells, done }) => {
  executor.launchTask(shell('exit 0'));
  await done;
  assert.equal(await tells(2), ['TASK_RUNNING: undefined', 'TASK_FINISHED: Command exited with status 0']);
});

for (const [what, line, message] of [
  ['that fails', 'exit 3', 'Command exited with status 3'],
  ['that somebody kills', 'kill -KILL $$', 'Command terminated with signal SIGKILL'],
] as const)
  test(`a command ${what} has failed`, async ({ executor, tells, done }) => {
    executor.launchTask(shell(line));
    await done;
    assert.is((await tells(2))[1], `TASK_FAILED: ${message}`);
  });

test('a program is found by the path, and given its arguments as they are', async ({ executor, lines }) => {
  const script = 'echo "$0|$1|$2" >> "$OUT"';
  executor.launchTask(
    commandTask({ shell: false, value: 'sh', arguments: ['sh', '-c', script, 'zero', '$HOME *', ''] }),
  );
  assert.equal(await lines(1), ['zero|$HOME *|']);
});

test('a command has the environment of its executor and its own, and not what is for the executor alone', async ({
  executor,
  lines,
  folder,
}) => {
  const names = 'MESOS_EXECUTOR_AUTHENTICATION_TOKEN NODE_COMPILE_CACHE COLOUR SIZE MESOS_SANDBOX';
  const value = `for n in ${names}; do eval echo $n=\\$$n; done >> "$OUT"`;
  const environment = { COLOUR: 'red', SIZE: 'large', MESOS_SANDBOX: '/elsewhere' };
  executor.launchTask(commandTask({ value, environment }));
  assert.equal(await lines(5), [
    'MESOS_EXECUTOR_AUTHENTICATION_TOKEN=',
    'NODE_COMPILE_CACHE=',
    'COLOUR=red',
    'SIZE=large',
    `MESOS_SANDBOX=${folder}`,
  ]);
});

test('what cannot be started is told', async ({ tells, executor, done }) => {
  executor.launchTask(commandTask({ shell: false, value: 'no-such-program', arguments: [] }));
  await done;
  assert.equal(await tells(1), [
    "TASK_FAILED: The command cannot be started: there is no program 'no-such-program'",
  ]);
});

for (const [what, command, why] of [
  ['is not executable', { shell: false, value: '/etc' }, /not a program that this user may run/],
  ['is empty', { shell: false, value: '' }, /./],
  ['has a zero in it', { value: 'echo \0' }, /null bytes/],
] as const)
  test(`a command that ${what} is told`, async ({ tells, executor, done }) => {
    executor.launchTask(commandTask(command));
    await done;
    const [said = ''] = await tells(1);
    assert.match(said, /^TASK_FAILED: The command cannot be started: /);
    assert.match(said, why);
  });

test('a task without a command fails', async ({ tells, executor, done }) => {
  const { command: _none, ...task } = shell('');
  executor.launchTask(task);
  await done;
  assert.equal(await tells(1), ['TASK_FAILED: The command cannot be started: the task has none']);
});

test('it runs one task', async ({ tells, executor, told, done }) => {
  executor.launchTask(shell('sleep 1000'));
  await tells(1);
  executor.launchTask(shell('true', { taskId: 'u' }));
  assert.match(told[1] ?? '', /^TASK_FAILED: .* runs one task/);
  executor.killTask('t', 0);
  await done;
});

test('a command that is told to end does so with all of its group', async ({
  tells,
  executor,
  lines,
  done,
}) => {
  executor.launchTask(shell('sleep 1000 & echo $! >> "$OUT"; sleep 1000'));
  const [child] = await lines(1);
  executor.killTask('other');
  executor.killTask('t');
  await done;
  assert.is((await tells(2))[1], 'TASK_KILLED: Command terminated with signal SIGTERM');
  await until(() => !isAlive(Number(child)));
});

test('one that ends in good order when it is told to was killed, too', async ({
  tells,
  executor,
  lines,
  done,
}) => {
  executor.launchTask(shell('trap "exit 0" TERM; echo >> "$OUT"; while :; do sleep 0.01; done'));
  await lines(1);
  executor.killTask('t');
  await done;
  assert.is((await tells(2))[1], 'TASK_KILLED: Command exited with status 0');
});

const STUBBORN = 'trap "" TERM; echo >> "$OUT"; while :; do sleep 0.01; done';

test('one that does not is killed after its grace, or that of the order, whichever is over first', async (world) => {
  const { tells, executor, lines, done } = world;
  executor.launchTask(shell(STUBBORN, { killGraceMs: 1e6 }));
  await lines(1);
  executor.killTask('t');
  executor.killTask('t', 30);
  executor.killTask('t', 1e6);
  await done;
  assert.is((await tells(2))[1], 'TASK_KILLED: Command terminated with signal SIGKILL');
});

test('what a command leaves behind in its group ends with it', async ({ executor, lines, done }) => {
  executor.launchTask(shell('sleep 1000 & echo $! >> "$OUT"'));
  const [child] = await lines(1);
  await done;
  await until(() => !isAlive(Number(child)));
});

test('an executor that is told to end waits for its command, which has its grace', async (world) => {
  const { tells, executor, lines } = world;
  executor.launchTask(shell(STUBBORN, { killGraceMs: 30 }));
  await lines(1);
  await executor.shutdown();
  assert.is((await tells(2))[1], 'TASK_KILLED: Command terminated with signal SIGKILL');
  assert.is(executor.shutdown(), undefined);
});

test('one without a command has nothing to wait for', ({ executor }) => {
  assert.is(executor.shutdown(), undefined);
});

test('a command ends with the process of its executor', async ({ tells, executor, lines, done, end }) => {
  executor.launchTask(shell(STUBBORN));
  await lines(1);
  end.abort();
  await done;
  assert.is((await tells(2))[1], 'TASK_FAILED: Command terminated with signal SIGKILL');
});

test.run();
