import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { commandExecutorInfo } from './commandTask.ts';
import {
  type CommandInfo,
  CommandInfoSchema,
  ExecutorInfoSchema,
  isInside,
  type TaskInfo,
  TaskInfoSchema,
} from './entities.ts';
import { launchComplaint } from './launch.ts';

const COMMAND: CommandInfo = {
  shell: true,
  value: 'true',
  arguments: [],
  environment: {},
  uris: [{ value: 'http://host/a.tgz', extract: false, outputFile: 'in/a.tgz' }],
};
const TASK: TaskInfo = {
  name: 't',
  taskId: 't',
  slaveId: 's',
  resources: { cpus: 1 },
  executor: commandExecutorInfo('t', COMMAND),
  command: COMMAND,
  killGraceMs: 0,
  labels: [{ key: 'a' }, { key: 'b', value: 'c' }],
};
const SITE = { slaveId: 's', executors: new Map(), isTask: () => false };

test('a command task and its executor are what the schemas make of them', () => {
  assert.equal(JSON.stringify(v.parse(TaskInfoSchema, TASK)), JSON.stringify(TASK));
  assert.is(launchComplaint(TASK, SITE, { cpus: 1 }), undefined);
});

test('a task has either a command or an executor', () => {
  const { command: _none, ...without } = TASK;
  const { isCommand: _not, ...own } = TASK.executor;
  for (const task of [without, { ...TASK, executor: own }])
    assert.match(launchComplaint(task, SITE, { cpus: 1 }) ?? '', /either a command or an executor/);
});

test('the executor of a command has one task', () => {
  const executors = new Map([['t', TASK.executor]]);
  assert.match(
    launchComplaint(TASK, { ...SITE, executors }, { cpus: 1 }) ?? '',
    /already runs on the slave with the command of another task/,
  );
});

test('an executor is the same in whatever order its properties came', () => {
  const { command: _none, executor, ...task } = TASK;
  const { isCommand: _not, ...own } = executor;
  const reversed = Object.fromEntries(Object.entries(own).reverse()) as typeof own;
  const site = { ...SITE, executors: new Map([['t', own]]) };
  assert.is(launchComplaint({ ...task, executor: reversed }, site, { cpus: 1 }), undefined);
  const other = { ...own, name: 'another' };
  assert.match(
    launchComplaint({ ...task, executor: other }, site, { cpus: 1 }) ?? '',
    /another ExecutorInfo/,
  );
});

test('a path that is taken for one inside leads nowhere else', () => {
  for (const path of ['a', 'a/b', '..a', 'a..', '...', '-rf', ' ', 'ü/~']) assert.ok(isInside(path), path);
  const name = fc.constantFrom('..', '.', '', 'a', '\0', '\n', '\u007f');
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = names.join('/');
      assert.is(
        isInside(path),
        names.every((each) => each === 'a'),
        path,
      );
      const command = { ...COMMAND, uris: [{ value: 'x', outputFile: path }] };
      assert.is(v.is(CommandInfoSchema, command), isInside(path));
    }),
    { seed: 3 },
  );
});

test('what is to be fetched is bounded', () => {
  const uris = (count: number) => ({
    ...COMMAND,
    uris: Array.from({ length: count }, () => ({ value: 'x' })),
  });
  assert.ok(v.is(CommandInfoSchema, uris(100)));
  assert.not(v.is(CommandInfoSchema, uris(101)));
  assert.not(v.is(CommandInfoSchema, { ...COMMAND, uris: [{ value: '' }] }));
  assert.not(v.is(ExecutorInfoSchema, { ...TASK.executor, isCommand: false }));
});

test.run();
