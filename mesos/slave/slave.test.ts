import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlaveOrder } from '../protocol/slave.ts';
import { MASTER, runTask, silentIsolation, testDetector, testSlave, testTask } from './testSlave.ts';

test('a slave that is to end takes leave, ends its executors and follows nobody', () => {
  const detector = testDetector();
  const stopping = new AbortController();
  const { run, pass, types, received, states } = testSlave({
    slave: { master: detector, stopping: stopping.signal },
  });
  detector.tell({ is: 'held', master: MASTER });
  pass(500);
  run(testTask('t', 1_000));
  received.length = 0;
  stopping.abort();
  assert.not(detector.isFollowed);
  pass(10_000);
  assert.equal(types(), ['UNREGISTER_SLAVE']);
  assert.equal(states('t'), ['TASK_RUNNING']);
});

test('the container of an executor that is starting is told when a task that waits for it is killed', () => {
  const { isolation, updates } = silentIsolation();
  const { run, pass, send, last } = testSlave({ isolate: () => isolation });
  run(testTask('t', 0, { resources: { cpus: 2 } }));
  assert.equal(updates, [{ cpus: 2.5 }]);
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' });
  pass(10);
  assert.equal(updates, [{ cpus: 2.5 }, { cpus: 0.5 }]);
  assert.is(last('t')?.reason, 'REASON_TASK_KILLED_DURING_LAUNCH');
});

test('an update is sent again, ever less often, until it is acknowledged; the next one waits for that', () => {
  const { pass, send, statuses } = testSlave({ masters: 'silent' });
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  send(runTask(testTask('t', 1_000)));
  const states = (): string[] => statuses.map(({ state }) => state);
  pass(100_000);
  // At once, and after 10, 30 and 70 s.
  assert.equal(states(), ['TASK_RUNNING', 'TASK_RUNNING', 'TASK_RUNNING', 'TASK_RUNNING']);
  const acknowledge = (): void => {
    const { taskId, uuid } = statuses.at(-1) ?? { taskId: '' };
    send({ type: 'STATUS_UPDATE_ACKNOWLEDGEMENT', frameworkId: 'f', taskId, uuid: uuid as string });
    statuses.length = 0;
    pass(10);
  };
  acknowledge();
  assert.equal(states(), ['TASK_FINISHED']);
  acknowledge();
  pass(1e6);
  assert.equal(states(), []);
});

test('messages that come three times do what they do once', () => {
  const { run, pass, send, states, seen, reports, restartMaster } = testSlave({ copies: 3 });
  run(testTask('t', 1_000), testTask('u'));
  pass(2_000);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED']);
  // Long after its end, and its acknowledgement.
  send(runTask(testTask('t', 1_000)));
  pass(10);
  assert.is(states('t').filter((state) => state === 'TASK_RUNNING').length, 1);
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 'u' });
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 'unknown' });
  pass(10);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_KILLED']);
  restartMaster();
  pass(500);
  assert.is(reports('REREGISTER_SLAVE').length, 1);
  send({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  pass(10);
  assert.is(reports('EXITED_EXECUTOR').length, 1);
  assert.is(seen('executor-started').length, 1);
  assert.is(seen('executor-exited').length, 1);
});

test('a task that has ended is not started again, though its executor is gone', () => {
  const { run, pass, send, states, seen } = testSlave();
  run(testTask('t', 1_000));
  pass(2_000);
  send({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  pass(10_000);
  assert.is(seen('executor-exited').length, 1);
  send(runTask(testTask('t', 1_000)));
  pass(2_000);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED', 'TASK_LOST']);
  assert.is(seen('executor-started').length, 1);
});

test('when the last of many tasks has ended, what is known of them and of their framework stays', () => {
  const { run, pass, send, states, reports, restartMaster } = testSlave();
  const many = Array.from({ length: 20 }, (_, n) => testTask(`t${n}`, 1_000));
  run(...many);
  pass(2_000);
  restartMaster();
  pass(500);
  assert.equal(
    reports('REREGISTER_SLAVE')[0]?.frameworks.map(({ id }) => id),
    ['f'],
  );
  send(runTask(testTask('t18', 1_000)));
  pass(10);
  assert.equal(states('t18'), ['TASK_RUNNING', 'TASK_FINISHED', 'TASK_LOST']);
});

test('an executor has as long to end as it asks for, or as its slave gives any', () => {
  const given: number[] = [];
  const { run, pass } = testSlave({
    slave: { executorShutdownGraceMs: 4_000 },
    isolate: (inner) => ({
      launch(spec, owner) {
        given.push(spec.shutdownGraceMs);
        return inner.launch(spec, owner);
      },
    }),
  });
  const plain = testTask('t');
  const patient = { ...plain.executor, executorId: 'patient', shutdownGraceMs: 9_000 };
  run(plain);
  run(testTask('u', 1e9, { executor: patient }));
  pass(10);
  assert.equal(given, [4_000, 9_000]);
});

test('an executor that does not subscribe in time is ended, and its tasks are told why', () => {
  let exits = 0;
  const slave = testSlave({
    slave: { executorRegistrationTimeoutMs: 30_000 },
    isolate: () => ({
      launch: (_spec, owner) => ({
        destroy: () =>
          slave.cluster.at(slave.cluster.now, () => exits++ === 0 && owner.exited({ status: 137 })),
      }),
    }),
  });
  const { run, pass, last, reports } = slave;
  run(testTask('t'));
  pass(29_900);
  assert.is(last('t'), undefined);
  pass(200);
  const { state, reason, message } = last('t') ?? {};
  assert.equal([state, reason], ['TASK_FAILED', 'REASON_EXECUTOR_REGISTRATION_TIMEOUT']);
  assert.is(message, 'The executor did not subscribe in time');
  assert.is(reports('EXITED_EXECUTOR').length, 1);
});

test('a framework that has ended takes its executors with it, and nobody is told of its tasks', () => {
  const { run, send, pass, reports, states, received } = testSlave();
  run(testTask('t'));
  send({ ...runTask(testTask('u', 20_000)), frameworkId: 'g' } as SlaveOrder);
  pass(10);
  received.length = 0;
  send({ type: 'SHUTDOWN_FRAMEWORK', frameworkId: 'f' });
  pass(10_000);
  assert.equal(
    reports('EXITED_EXECUTOR').map(({ frameworkId }) => frameworkId),
    ['f'],
  );
  assert.equal(states('t'), ['TASK_RUNNING']);
  send({ type: 'REDIRECT' });
  pass(1_000);
  const [report] = reports('REREGISTER_SLAVE');
  assert.equal([report?.frameworks.length, report?.tasks.map(({ taskId }) => taskId)], [1, ['u']]);
  pass(20_000);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_FINISHED']);
});

test('a task for an executor that is ending is lost', () => {
  const { run, send, pass, last, seen } = testSlave();
  run(testTask('t'));
  send({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  send(runTask(testTask('u')));
  pass(10_000);
  const { state, reason, message } = last('u') ?? {};
  assert.equal([state, reason], ['TASK_LOST', 'REASON_EXECUTOR_TERMINATED']);
  assert.is(message, 'The executor is ending');
  assert.is(seen('executor-started').length, 1);
});

test('what executors use is recorded now and then, if their isolation module knows', () => {
  const { run, pass, seen } = testSlave({
    slave: { usageIntervalMs: 5_000 },
    isolate: (inner) => ({
      launch(spec, owner) {
        const container = inner.launch(spec, owner);
        let asked = 0;
        const usage = () => (asked++ === 1 ? undefined : { cpuSeconds: asked, memBytes: 100 });
        return { update: () => {}, destroy: () => container.destroy(), usage };
      },
    }),
  });
  run(testTask('t'));
  pass(15_000);
  assert.equal(
    seen('executor-usage').map(({ cpuSeconds, memBytes, executorId, slaveId }) => [
      cpuSeconds,
      memBytes,
      executorId,
      slaveId,
    ]),
    [
      [1, 100, 'e', 'S0'],
      [3, 100, 'e', 'S0'],
    ],
  );
});

test.run();
