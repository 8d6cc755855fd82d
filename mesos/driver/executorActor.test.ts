import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, type TaskInfo } from '../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../protocol/executor.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import type { ExecutorDriver } from './executor.ts';
import { type ExecutorActorOptions, executorActor } from './executorActor.ts';

const SLAVE_PROCESS = 'node:5051';
const EXECUTOR = 'executor@node:0';

const executorInfo = {
  executorId: 'e',
  name: 'test',
  command: { shell: false, value: 'test', arguments: [], environment: {} },
  resources: {},
};
const task = (taskId: string): TaskInfo => ({
  name: taskId,
  taskId,
  slaveId: 'S0',
  resources: { cpus: 1 },
  executor: executorInfo,
  data: encodeData(taskId),
});
const SUBSCRIBED: ExecutorEvent = {
  type: 'SUBSCRIBED',
  executorInfo,
  frameworkInfo: { user: 'u', name: 'f' },
  slaveInfo: { id: 'S0', hostname: 'node', resources: {}, attributes: {} },
};

/** An executor's driver whose slave says only what the test says. */
function testExecutor(options: Partial<ExecutorActorOptions> = {}, ending?: Promise<void>) {
  const cluster = new VirtualCluster({ seed: 1 });
  const calls: ExecutorCall[] = [];
  /** What the framework's executor is told, in words. */
  const told: string[] = [];
  let send = (_: ExecutorEvent): void => {};
  let driver: ExecutorDriver | undefined;
  const start = (): void => {
    cluster.process(SLAVE_PROCESS).spawn<ExecutorCall>('slave', {
      inbox: {},
      create: (context) => {
        send = (event) => context.send(EXECUTOR, event);
        return { receive: (call) => void calls.push(call) };
      },
    });
  };
  start();
  cluster.process('node:0').spawn(
    'executor',
    executorActor({
      slave: `slave@${SLAVE_PROCESS}`,
      frameworkId: 'f',
      executorId: 'e',
      factory: (own) => {
        driver = own;
        return {
          registered: () => void told.push('registered'),
          launchTask: ({ taskId }) => void told.push(`launch ${taskId}`),
          killTask: (taskId, graceMs) =>
            void told.push(`kill ${taskId}${graceMs === undefined ? '' : ` in ${graceMs} ms`}`),
          frameworkMessage: () => void told.push('message'),
          shutdown: () => {
            told.push('shutdown');
            return ending;
          },
        };
      },
      ended: (reason) => void told.push(`ended: ${reason}`),
      ...options,
    }),
  );
  const pass = (ms: number): void => void cluster.run(() => false, cluster.now + ms);
  return {
    calls,
    told,
    pass,
    start,
    crash: () => cluster.crash(SLAVE_PROCESS),
    send(...events: ExecutorEvent[]) {
      for (const event of events) send(event);
      pass(1);
    },
    report: (taskId: string, state: 'TASK_RUNNING' | 'TASK_FINISHED') => driver?.sendStatus(taskId, state),
    stop: () => driver?.stop(),
    updates: () => calls.flatMap((call) => (call.type === 'UPDATE' ? [call.status] : [])),
    subscribes: () =>
      calls.filter((call): call is ExecutorCall & { type: 'SUBSCRIBE' } => call.type === 'SUBSCRIBE'),
  };
}

const LAUNCH = (taskId: string): ExecutorEvent => ({ type: 'LAUNCH', task: task(taskId) });
const PATIENT = { recoveryTimeoutMs: 60_000 };

test('an executor ends with its slave', () => {
  const { pass, send, told, crash } = testExecutor();
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'));
  crash();
  pass(10);
  assert.equal(told, ['registered', 'launch t', 'shutdown', 'ended: the slave is gone']);
});

test('a patient one lets its tasks run, and tells its slave everything when that is back', () => {
  const { pass, send, told, crash, start, report, updates, subscribes, calls } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'), LAUNCH('u'), LAUNCH('v'));
  report('t', 'TASK_RUNNING');
  report('u', 'TASK_RUNNING');
  pass(1);
  const [first] = updates();
  send({ type: 'ACKNOWLEDGED', taskId: 't', uuid: first?.uuid ?? '' });
  crash();
  pass(10_000);
  report('t', 'TASK_FINISHED');
  pass(10_000);
  assert.equal(told, ['registered', 'launch t', 'launch u', 'launch v']);
  calls.length = 0;
  start();
  pass(1_000);
  const again = subscribes().at(-1);
  assert.equal(
    again?.unacknowledgedUpdates.map(({ taskId, state }) => [taskId, state]),
    [
      ['u', 'TASK_RUNNING'],
      ['t', 'TASK_FINISHED'],
    ],
  );
  assert.equal(
    again?.unacknowledgedTasks.map(({ taskId }) => taskId),
    ['u', 'v'],
  );
  assert.equal(updates(), []);
});

test('what happens between its question and the answer is told after the answer', () => {
  const { pass, send, crash, start, report, updates, told, calls } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'));
  crash();
  start();
  pass(1_000);
  calls.length = 0;
  report('t', 'TASK_RUNNING');
  assert.equal(updates(), []);
  send(SUBSCRIBED);
  pass(1);
  assert.equal(
    updates().map(({ taskId, state }) => [taskId, state]),
    [['t', 'TASK_RUNNING']],
  );
  // It has not been registered twice.
  assert.equal(told, ['registered', 'launch t']);
});

test('a patient one asks until it is answered: the process of its slave may be there before the slave is', () => {
  const { pass, send, crash, start, subscribes } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED);
  crash();
  start();
  pass(3_000);
  const asked = subscribes().length;
  assert.ok(asked >= 4 && asked <= 10, String(asked));
  send(SUBSCRIBED);
  pass(10_000);
  assert.is(subscribes().length, asked);
});

test('its patience has an end', () => {
  const { pass, send, crash, told } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'));
  crash();
  pass(59_000);
  assert.equal(told, ['registered', 'launch t']);
  pass(2_000);
  assert.equal(told.slice(2), ['shutdown', 'ended: the slave did not come back in time']);
});

test('its patience begins anew with each loss', () => {
  const { pass, send, crash, start, told } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED);
  for (let times = 0; times < 3; times++) {
    crash();
    pass(50_000);
    start();
    pass(1_000);
    send(SUBSCRIBED);
  }
  assert.equal(told, ['registered']);
});

test('a slave that does not want it is obeyed', () => {
  const { pass, send, crash, start, told } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED);
  crash();
  start();
  pass(1_000);
  send({ type: 'ERROR', message: 'Executor is not expected' });
  pass(100_000);
  assert.equal(told, ['registered', 'shutdown', 'ended: Executor is not expected']);
});

test('what comes twice is done once', () => {
  const { pass, send, told, report, updates } = testExecutor();
  pass(1);
  send(SUBSCRIBED, SUBSCRIBED, LAUNCH('t'), LAUNCH('t'));
  report('t', 'TASK_FINISHED');
  pass(1);
  assert.is(updates().length, 1);
  // Whoever knows how it ended does not care; whoever does not must not wait.
  send(LAUNCH('t'));
  pass(1);
  assert.equal(
    updates().map(({ state }) => state),
    ['TASK_FINISHED', 'TASK_LOST'],
  );
  for (const { taskId, uuid = '' } of updates()) send({ type: 'ACKNOWLEDGED', taskId, uuid });
  send({ type: 'SHUTDOWN' }, { type: 'SHUTDOWN' }, LAUNCH('u'));
  assert.equal(told, ['registered', 'launch t', 'shutdown', 'ended: told to shut down']);
});

test('a framework that wants to know is told when a task is being killed, once', () => {
  const { pass, send, told, report, updates } = testExecutor();
  pass(1);
  const frameworkInfo = { user: 'u', name: 'f', capabilities: ['TASK_KILLING_STATE' as const] };
  send({ ...SUBSCRIBED, frameworkInfo } as ExecutorEvent, LAUNCH('t'));
  send({ type: 'KILL', taskId: 't' }, { type: 'KILL', taskId: 't' }, { type: 'KILL', taskId: 'unknown' });
  report('t', 'TASK_FINISHED');
  send({ type: 'KILL', taskId: 't' });
  assert.equal(
    updates().map(({ taskId, state }) => `${taskId} ${state}`),
    ['t TASK_KILLING', 't TASK_FINISHED'],
  );
  assert.equal(told.slice(2), ['kill t', 'kill t', 'kill unknown', 'kill t']);
});

test('one that does not is told of the end alone', () => {
  const { pass, send, report, updates } = testExecutor();
  pass(1);
  const frameworkInfo = { user: 'u', name: 'f' };
  send({ ...SUBSCRIBED, frameworkInfo } as ExecutorEvent, LAUNCH('t'), { type: 'KILL', taskId: 't' });
  report('t', 'TASK_FINISHED');
  pass(5);
  assert.equal(
    updates().map(({ state }) => state),
    ['TASK_FINISHED'],
  );
});

test('an executor that is told to end does so when its updates are acknowledged', () => {
  const { pass, send, told, report, updates } = testExecutor();
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'));
  report('t', 'TASK_FINISHED');
  send({ type: 'SHUTDOWN' });
  assert.equal(told, ['registered', 'launch t', 'shutdown']);
  const [{ uuid = '' } = {}] = updates();
  send({ type: 'ACKNOWLEDGED', taskId: 't', uuid });
  assert.equal(told.slice(3), ['ended: told to shut down']);
});

test('one that has nothing more to do ends when its updates are acknowledged, whatever became of its slave', () => {
  const { pass, send, told, report, stop, subscribes, crash, start } = testExecutor(PATIENT);
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'));
  crash();
  pass(10);
  report('t', 'TASK_FINISHED');
  stop();
  pass(1_000);
  start();
  pass(1_000);
  send(SUBSCRIBED, LAUNCH('u'));
  assert.equal(told, ['registered', 'launch t']);
  const uuid = subscribes().at(-1)?.unacknowledgedUpdates[0]?.uuid ?? '';
  send({ type: 'ACKNOWLEDGED', taskId: 't', uuid });
  assert.equal(told.slice(2), ['ended: undefined']);
});

test('an executor is told how long a task may take to end', () => {
  const { pass, send, told } = testExecutor();
  pass(1);
  send(SUBSCRIBED, LAUNCH('t'), { type: 'KILL', taskId: 't', gracePeriodMs: 0 });
  assert.equal(told.slice(2), ['kill t in 0 ms']);
});

test('an executor whose tasks take their time to end is waited for, also when its slave goes meanwhile', async () => {
  for (const goes of [false, true]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { pass, send, told, crash } = testExecutor(PATIENT, promise);
    pass(1);
    send(SUBSCRIBED, LAUNCH('t'), { type: 'SHUTDOWN' });
    if (goes) crash();
    pass(10);
    assert.equal(told, ['registered', 'launch t', 'shutdown']);
    resolve();
    await promise;
    assert.equal(told.slice(3), [`ended: ${goes ? 'the slave is gone' : 'told to shut down'}`]);
  }
});

test.run();
