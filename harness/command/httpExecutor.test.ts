/** Executors that other people write against Mesos's v1 API, on `lab slave`: real processes, and npm's `mesos-framework`. */
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandInfo } from '../../mesos/protocol/entities.ts';
import { type TestCluster, testCluster } from './testCluster.ts';

const LIBRARY = JSON.stringify(createRequire(import.meta.url).resolve('mesos-framework'));

/**
 * Runs tasks until they are killed, tells its framework of all that it is told, and echoes messages. The library knows nothing of
 * tokens; whoever uses it can give it one.
 */
const EXECUTOR = `
  const { Executor } = require(${LIBRARY});
  const { randomBytes } = require('node:crypto');
  const handlers = {
    SUBSCRIBED: (subscribed) => executor.message('SUBSCRIBED ' + subscribed.framework_info.name),
    LAUNCH: ({ task }) => tell(task.task_id, 'TASK_RUNNING', task.data),
    ACKNOWLEDGED: ({ task_id }) => executor.message('ACKNOWLEDGED ' + task_id.value),
    MESSAGE: ({ data }) => executor.message('MESSAGE ' + Buffer.from(data, 'base64')),
    KILL: ({ task_id }) => tell(task_id, 'TASK_KILLED'),
    SHUTDOWN: (_) => process.exit(7),
    ERROR: ({ message }) => { console.error(message); process.exit(8); },
  };
  const executor = new Executor({ handlers });
  const { TOKEN_SENT, MESOS_EXECUTOR_AUTHENTICATION_TOKEN: token } = process.env;
  if (TOKEN_SENT) executor.requestTemplate.headers.Authorization = 'Bearer ' + token;
  const tell = (task_id, state, data) =>
    executor.update({ task_id, state, data, source: 'SOURCE_EXECUTOR', uuid: randomBytes(16).toString('base64') });
  executor.on('error', (error) => { console.error(error); process.exit(9); });
  executor.subscribe();`;

const command = (environment: CommandInfo['environment'] = {}): CommandInfo => ({
  shell: false,
  value: process.execPath,
  arguments: ['node', '--eval', EXECUTOR],
  environment,
});

const test = suite<{ cluster: TestCluster }>('executors over HTTP');

test.before.each(async (world) => {
  world.cluster = await testCluster();
});
test.after.each(async ({ cluster }) => {
  await cluster[Symbol.asyncDispose]();
});

test("mesos-framework's executor runs tasks, and is told of acknowledgements, messages, kills and the end", async ({
  cluster,
}) => {
  await cluster.slave('slave');
  const framework = cluster.framework();
  const own = command({ TOKEN_SENT: '1' });
  framework.launch({ taskId: 't1', data: Buffer.from('Grüße').toString('base64') }, own);
  const running = await framework.status('t1', 'TASK_RUNNING');
  assert.is(running.source, 'SOURCE_EXECUTOR');
  assert.is(Buffer.from(running.data ?? '', 'base64').toString(), 'Grüße');
  framework.launch({ taskId: 't2' }, own);
  const { slaveId = '' } = await framework.status('t2', 'TASK_RUNNING');
  framework.driver.sendFrameworkMessage(slaveId, 'e', Buffer.from('hello').toString('base64'));
  const expected = ['SUBSCRIBED test', 'ACKNOWLEDGED t1', 'ACKNOWLEDGED t2', 'MESSAGE hello'];
  await framework.until('messages', () => expected.every((message) => framework.messages.includes(message)));
  framework.driver.killTask('t1');
  await framework.status('t1', 'TASK_KILLED');
  framework.driver.shutdownExecutor(slaveId, 'e');
  const end = await framework.status('t2', 'TASK_FAILED');
  assert.match(end.message ?? '', /ended with status 7/);
});

test('without its token it is refused', async ({ cluster }) => {
  await cluster.slave('slave');
  const framework = cluster.framework();
  framework.launch({ taskId: 't1' }, command());
  const end = await framework.status('t1', 'TASK_FAILED');
  assert.is(end.reason, 'REASON_CONTAINER_LAUNCH_FAILED');
});

test('where the slave demands no tokens it needs none', async ({ cluster }) => {
  await cluster.slave('slave', ['--no-authenticate_http_executors']);
  const framework = cluster.framework();
  framework.launch({ taskId: 't1' }, command());
  await framework.status('t1', 'TASK_RUNNING');
});

test.run();
