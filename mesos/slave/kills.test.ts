import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Exit, Isolation } from '../isolation/isolation.ts';
import type { TaskStatus } from '../protocol/entities.ts';
import type { SlaveOrder } from '../protocol/slave.ts';
import { memoryCheckpoint, runTask, silentIsolation, testSlave, testTask } from './testSlave.ts';

/** A task that does not end when it is told to. */
const stubborn = (taskId: string, more = {}) => testTask(taskId, 'stubborn', more);

const kill = (taskId: string, more: Partial<SlaveOrder & { type: 'KILL_TASK' }> = {}): SlaveOrder => ({
  type: 'KILL_TASK',
  frameworkId: 'f',
  taskId,
  ...more,
});

const told = ({ state, reason, source }: Partial<TaskStatus> = {}) => ({ state, reason, source });

test('a task that ends when it is told to has the reason of the kill', () => {
  const { run, pass, send, last, seen } = testSlave();
  run(testTask('t'), testTask('u'));
  send(kill('t', { gracePeriodMs: 1_000, reason: 'REASON_CONTAINER_PREEMPTED' }));
  send(kill('u'));
  pass(10_000);
  assert.equal(told(last('t')), {
    state: 'TASK_KILLED',
    reason: 'REASON_CONTAINER_PREEMPTED',
    source: 'SOURCE_EXECUTOR',
  });
  assert.equal(told(last('u')), { state: 'TASK_KILLED', reason: undefined, source: 'SOURCE_EXECUTOR' });
  assert.equal(seen('executor-exited'), []);
});

test('a task that has ended by itself says so, though it was to be killed by then', () => {
  const checkpoint = memoryCheckpoint();
  const { run, pass, send, last } = testSlave({ slave: { checkpoint } });
  const ids = Array.from({ length: 40 }, (_, n) => `t${n}`);
  run(...ids.map((id, n) => testTask(id, 98 + n / 10)));
  pass(90);
  for (const id of ids) send(kill(id, { reason: 'REASON_CONTAINER_PREEMPTED' }));
  pass(1_000);
  // The slave knew of the order, and the executor did not.
  const crossed = checkpoint.records.flatMap((record) =>
    record.kind === 'kill' && last(record.taskId)?.state === 'TASK_FINISHED' ? [record.taskId] : [],
  );
  assert.ok(crossed.length > 0);
  for (const id of crossed) assert.is(last(id)?.reason, undefined);
});

test('a task that does not end when it is told to ends with its executor when the grace is over', () => {
  const { run, pass, send, last, states, seen } = testSlave();
  run(stubborn('t'), testTask('other'));
  send(kill('t', { gracePeriodMs: 3_000, reason: 'REASON_CONTAINER_PREEMPTED' }));
  pass(2_900);
  assert.equal(states('t'), ['TASK_RUNNING']);
  pass(200);
  assert.equal(told(last('t')), {
    state: 'TASK_KILLED',
    reason: 'REASON_CONTAINER_PREEMPTED',
    source: 'SOURCE_SLAVE',
  });
  assert.match(last('t')?.message ?? '', /did not end .* its other tasks \(1\)/);
  assert.equal(told(last('other')), {
    state: 'TASK_FAILED',
    reason: 'REASON_EXECUTOR_TERMINATED',
    source: 'SOURCE_SLAVE',
  });
  assert.match(last('other')?.message ?? '', /another task did not end/);
  assert.equal(
    seen('executor-exited').map(({ status }) => status),
    [137],
  );
});

test('without a grace a task may take as long as it likes', () => {
  const { run, pass, send, states } = testSlave();
  run(stubborn('t'));
  send(kill('t'));
  pass(1e6);
  assert.equal(states('t'), ['TASK_RUNNING']);
});

test('a task may be given no more time than so long, and less if it wants less or a kill says so', () => {
  const command = { shell: true, value: 'true', arguments: [], environment: {} };
  for (const [task, order, expectedMs] of [
    [{}, {}, 10_000],
    [{}, { gracePeriodMs: 4_000 }, 4_000],
    [{}, { gracePeriodMs: 40_000 }, 10_000],
    [{ command }, {}, 3_000],
    [{ command, killGraceMs: 5_000 }, {}, 5_000],
    [{ command, killGraceMs: 50_000 }, {}, 10_000],
  ] as const) {
    const { run, pass, send, states } = testSlave();
    run(stubborn('t', task));
    send(kill('t', { ...order, gracePeriodMaxMs: 10_000 }));
    pass(expectedMs - 100);
    assert.equal(states('t'), ['TASK_RUNNING'], `${expectedMs}`);
    pass(200);
    assert.equal(states('t'), ['TASK_RUNNING', 'TASK_KILLED'], `${expectedMs}`);
  }
});

test('a task that is killed ends as the order says, by its executor or with it', () => {
  const { run, pass, send, last } = testSlave();
  run(testTask('t'), stubborn('u'));
  const more = {
    gracePeriodMs: 1_000,
    state: 'TASK_GONE_BY_OPERATOR',
    reason: 'REASON_SLAVE_DRAINING',
  } as const;
  for (const taskId of ['t', 'u']) send(kill(taskId, more));
  pass(10_000);
  for (const [taskId, source] of [
    ['t', 'SOURCE_EXECUTOR'],
    ['u', 'SOURCE_SLAVE'],
  ] as const)
    assert.equal(told(last(taskId)), {
      state: 'TASK_GONE_BY_OPERATOR',
      reason: 'REASON_SLAVE_DRAINING',
      source,
    });
});

test('of several kills the first reason counts, and the earliest end', () => {
  const { run, pass, send, last, states } = testSlave();
  run(stubborn('t'));
  send(kill('t'));
  send(kill('t', { gracePeriodMs: 60_000, reason: 'REASON_CONTAINER_PREEMPTED' }));
  send(kill('t', { gracePeriodMs: 5_000, reason: 'REASON_FRAMEWORK_REMOVED' }));
  send(kill('t', { gracePeriodMs: 90_000 }));
  pass(4_900);
  assert.equal(states('t'), ['TASK_RUNNING']);
  pass(200);
  assert.is(last('t')?.reason, 'REASON_CONTAINER_PREEMPTED');
});

test('a task whose executor has not started is killed at once, with the reason', () => {
  const { isolation } = silentIsolation();
  const { run, pass, send, last } = testSlave({ isolate: () => isolation });
  run(testTask('t'));
  send(kill('t', { gracePeriodMs: 5_000, reason: 'REASON_CONTAINER_PREEMPTED' }));
  pass(10);
  assert.equal(told(last('t')), {
    state: 'TASK_KILLED',
    reason: 'REASON_CONTAINER_PREEMPTED',
    source: 'SOURCE_SLAVE',
  });
});

test('a task that takes longer than it may has failed, whatever its executor says', () => {
  const { run, pass, last, states, seen } = testSlave();
  run(
    testTask('obedient', 1e9, { maxCompletionTimeMs: 10_000 }),
    testTask('quick', 1_000, { maxCompletionTimeMs: 10_000 }),
  );
  pass(9_900);
  assert.equal(states('obedient'), ['TASK_RUNNING']);
  pass(100);
  assert.equal(told(last('obedient')), {
    state: 'TASK_FAILED',
    reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
    source: 'SOURCE_EXECUTOR',
  });
  assert.match(last('obedient')?.message ?? '', /after 10000 ms/);
  assert.equal(states('quick'), ['TASK_RUNNING', 'TASK_FINISHED']);
  pass(1e6);
  assert.equal(seen('executor-exited'), []);
});

test('a task that takes longer than it may, and does not end, ends with its executor', () => {
  const { run, pass, last, states } = testSlave({ slave: { completionGraceMs: 2_000 } });
  run(stubborn('t', { maxCompletionTimeMs: 10_000 }));
  pass(11_900);
  assert.equal(states('t'), ['TASK_RUNNING']);
  pass(200);
  assert.equal(told(last('t')), {
    state: 'TASK_FAILED',
    reason: 'REASON_MAX_COMPLETION_TIME_REACHED',
    source: 'SOURCE_SLAVE',
  });
});

/** An isolation module whose containers end as the test says. */
function endingIsolation(inner: Isolation) {
  let end = (_: Exit): void => {};
  const isolation: Isolation = {
    launch(spec, owner) {
      end = (exit) => owner.exited(exit);
      return inner.launch(spec, { exited() {} });
    },
  };
  return { isolation, end: (exit: Exit) => end(exit) };
}

test('why a container ended is told of its tasks', () => {
  let end = (_: Exit): void => {};
  const { run, pass, last, reports } = testSlave({
    isolate: (inner) => {
      const own = endingIsolation(inner);
      end = own.end;
      return own.isolation;
    },
  });
  run(testTask('t'));
  end({ status: 137, reason: 'REASON_CONTAINER_LIMITATION_MEMORY', message: 'It took more than 64 MiB' });
  pass(10);
  assert.equal(told(last('t')), {
    state: 'TASK_FAILED',
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    source: 'SOURCE_SLAVE',
  });
  assert.is(last('t')?.message, 'It took more than 64 MiB');
  assert.is(reports('EXITED_EXECUTOR')[0]?.status, 137);
});

test('short tasks are told to the next master as such', () => {
  const { run, pass, send, restartMaster, reports } = testSlave();
  run();
  send(runTask(testTask('s'), { isShort: true }));
  send(runTask(testTask('t')));
  pass(10);
  restartMaster();
  pass(500);
  assert.equal(
    reports('REREGISTER_SLAVE')[0]?.tasks.map(({ taskId, isShort }) => [taskId, isShort]),
    [
      ['s', true],
      ['t', false],
    ],
  );
});

test.run();
