/** An executor's driver on the v1 executor API of a real slave, over HTTP. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testSlaveServer } from '../../http/testSlaveServer.ts';
import type { TaskInfo } from '../../protocol/entities.ts';
import { endLater, startLog, tidyUp, within } from '../../runtime/testProbe.ts';
import { startWire } from '../../runtime/wire.ts';
import { memoryCheckpoint, runTask, testTask } from '../../slave/testSlave.ts';
import type { ContentType } from '../../v1/codec.ts';
import type { ExecutorDriver } from '../executor.ts';
import { executorActor } from '../executorActor.ts';
import { v1Slave } from './v1Slave.ts';

test.after.each(tidyUp);

/** An executor in this process that speaks v1 to a port, and does what the test says. */
async function startExecutor(
  port: number,
  token: string,
  more: { readonly recoveryTimeoutMs?: number; readonly contentType?: ContentType } = {},
) {
  const { contentType = 'application/json', ...options } = more;
  const wire = await startWire({ log() {} });
  endLater(() => wire.close());
  const log = startLog();
  const slave = v1Slave(wire, { origin: `http://127.0.0.1:${port}`, contentType, token, log: log.write });
  endLater(() => slave.close());
  const happened: string[] = [];
  const launched: TaskInfo[] = [];
  let wake = (): void => {};
  const note = (what: string): void => {
    happened.push(what);
    wake();
  };
  const { promise: ended, resolve: end } = Promise.withResolvers<string | undefined>();
  let driver: ExecutorDriver | undefined;
  wire.spawn(
    'executor',
    executorActor({
      slave: slave.slave,
      frameworkId: 'f',
      executorId: 'e',
      ...options,
      factory: (own) => {
        driver = own;
        return {
          registered: ({ slaveInfo, frameworkInfo }) =>
            note(`registered ${frameworkInfo.name} ${slaveInfo.id} ${slaveInfo.hostname}`),
          launchTask(task) {
            launched.push(task);
            note(`launch ${task.taskId}`);
          },
          killTask: (taskId) => note(`kill ${taskId}`),
          frameworkMessage: (data) => note(`message ${data}`),
          shutdown: () => note('shutdown'),
        };
      },
      ended: end,
    }),
  );
  if (driver === undefined) throw new Error('the driver made no executor');
  return {
    driver,
    log,
    launched,
    happened,
    ended: () => within('the end of the executor', ended),
    until: async (what: string): Promise<void> => {
      while (!happened.includes(what)) await within(what, new Promise<void>((resolve) => (wake = resolve)));
    },
  };
}

for (const contentType of ['application/json', 'application/x-protobuf'] as const)
  test(`an executor lives on its slave as over a link: ${contentType}`, async () => {
    const slave = await testSlaveServer();
    await slave.report('REGISTER_SLAVE');
    const task = testTask(
      't1',
      { some: 'data' },
      { labels: [{ key: 'k', value: 'v' }], resources: { cpus: 1 } },
    );
    slave.order(runTask(task));
    const { token } = await slave.container();
    const { driver, launched, until, ended } = await startExecutor(slave.port, token, { contentType });
    await until('registered f S0 node');
    await until('launch t1');
    assert.equal(launched, [task]);
    driver.sendStatus('t1', 'TASK_RUNNING', { message: 'größer', data: 'aGk=' });
    const running = await slave.status('t1', 'TASK_RUNNING');
    assert.equal([running.message, running.data, running.source], ['größer', 'aGk=', 'SOURCE_EXECUTOR']);
    driver.sendFrameworkMessage('eW8=');
    assert.is((await slave.report('EXECUTOR_TO_FRAMEWORK')).data, 'eW8=');
    slave.order({ type: 'FRAMEWORK_TO_EXECUTOR', frameworkId: 'f', executorId: 'e', data: 'aGE=' });
    await until('message aGE=');
    slave.order({ type: 'KILL_TASK', frameworkId: 'f', taskId: 't1' });
    await until('kill t1');
    driver.sendStatus('t1', 'TASK_KILLED');
    await slave.status('t1', 'TASK_KILLED');
    slave.order({ type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' });
    await until('shutdown');
    // Only when all of its updates have been acknowledged.
    assert.is(await ended(), 'told to shut down');
  });

test('the updates of a task arrive in the order in which they were sent', async () => {
  const slave = await testSlaveServer();
  await slave.report('REGISTER_SLAVE');
  slave.order(runTask(testTask('t1')));
  const { token } = await slave.container();
  const { driver, until } = await startExecutor(slave.port, token);
  await until('launch t1');
  for (let n = 0; n < 20; n++) driver.sendStatus('t1', 'TASK_RUNNING', { message: `${n}` });
  driver.sendStatus('t1', 'TASK_FINISHED');
  await slave.status('t1', 'TASK_FINISHED');
  const messages = slave.received.flatMap((report) =>
    report.type === 'STATUS_UPDATE' && report.status.message !== undefined ? [report.status.message] : [],
  );
  assert.equal(
    [...new Set(messages)],
    Array.from({ length: 20 }, (_, n) => `${n}`),
  );
});

test('an executor whose slave refuses it ends, and says why', async () => {
  const slave = await testSlaveServer();
  await slave.report('REGISTER_SLAVE');
  const { ended } = await startExecutor(slave.port, 'nonsense');
  assert.match((await ended()) ?? '', /401 Unauthorized: Which executor are you\?/);
});

test('an executor whose slave is gone ends, unless it waits for it', async () => {
  const slave = await testSlaveServer();
  await slave.report('REGISTER_SLAVE');
  slave.order(runTask(testTask('t1')));
  const { token } = await slave.container();
  const { ended, until } = await startExecutor(slave.port, token);
  await until('launch t1');
  await slave.close();
  assert.is(await ended(), 'the slave is gone');
});

test('an executor outlives its slave, and tells the next what has happened meanwhile', async () => {
  const checkpoint = memoryCheckpoint();
  const first = await testSlaveServer({ slave: { checkpoint } });
  await first.report('REGISTER_SLAVE');
  first.order(runTask(testTask('t1')));
  const { token } = await first.container();
  const { driver, until, happened, log } = await startExecutor(first.port, token, {
    recoveryTimeoutMs: 60_000,
  });
  await until('launch t1');
  driver.sendStatus('t1', 'TASK_RUNNING');
  await first.status('t1', 'TASK_RUNNING');
  await first.close();
  await log.until('no stream of events from the slave');
  driver.sendStatus('t1', 'TASK_FINISHED');
  const next = await testSlaveServer({
    port: first.port,
    slave: { checkpoint, executorReregistrationTimeoutMs: 60_000 },
  });
  await next.report('REREGISTER_SLAVE');
  await next.status('t1', 'TASK_FINISHED');
  next.order(runTask(testTask('t2')));
  await until('launch t2');
  assert.equal(happened, ['registered f S0 node', 'launch t1', 'launch t2']);
});

test.run();
