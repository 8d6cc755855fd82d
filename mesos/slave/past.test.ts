import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packed, unpacked } from '../runtime/packed.ts';
import type { Executor } from './executor.ts';
import { Past } from './past.ts';
import type { Task } from './task.ts';
import { testSlave, testTask } from './testSlave.ts';
import type { SlaveWindow } from './window.ts';

const executor = (frameworkId: string, executorId: string): Executor => ({
  id: executorId,
  frameworkId,
  info: { ...testTask('t').executor, executorId },
  containerId: `${frameworkId}-${executorId}`,
  container: { update() {}, destroy() {} },
  state: { is: 'running' },
  address: undefined,
  live: packed(),
  verdict: undefined,
});

const task = (taskId: string): Task => ({ info: testTask(taskId), state: 'TASK_FINISHED' }) as Task;

const EXIT = { status: 0 };
const INFO = { user: 'u', name: 'n' };

test('what ended first is forgotten where it becomes too much', () => {
  const past = new Past();
  const one = executor('f', 'e');
  const tasks = Array.from({ length: 201 }, (_, n) => task(`t${n}`));
  for (const each of tasks) past.taskEnded(one, each);
  assert.equal(past.endedOf(one), tasks.slice(1));
  assert.is(past.taskEnds.get('TASK_FINISHED'), 201);
  for (let n = 0; n < 151; n++) past.executorEnded(executor('f', `e${n}`), EXIT, INFO);
  const executors = past.frameworks.get('f')?.executors ?? [];
  assert.equal([executors.length, executors[0]?.executor.info.executorId], [150, 'e1']);
  for (let n = 0; n < 50; n++) past.executorEnded(executor(`f${n}`, 'e'), EXIT, INFO);
  assert.equal([past.frameworks.size, past.frameworks.has('f')], [50, false]);
  assert.is(past.executorEnds, 201);
});

test('a slave into which one looks remembers what has ended', () => {
  let window: SlaveWindow | undefined;
  const { run, pass, send, endContainers } = testSlave({
    slave: {
      opened: (own) => {
        window = own;
      },
    },
  });
  assert.is(window?.isRegistered, false);
  run(testTask('t1', 50), testTask('t2'));
  if (window === undefined) throw new Error('there is no window');
  const { past } = window;
  const [live] = window.executors;
  assert.equal(
    [window.info.id, window.isRegistered, window.frameworks[0]?.id, live && unpacked(live.live).length],
    ['S0', true, 'f', 2],
  );
  pass(100);
  const [ended] = past.endedOf(live as Executor);
  assert.equal(
    past.statusesOf(ended as Task).map(({ state }) => state),
    ['TASK_RUNNING', 'TASK_FINISHED'],
  );
  endContainers();
  pass(100);
  assert.equal([...window.executors], []);
  const gone = past.frameworks.get('f');
  assert.equal(
    gone?.executors[0]?.tasks.map(({ info, state }) => [info.taskId, state]),
    [
      ['t1', 'TASK_FINISHED'],
      ['t2', 'TASK_FAILED'],
    ],
  );
  assert.is(gone?.info.name, 'f');
  send({ type: 'SHUTDOWN_SLAVE', message: 'go' });
  pass(1);
  assert.is(window.info.id, undefined);
  assert.is(past.frameworks.size, 0);
});

test.run();
