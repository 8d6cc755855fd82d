import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Isolation } from '../isolation/isolation.ts';
import { endLeftovers } from './leftovers.ts';
import { memoryCheckpoint, runTask, SLAVE, silentIsolation, testSlave, testTask } from './testSlave.ts';

/** A slave with a checkpoint, and its executors in another process. */
function recoverable(options: Parameters<typeof testSlave>[0] = {}) {
  const checkpoint = memoryCheckpoint();
  return { ...testSlave({ ...options, slave: { checkpoint, ...options.slave } }), checkpoint };
}

test('a slave that comes back takes its executors over, and their tasks never know', () => {
  const { run, pass, crash, start, received, types, reports, states, seen } = recoverable();
  run(testTask('t', 60_000), testTask('u', 20_000));
  assert.is(reports('REGISTER_SLAVE')[0]?.slaveInfo.checkpoint, true);
  pass(10_000);
  received.length = 0;
  crash();
  pass(5_000);
  start();
  pass(1_000);
  assert.equal(types(), ['REREGISTER_SLAVE']);
  const [report] = reports('REREGISTER_SLAVE');
  assert.is(report?.slaveInfo.id, 'S0');
  assert.equal(
    report?.frameworks.map(({ id }) => id),
    ['f'],
  );
  assert.equal(
    report?.executors.map(({ executorInfo }) => executorInfo.executorId),
    ['e'],
  );
  assert.equal(
    report?.tasks.map(({ taskId, state, ageMs }) => [taskId, state, Math.floor(ageMs / 1_000)]),
    [
      ['t', 'TASK_RUNNING', 15],
      ['u', 'TASK_RUNNING', 15],
    ],
  );
  pass(60_000);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.is(seen('executor-started').length, 1);
  assert.equal(
    seen('executor-recovered').map(({ executorId, slaveId }) => [executorId, slaveId]),
    [['e', 'S0']],
  );
  assert.equal(seen('executor-exited'), []);
});

test('what happened while the slave was away is told when it is back', () => {
  const { run, pass, crash, start, states, reports } = recoverable();
  run(testTask('t', 1_000), testTask('u', 2_000), testTask('v', 60_000));
  crash();
  pass(10_000);
  start();
  pass(1_000);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.equal(
    reports('REREGISTER_SLAVE')[0]?.tasks.map(({ taskId, state }) => [taskId, state]),
    [
      ['t', 'TASK_FINISHED'],
      ['u', 'TASK_FINISHED'],
      ['v', 'TASK_RUNNING'],
    ],
  );
});

test('an update that nobody has acknowledged is sent again by the next process, with the same uuid', () => {
  const { run, pass, crash, start, send, statuses, states } = recoverable({ masters: 'silent' });
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  run(testTask('t', 1_000));
  pass(2_000);
  assert.equal(states('t'), ['TASK_RUNNING']);
  crash();
  pass(1_000);
  start();
  pass(1_000);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_RUNNING']);
  assert.is(statuses[0]?.uuid, statuses[1]?.uuid);
  send({
    type: 'STATUS_UPDATE_ACKNOWLEDGEMENT',
    frameworkId: 'f',
    taskId: 't',
    uuid: statuses[0]?.uuid ?? '',
  });
  pass(10);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_RUNNING', 'TASK_FINISHED']);
  // And never the first one again.
  crash();
  pass(1_000);
  start();
  pass(1_000);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  assert.equal(states('t').at(-1), 'TASK_FINISHED');
  assert.is(states('t').length, 4);
});

test('an update is kept before anybody hears of it', () => {
  const { run, send, pass, checkpoint, statuses, restart } = withUnwritable();
  run(testTask('t', 1_000));
  pass(100);
  const kept = checkpoint.records.filter(({ kind }) => kind === 'update').length;
  assert.is(kept, 1);
  checkpoint.append = () => {
    throw new Error('the disk is full');
  };
  assert.throws(() => pass(2_000), 'the disk is full');
  assert.equal(
    statuses.map(({ state }) => state),
    ['TASK_RUNNING'],
  );
  restart();
  pass(2_000);
  // The executor had no acknowledgement, so it said it again.
  assert.equal(
    statuses.map(({ state }) => state),
    ['TASK_RUNNING', 'TASK_FINISHED'],
  );
  send({ type: 'PING' });
});

/** Its checkpoint can be made to fail, and to work again. */
function withUnwritable() {
  const kit = recoverable();
  const { append } = kit.checkpoint;
  const restart = (): void => {
    kit.crash();
    kit.checkpoint.append = append;
    kit.start();
  };
  return { ...kit, restart };
}

test('a task that its executor was never given is given to it when it subscribes again', () => {
  const { run, pass, crash, start, send, states } = recoverable();
  run(testTask('t'));
  send(runTask(testTask('u', 1_000)));
  // The order has arrived, and what the slave told its executor has not.
  pass(0.5);
  crash();
  pass(1_000);
  start();
  pass(5_000);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.equal(states('t'), ['TASK_RUNNING']);
});

test('executors that do not come back in time are ended, and their tasks have failed', () => {
  const { run, pass, crash, start, types, received, states, last, seen, crashExecutors, reports } =
    recoverable();
  run(testTask('t'));
  received.length = 0;
  crash();
  crashExecutors();
  start();
  pass(1_900);
  assert.equal(types(), []);
  pass(600);
  assert.is(reports('REREGISTER_SLAVE').length, 1);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FAILED']);
  assert.is(last('t')?.reason, 'REASON_EXECUTOR_REREGISTRATION_TIMEOUT');
  assert.is(seen('executor-exited').length, 1);
});

test('an executor that ended while its slave was away is noticed at once', () => {
  const { run, pass, crash, start, endContainers, last, reports, seen } = recoverable();
  run(testTask('t'));
  crash();
  endContainers();
  pass(5_000);
  start();
  pass(500);
  assert.equal(reports('REREGISTER_SLAVE')[0]?.executors, []);
  assert.is(last('t')?.state, 'TASK_FAILED');
  assert.match(last('t')?.message ?? '', /ended while its slave was away/);
  assert.is(seen('executor-exited').length, 1);
});

test('a kill is remembered: who was away learns of it, and the grace goes on', () => {
  const { run, pass, crash, start, send, states, last } = recoverable();
  run(testTask('t', 'stubborn'), testTask('u', 1e9, { maxCompletionTimeMs: 30_000 }));
  send({
    type: 'KILL_TASK',
    frameworkId: 'f',
    taskId: 't',
    gracePeriodMs: 60_000,
    reason: 'REASON_CONTAINER_PREEMPTED',
  });
  pass(10_000);
  crash();
  pass(10_000);
  start();
  pass(9_000);
  assert.equal(states('u'), ['TASK_RUNNING']);
  pass(2_000);
  assert.is(last('u')?.reason, 'REASON_MAX_COMPLETION_TIME_REACHED');
  pass(28_000);
  assert.equal(states('t'), ['TASK_RUNNING']);
  pass(3_000);
  assert.is(last('t')?.state, 'TASK_KILLED');
  assert.is(last('t')?.reason, 'REASON_CONTAINER_PREEMPTED');
});

test('an executor is told of a kill that fell due while its slave was away', () => {
  const { run, pass, crash, start, last } = recoverable();
  run(testTask('t', 1e9, { maxCompletionTimeMs: 10_000 }));
  crash();
  pass(15_000);
  start();
  pass(1_000);
  assert.is(last('t')?.reason, 'REASON_MAX_COMPLETION_TIME_REACHED');
  assert.is(last('t')?.source, 'SOURCE_EXECUTOR');
});

test('an executor that speaks to the next process before it has noticed is not sent away', () => {
  const { run, pass, crash, start, states } = recoverable();
  // One of them ends in the very moment in which the slave is away.
  const tasks = Array.from({ length: 40 }, (_, n) => testTask(`t${n}`, 98 + n / 10));
  run(...tasks);
  pass(90);
  crash();
  start();
  pass(2_000);
  for (const { taskId } of tasks)
    assert.equal([...new Set(states(taskId))], ['TASK_RUNNING', 'TASK_FINISHED']);
});

test('what the slave says itself has a uuid of its own in each of its lives', () => {
  const { isolation } = silentIsolation();
  const { pass, run, send, crash, start, statuses } = recoverable({ isolate: () => isolation });
  run(testTask('t'));
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' });
  pass(10);
  for (let times = 0; times < 3; times++) {
    crash();
    start();
    pass(3_000);
    send(runTask(testTask(`t${times}`)));
    send({ type: 'KILL_TASK', frameworkId: 'f', taskId: `t${times}` });
    pass(10);
  }
  assert.is(statuses.length, 4);
  assert.is(new Set(statuses.map(({ uuid }) => uuid)).size, 4);
});

test('an executor that was ending when its slave went away is ended when it is back', () => {
  const { cluster, run, pass, crash, start, send, seen, last } = recoverable();
  run(testTask('t'));
  // The order has arrived, and the executor never hears of it.
  send({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
  pass(0.5);
  cluster.breakLink('node:5051', 'executors-of-node:0');
  crash();
  pass(1_000);
  assert.is(seen('executor-exited').length, 0);
  start();
  pass(1_000);
  assert.is(seen('executor-exited').length, 1);
  assert.is(last('t')?.state, 'TASK_FAILED');
});

test('an executor that was ending because a task did not end in time is ended for that', () => {
  const { run, pass, crash, start, send, checkpoint, last } = recoverable();
  run(testTask('t', 'stubborn'));
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't', gracePeriodMs: 1_000 });
  pass(900);
  crash();
  const [executor] = checkpoint.records.filter((record) => record.kind === 'executor');
  checkpoint.append({ kind: 'executor-ending', containerId: executor?.containerId ?? '' });
  pass(200);
  start();
  pass(500);
  assert.is(last('t')?.state, 'TASK_KILLED');
  assert.match(last('t')?.message ?? '', /did not end when it was told to/);
});

test('each executor has its own tasks when its slave is back', () => {
  const { run, pass, crash, start, send, states } = recoverable();
  const { executor } = testTask('u');
  run(testTask('t'), testTask('u', 1e9, { executor: { ...executor, executorId: 'other' } }));
  crash();
  start();
  pass(1_000);
  send({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'other' });
  pass(10_000);
  assert.equal(states('t'), ['TASK_RUNNING']);
  assert.equal(states('u'), ['TASK_RUNNING', 'TASK_FAILED']);
});

test('a slave whose containers are gone for certain says that its restart was the end of them', () => {
  const { run, pass, crash, start, checkpoint, last, reports, seen } = recoverable();
  run(testTask('t'));
  crash();
  checkpoint.records = checkpoint.records.map((record) => {
    if (record.kind !== 'executor') return record;
    const { state: _gone, ...rest } = record;
    return rest;
  });
  start();
  pass(1_000);
  assert.is(reports('REREGISTER_SLAVE').length, 1);
  assert.equal(reports('REREGISTER_SLAVE')[0]?.executors, []);
  assert.is(last('t')?.state, 'TASK_FAILED');
  assert.is(last('t')?.reason, 'REASON_SLAVE_RESTARTED');
  assert.equal(
    seen('executor-exited').map(({ status }) => status),
    [137],
  );
});

test('a task whose executor is in no checkpoint has failed: its slave was killed while it started it', () => {
  const { run, pass, crash, start, checkpoint, last, reports } = recoverable();
  run(testTask('t'));
  crash();
  checkpoint.records = checkpoint.records.filter(
    ({ kind }) => kind === 'slave' || kind === 'framework' || kind === 'task',
  );
  start();
  pass(1_000);
  assert.is(reports('REREGISTER_SLAVE').length, 1);
  assert.equal(reports('REREGISTER_SLAVE')[0]?.executors, []);
  assert.is(last('t')?.state, 'TASK_FAILED');
  assert.is(last('t')?.reason, 'REASON_SLAVE_RESTARTED');
});

test('an executor whose slave does not come back gives up in the end', () => {
  const { run, pass, crash, start, received, reports, last } = recoverable({
    slave: { recoveryTimeoutMs: 60_000 },
  });
  run(testTask('t'));
  crash();
  pass(70_000);
  start();
  pass(1_000);
  assert.is(reports('REREGISTER_SLAVE').length, 1);
  assert.is(last('t')?.state, 'TASK_FAILED');
  received.length = 0;
});

test('without a checkpoint executors end with their slave, and the next one is a new slave', () => {
  const { run, pass, crash, start, received, types } = testSlave();
  run(testTask('t'));
  crash();
  received.length = 0;
  start();
  pass(1_000);
  assert.equal(types(), ['REGISTER_SLAVE']);
});

test('a slave without a checkpoint can end what one with a checkpoint has left', () => {
  const { run, pass, crash, checkpoint, isolation } = recoverable();
  run(testTask('t'));
  crash();
  const exits: number[] = [];
  const observed: Isolation = {
    ...isolation,
    recover: (spec, state, owner) =>
      isolation.recover(spec, state, {
        exited(exit) {
          exits.push(exit.status);
          owner.exited(exit);
        },
      }),
  };
  endLeftovers(checkpoint, observed, SLAVE);
  pass(10);
  assert.equal(exits, [137]);
  assert.equal(checkpoint.records, []);
});

test('a slave that is sent away, or takes leave, leaves nothing to come back to', () => {
  const stopping = new AbortController();
  const { run, pass, crash, start, send, received, types, checkpoint } = recoverable({
    slave: { stopping: stopping.signal },
  });
  run(testTask('t'));
  send({ type: 'SHUTDOWN_SLAVE', message: 'not known' });
  pass(500);
  assert.equal(
    checkpoint.records.map(({ kind }) => kind),
    ['slave'],
  );
  run(testTask('u', 1e9, { slaveId: 'S1' }));
  stopping.abort();
  pass(100);
  assert.equal(checkpoint.records, []);
  crash();
  received.length = 0;
  start();
  pass(1_000);
  assert.equal(types(), ['REGISTER_SLAVE']);
});

test('a slave that crashes again and again, and hears everything twice, loses nothing and doubles nothing', () => {
  const { run, pass, crash, start, send, states, seen, statuses } = recoverable({ copies: 2 });
  run(...Array.from({ length: 20 }, (_, n) => testTask(`t${n}`, 500 * n)));
  for (let times = 0; times < 12; times++) {
    pass(1_200);
    if (times === 5) send(runTask(testTask('late', 100)));
    pass(0.6);
    crash();
    pass(90);
    start();
  }
  pass(10_000);
  for (let n = 0; n < 20; n++)
    assert.equal([...new Set(states(`t${n}`))], ['TASK_RUNNING', 'TASK_FINISHED'], `t${n}`);
  assert.equal([...new Set(states('late'))], ['TASK_RUNNING', 'TASK_FINISHED']);
  // What was said more than once was the very same.
  const said = new Map(statuses.map((status) => [`${status.taskId} ${status.state}`, status.uuid]));
  for (const { taskId, state, uuid } of statuses) assert.is(said.get(`${taskId} ${state}`), uuid);
  assert.is(seen('executor-started').length, 1);
  assert.equal(seen('executor-exited'), []);
});

test.run();
