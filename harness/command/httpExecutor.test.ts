/** Executors that other people write against Mesos's v1 API, on `lab slave`: real processes, and npm's `mesos-framework`. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandExecutorInfo } from '../../mesos/protocol/commandTask.ts';
import type { CommandInfo } from '../../mesos/protocol/entities.ts';
import { testAuthority } from '../../mesos/runtime/testCertificates.ts';
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

test.before(async (world) => {
  world.cluster = await testCluster();
});
test.after.each(({ cluster }) => cluster.stopSlaves());
test.after(async ({ cluster }) => {
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
  await framework.until(() => expected.every((message) => framework.messages.includes(message)));
  framework.driver.killTask('t1');
  await framework.status('t1', 'TASK_KILLED');
  framework.driver.shutdownExecutor(slaveId, 'e');
  const end = await framework.status('t2', 'TASK_FAILED');
  assert.match(end.message ?? '', /ended with status 7/);
});

test('without its token it is refused', async ({ cluster }) => {
  await cluster.slave('slave');
  const framework = cluster.framework();
  framework.launch({ taskId: 'refused' }, command());
  const end = await framework.status('refused', 'TASK_FAILED');
  assert.is(end.reason, 'REASON_CONTAINER_LAUNCH_FAILED');
});

test('where the slave demands no tokens it needs none', async ({ cluster }) => {
  await cluster.slave('slave', ['--no-authenticate_http_executors']);
  const framework = cluster.framework();
  framework.launch({ taskId: 'tokenless' }, command());
  await framework.status('tokenless', 'TASK_RUNNING');
});

const CLUSTER_SECRET = '5f0c91ab';
const V1 = ['--executor_environment_variables', '{"MESOS_LAB_EXECUTOR_API":"v1"}'];

/** A task that is a line of shell. */
const shellTask = (taskId: string, value: string) => {
  const line = { shell: true, value, arguments: [], environment: {} };
  return { taskId, command: line, executor: commandExecutorInfo(taskId, line) };
};

/** The sandbox of the only executor that a slave has or had. */
async function sandboxOf(slave: string): Promise<string> {
  const { frameworks, completed_frameworks } = (await (
    await fetch(`http://${slave}/state`)
  ).json()) as Record<string, readonly Record<string, readonly { readonly directory: string }[]>[]>;
  const [framework] = [...(frameworks ?? []), ...(completed_frameworks ?? [])];
  const [executor] = [...(framework?.executors ?? []), ...(framework?.completed_executors ?? [])];
  return executor?.directory ?? '';
}

test('our own executors speak v1 if they are told to; what they write can be followed to its end', async ({
  cluster,
}) => {
  const { address } = await cluster.slave('slave', V1);
  const framework = cluster.framework();
  framework.launch(
    shellTask('followed', 'echo hello; until [ -e go ]; do sleep 0.02; done; echo "good bye"'),
  );
  await framework.status('followed', 'TASK_RUNNING');
  const sandbox = await sandboxOf(address);
  const following = fetch(`http://${address}/files/follow?path=${encodeURIComponent(`${sandbox}/stdout`)}`);
  writeFileSync(join(sandbox, 'go'), '');
  await framework.status('followed', 'TASK_FINISHED');
  assert.match(await (await following).text(), /hello\n(.*\n)*good bye\n$/);
});

test('an executor that speaks v1 outlives its slave', async ({ cluster }) => {
  const first = await cluster.slave('first', [...V1, '--checkpoint']);
  const framework = cluster.framework();
  framework.launch(shellTask('outlives', 'until [ -e go ]; do sleep 0.02; done'));
  await framework.status('outlives', 'TASK_RUNNING');
  const sandbox = await sandboxOf(first.address);
  first.process.signal('SIGKILL');
  await first.process.exited;
  const port = Number(first.address.slice(first.address.lastIndexOf(':') + 1));
  const second = await cluster.slave('second', [...V1, '--checkpoint'], port);
  await second.process.waitForLine(/^registered as /);
  writeFileSync(join(sandbox, 'go'), '');
  await framework.status('outlives', 'TASK_FINISHED');
  assert.match(readFileSync(join(sandbox, 'stderr'), 'utf8'), /no stream of events from the slave/);
});

test('with certificates and secrets, executors need their token only', async ({ cluster: plain }) => {
  const authority = testAuthority();
  const write = (name: string, text: string): string => {
    const file = join(plain.folder, name);
    writeFileSync(file, text);
    return file;
  };
  const [ca, secret] = [write('ca', authority.ca), write('secret', CLUSTER_SECRET)];
  const flagsOf = (name: string): readonly string[] => {
    const { own } = authority.issue(name);
    const files = ['--tls_cert', write(`${name}.cert`, own.cert), '--tls_key', write(`${name}.key`, own.key)];
    return [...files, '--tls_ca', ca, '--secret_file', secret];
  };
  const wire = { tls: authority.issue('framework'), secret: CLUSTER_SECRET };
  await using cluster = await testCluster({ flagsOf, wire });
  const slave = await cluster.slave('slave', V1);
  const framework = cluster.framework();
  framework.launch(shellTask('t1', 'echo hello'));
  await framework.status('t1', 'TASK_FINISHED');
  const url = new URL(`https://${slave.address}/state`);
  const ask = async (headers: Readonly<Record<string, string>>, own = {}): Promise<number | undefined> => {
    const asked = request(url, { headers, ca: authority.ca, agent: false, ...own });
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  assert.is(await ask({}), 401);
  assert.is(await ask({ Authorization: 'Bearer another' }), 401);
  assert.is(await ask({ Authorization: `Bearer ${CLUSTER_SECRET}` }), 200);
  const { cert, key } = authority.issue('ann').own;
  assert.is(await ask({}, { cert, key }), 200);
});

test.run();
