import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slave } from './slave.ts';
import {
  MASTER,
  OTHER_MASTER,
  runTask,
  silentIsolation,
  testDetector,
  testSlave,
  testTask,
} from './testSlave.ts';

test('a slave whose master is gone keeps its tasks, and tells the next master of them', () => {
  const { run, pass, restartMaster, received, types, reports, seen, states } = testSlave();
  run(testTask('t', 60_000));
  received.length = 0;
  pass(10_000);
  restartMaster();
  pass(500);
  assert.equal(types(), ['REREGISTER_SLAVE']);
  const [report] = reports('REREGISTER_SLAVE');
  assert.equal(report?.slaveInfo, {
    id: 'S0',
    hostname: 'node',
    resources: { cpus: 4, mem: 4096 },
    attributes: {},
  });
  assert.equal(report?.frameworks, [{ user: 'test', name: 'f', failoverTimeout: 60, id: 'f' }]);
  assert.equal(
    report?.executors.map(({ frameworkId, executorInfo }) => [frameworkId, executorInfo.executorId]),
    [['f', 'e']],
  );
  const [task] = report?.tasks ?? [];
  assert.ok(task !== undefined && task.ageMs > 10_000 && task.ageMs < 11_000);
  assert.equal(
    { ...task, ageMs: 0 },
    {
      frameworkId: 'f',
      taskId: 't',
      name: 't',
      executorId: 'e',
      resources: { cpus: 1 },
      state: 'TASK_RUNNING',
      isShort: false,
      ageMs: 0,
    },
  );
  pass(60_000);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED']);
  assert.equal(seen('executor-exited'), []);
});

test('a task that ends while there is no master is told to the next one, and its update is sent at once', () => {
  const { run, pass, crashMaster, restartMaster, received, reports, states } = testSlave();
  run(testTask('t', 1_000));
  crashMaster();
  pass(10_000);
  received.length = 0;
  restartMaster();
  // Longer than the slave may wait before it asks again.
  pass(8_000);
  assert.equal(
    reports('REREGISTER_SLAVE')[0]?.tasks.map(({ taskId, state }) => [taskId, state]),
    [['t', 'TASK_FINISHED']],
  );
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_FINISHED']);
  received.length = 0;
  restartMaster();
  pass(500);
  // Acknowledged, so nobody need know of it any more.
  assert.equal(reports('REREGISTER_SLAVE')[0]?.tasks, []);
});

test('a slave asks a master that does not answer again and again, but not often', () => {
  const { pass, types, received } = testSlave({ masters: 'silent' });
  pass(14_000);
  assert.is(types().length, 1);
  pass(6_000);
  assert.is(types().length, 2);
  received.length = 0;
  pass(60_000);
  assert.is(types().length, 4);
});

test('a slave that is there before its master is registered soon after that has come', () => {
  const { pass, crashMaster, restartMaster, reports } = testSlave();
  crashMaster();
  pass(3_000);
  restartMaster();
  pass(6_000);
  assert.is(reports('REGISTER_SLAVE').length, 1);
});

test('a slave asks a master that it has found after a random wait, up to the one that it was given', () => {
  const detector = testDetector();
  const slave = testSlave({ slave: { master: detector, registrationBackoffMs: 60_000 }, masters: 'silent' });
  const waits = Array.from({ length: 20 }, (_, n) => {
    slave.received.length = 0;
    detector.tell({ is: 'held', master: MASTER, masterId: `M${n}` });
    for (let seconds = 0; ; seconds++) {
      if (slave.received.length > 0) return seconds;
      slave.pass(1000);
    }
  });
  assert.ok(Math.max(...waits) <= 61 && Math.max(...waits) > 30, String(waits));
  assert.ok(Math.min(...waits) < 30, String(waits));
});

test('a master that the detector knows to lead and that does not know it yet is asked again soon', () => {
  const detector = testDetector();
  const { pass, send, types, received } = testSlave({ slave: { master: detector }, masters: 'silent' });
  detector.tell({ is: 'held', master: MASTER, masterId: 'M' });
  pass(200);
  assert.equal(types(), ['REGISTER_SLAVE']);
  received.length = 0;
  send({ type: 'REDIRECT' });
  pass(210);
  assert.equal(types(), ['REGISTER_SLAVE']);
});

test('a master that is gone is asked a few times only while the detector does not know it', () => {
  const detector = testDetector();
  const { cluster, pass, crashMaster, restartMaster, types, received } = testSlave({
    slave: { master: detector },
  });
  detector.tell({ is: 'held', master: MASTER, masterId: 'M' });
  pass(500);
  crashMaster();
  pass(1_100);
  restartMaster();
  received.length = 0;
  // It was only the link, or came back in time.
  pass(16_000);
  assert.equal(types(), ['REREGISTER_SLAVE']);
  crashMaster();
  const { events } = cluster;
  pass(10_000);
  // Each attempt is a timer, a message and a loss.
  assert.ok(cluster.events - events <= 12, String(cluster.events - events));
  received.length = 0;
  detector.tell({ is: 'held', master: OTHER_MASTER, masterId: 'N' });
  pass(110);
  assert.equal(types(), ['REREGISTER_SLAVE']);
});

test('a standby sends the slave away, and it keeps asking', () => {
  const { pass, send, received, types } = testSlave({ masters: 'silent' });
  pass(10);
  send({ type: 'REDIRECT' });
  pass(3_000);
  assert.ok(types().length >= 2);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  received.length = 0;
  send({ type: 'REDIRECT' });
  pass(1_000);
  assert.equal(types(), ['REREGISTER_SLAVE']);
});

test('a standby that knows the leader sends the slave there; if that is gone, it asks the first again', () => {
  const { pass, send, received, crashMaster, types } = testSlave({ masters: 'silent' });
  pass(10);
  send({ type: 'REDIRECT', leader: OTHER_MASTER });
  pass(300);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S7' }, MASTER);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' }, OTHER_MASTER);
  pass(10);
  received.length = 0;
  send({ type: 'PING' }, MASTER);
  send({ type: 'PING' }, OTHER_MASTER);
  pass(10);
  assert.equal(types(), ['PONG']);
  crashMaster(OTHER_MASTER);
  pass(500);
  assert.equal(types(), ['PONG', 'REREGISTER_SLAVE']);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' }, MASTER);
  send({ type: 'PING' }, MASTER);
  pass(10);
  assert.equal(types(), ['PONG', 'REREGISTER_SLAVE', 'PONG']);
});

test('what runs for a master that nobody comes after ends with it', () => {
  const { isolation, destroyed } = silentIsolation();
  const { pass, send, crashMaster, restartMaster, received, types } = testSlave({
    masters: 'silent',
    isolate: () => isolation,
    slave: { masterSilenceMaxMs: 60_000 },
  });
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0', isLast: true });
  send(runTask(testTask('t')));
  received.length = 0;
  // Such a one need not ping.
  pass(100_000);
  assert.not(types().includes('REREGISTER_SLAVE'));
  crashMaster();
  pass(10);
  assert.is(destroyed(), 1);
  received.length = 0;
  restartMaster();
  pass(10_000);
  assert.equal([...new Set(types())], ['REGISTER_SLAVE']);
});

test('a slave that has another id by now is not meant when the former one is sent away', () => {
  const { run, pass, send, states, types, received } = testSlave();
  run(testTask('t'));
  received.length = 0;
  send({ type: 'SHUTDOWN_SLAVE', slaveId: 'S9', message: 'it is lost' });
  pass(1_000);
  assert.equal(types(), []);
  assert.equal(states('t'), ['TASK_RUNNING']);
});

test('a slave follows the leader, and obeys nobody else', () => {
  const detector = testDetector();
  const { pass, send, received, types, states, reports, last } = testSlave({ slave: { master: detector } });
  pass(1_000);
  assert.equal(types(), []);
  detector.tell({ is: 'held', master: MASTER });
  pass(500);
  assert.equal(types(), ['REGISTER_SLAVE']);
  send(runTask(testTask('t')));
  pass(10);
  assert.equal(states('t'), ['TASK_RUNNING']);

  // Out of touch with those who decide: the master may lead still.
  detector.tell({ is: 'unknown' });
  send(runTask(testTask('u')));
  pass(10);
  assert.equal(states('u'), ['TASK_RUNNING']);

  // Nobody leads: tasks run on, nobody is obeyed.
  detector.tell({ is: 'vacant' });
  received.length = 0;
  send(runTask(testTask('v')));
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' });
  send({ type: 'SHUTDOWN_SLAVE', message: 'you are lost' });
  pass(10_000);
  assert.equal(types(), []);

  detector.tell({ is: 'held', master: OTHER_MASTER });
  pass(500);
  assert.equal(types(), ['REREGISTER_SLAVE']);
  assert.equal(
    reports('REREGISTER_SLAVE')[0]?.tasks.map(({ taskId, state }) => [taskId, state]),
    [
      ['t', 'TASK_RUNNING'],
      ['u', 'TASK_RUNNING'],
    ],
  );
  // The deposed master does not know yet.
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' });
  send({ type: 'SHUTDOWN_SLAVE', message: 'you are lost' });
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S7' });
  pass(10);
  assert.equal(states('t'), ['TASK_RUNNING']);
  send({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't' }, OTHER_MASTER);
  pass(10);
  assert.is(last('t')?.state, 'TASK_KILLED');
});

test('a slave that is registered after all, by an answer that it had given up, notices when that master is gone', () => {
  const { pass, send, restartMaster, received, types } = testSlave({ masters: 'silent' });
  pass(10);
  restartMaster();
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(5_000);
  assert.equal(types(), ['REGISTER_SLAVE']);
  received.length = 0;
  restartMaster();
  pass(500);
  assert.equal(types(), ['REREGISTER_SLAVE']);
});

test('a master that was deposed and leads again knows nothing: the slave registers again', () => {
  const detector = testDetector();
  const { pass, types, received } = testSlave({ slave: { master: detector } });
  detector.tell({ is: 'held', master: MASTER, masterId: '1' });
  pass(500);
  received.length = 0;
  detector.tell({ is: 'unknown' });
  detector.tell({ is: 'held', master: MASTER, masterId: '1' });
  pass(500);
  assert.equal(types(), []);
  detector.tell({ is: 'held', master: MASTER, masterId: '2' });
  pass(500);
  assert.equal(types(), ['REREGISTER_SLAVE']);
});

test('what a master ordered before it was deposed is void when it leads again, and so is its answer', () => {
  const detector = testDetector();
  const { pass, send, states } = testSlave({ slave: { master: detector }, masters: 'silent' });
  detector.tell({ is: 'held', master: MASTER, masterId: '1' });
  pass(500);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0', masterId: '1' });
  detector.tell({ is: 'held', master: MASTER, masterId: '2' });
  pass(500);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0', masterId: '1' });
  send(runTask(testTask('t')));
  pass(10);
  assert.equal(states('t'), []);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0', masterId: '2' });
  send(runTask(testTask('u')));
  pass(10);
  assert.equal(states('u'), ['TASK_RUNNING']);
});

test('the answer of a master that does not lead any more is not taken for that of the next', () => {
  const detector = testDetector();
  const { pass, send, types } = testSlave({ slave: { master: detector }, masters: 'silent' });
  detector.tell({ is: 'held', master: MASTER });
  pass(500);
  detector.tell({ is: 'held', master: OTHER_MASTER });
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(500);
  assert.equal(types(), ['REGISTER_SLAVE', 'REGISTER_SLAVE']);
});

test('a registered slave that is not pinged for long registers again, and loses nothing', () => {
  const { run, pass, send, received, types, states } = testSlave({ slave: { masterSilenceMaxMs: 75_000 } });
  run(testTask('t'));
  received.length = 0;
  pass(70_000);
  send({ type: 'PING' });
  pass(70_000);
  assert.equal(types(), ['PONG']);
  pass(6_000);
  assert.equal(types(), ['PONG', 'REREGISTER_SLAVE']);
  assert.equal(states('t'), ['TASK_RUNNING']);
});

test('a slave waits for pings as long as its master says: one that pings seldom is not taken for silent', () => {
  const { pass, send, received, types } = testSlave({
    masters: 'silent',
    slave: { masterSilenceMaxMs: 75_000 },
  });
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0', silenceMaxMs: 300_000 });
  received.length = 0;
  pass(299_000);
  assert.equal(types(), []);
  send({ type: 'PING' });
  pass(299_000);
  assert.equal(types(), ['PONG']);
  pass(2_000);
  assert.equal(types(), ['PONG', 'REREGISTER_SLAVE']);
});

test('a slave that is sent away by its master ends what it runs, and registers as a new one', () => {
  const { run, pass, send, received, types, states, statuses, seen } = testSlave();
  run(testTask('t', 1_000));
  received.length = 0;
  send({ type: 'SHUTDOWN_SLAVE', message: 'not known' });
  pass(500);
  assert.equal(types(), ['REGISTER_SLAVE']);
  statuses.length = 0;
  pass(10_000);
  assert.equal(states('t'), []);
  assert.is(seen('executor-started').length, 1);
});

test('an answer that was meant for the slave that it was before does not make it that again', () => {
  const { pass, send, run, seen } = testSlave({ masters: 'silent' });
  pass(10);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  run(testTask('t'));
  send({ type: 'SHUTDOWN_SLAVE', message: 'removed' });
  pass(1_000);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  run(testTask('t'));
  assert.is(seen('executor-started').length, 1);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S1' });
  run(testTask('t', 1e9, { slaveId: 'S1' }));
  assert.is(seen('executor-started').length, 2);
});

test('what is meant for the slave that it was before is not obeyed', () => {
  const { run, pass, send, types, states } = testSlave();
  run(testTask('t', 1_000_000));
  const before = types().length;
  // It had asked twice under its former id, and was told twice that it is not known.
  send({ type: 'SHUTDOWN_SLAVE', message: 'not known', slaveId: 'former' });
  pass(1000);
  assert.is(types().length, before);
  assert.equal(states('t'), ['TASK_RUNNING']);
  send({ type: 'SHUTDOWN_SLAVE', message: 'not known', slaveId: 'S0' });
  pass(1000);
  assert.equal(types().slice(before), ['REGISTER_SLAVE']);
});

test('a slave that gets another id ends what it ran under the former one, which the master has given up', () => {
  const { isolation, destroyed } = silentIsolation();
  const { run, pass, send, types } = testSlave({ isolate: () => isolation });
  run(testTask('t'));
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S0' });
  pass(10);
  assert.is(destroyed(), 0);
  send({ type: 'SLAVE_REGISTERED', slaveId: 'S1' });
  pass(10);
  assert.is(destroyed(), 1);
  assert.equal(types(), ['REGISTER_SLAVE']);
});

test('slaves of one kind that are told no hostname go by the names of their actors', () => {
  const { cluster, pass, reports, isolation } = testSlave();
  const kind = slave({ master: MASTER, resources: {}, attributes: {}, isolation });
  for (const name of ['rack1', 'rack2']) cluster.process('others:5051').spawn(name, kind);
  pass(10);
  const hostnames = reports('REGISTER_SLAVE').map(({ slaveInfo }) => slaveInfo.hostname);
  assert.equal(hostnames.sort(), ['node', 'rack1', 'rack2']);
});

test.run();
