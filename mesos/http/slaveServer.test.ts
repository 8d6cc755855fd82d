/** What a slave tells of itself over HTTP: classic endpoints and the operator API. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tidyUp } from '../runtime/testProbe.ts';
import { runTask, testTask } from '../slave/testSlave.ts';
import * as v1 from '../v1/agent.ts';
import { fromProtobuf, toProtobuf } from '../v1/protobuf.ts';
import { isOriginOf } from './slaveServer.ts';
import { type Stream, testSlaveServer } from './testSlaveServer.ts';

type Slave = Awaited<ReturnType<typeof testSlaveServer>>;

interface World {
  workDir: string;
  slave: Slave;
  containerId: string;
  events: Stream;
  /** The executor tells the state of a task, and waits until the slave has it. */
  tell(taskId: string, state: string): Promise<void>;
}

const test = suite<World>("a slave's endpoints");

test.before.each(async (world) => {
  const workDir = mkdtempSync(join(tmpdir(), 'lab-slave-server-'));
  const slave = await testSlaveServer({ server: { workDir, flags: { port: '5051' } } });
  await slave.report('REGISTER_SLAVE');
  slave.order(runTask(testTask('t1', 'x', { labels: [{ key: 'k', value: 'v' }] })));
  slave.order(runTask(testTask('t2')));
  const { containerId, token } = await slave.container();
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  const who = { framework_id: { value: 'f' }, executor_id: { value: 'e' } };
  const call = (body: object) => ({ method: 'POST', headers, body: { ...who, ...body } });
  const events = await slave.stream('/api/v1/executor', call({ type: 'SUBSCRIBE', subscribe: {} }));
  for (let n = 0; n < 3; n++) await events.next();
  let updates = 0;
  const tell: World['tell'] = async (taskId, state) => {
    const uuid = Buffer.alloc(16, ++updates).toString('base64');
    const status = { task_id: { value: taskId }, state, source: 'SOURCE_EXECUTOR', uuid };
    await slave.ask('/api/v1/executor', call({ type: 'UPDATE', update: { status } }));
    await events.next();
  };
  Object.assign(world, { workDir, slave, containerId, events, tell });
});
test.after.each(async ({ workDir }) => {
  await tidyUp();
  rmSync(workDir, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: what comes is looked at, not trusted
type Json = any;

async function get(slave: Slave, path: string): Promise<Json> {
  const answer = await slave.ask(path);
  assert.is(answer.status, 200, `${path}: ${answer.body}`);
  return JSON.parse(answer.body);
}

async function operate(slave: Slave, body: object): Promise<Json> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await slave.ask('/api/v1', { method: 'POST', headers, body });
  assert.is(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
}

/** Lets the executor end, and waits until the slave has told its master. */
async function end(slave: Slave): Promise<void> {
  (await slave.container()).end({ status: 0 });
  await slave.report('EXITED_EXECUTOR');
}

test('/state has frameworks, executors and tasks as the page of Mesos reads them', async ({
  slave,
  workDir,
  containerId,
  tell,
}) => {
  await tell('t1', 'TASK_RUNNING');
  await tell('t1', 'TASK_FINISHED');
  const state = await get(slave, '/slave(1)/state');
  const { port } = slave;
  assert.equal(
    [state.id, state.pid, state.hostname, state.port, state.flags, state.attributes],
    ['S0', `slave(1)@127.0.0.1:${port}`, 'node', port, { port: '5051' }, { rack: 'r1' }],
  );
  assert.equal(state.resources, { cpus: 4, gpus: 0, mem: 1024, disk: 0 });
  assert.is(state.unreserved_resources_allocated.cpus, 1.5);
  const [framework] = state.frameworks;
  assert.equal([framework.id, framework.name, framework.failover_timeout], ['f', 'f', 60]);
  const [executor] = framework.executors;
  assert.equal(
    [executor.id, executor.name, executor.container, executor.directory],
    ['e', 'sleeper', containerId, `${workDir}/slaves/S0/frameworks/f/executors/e/runs/${containerId}`],
  );
  const [task] = executor.tasks;
  assert.equal([task.id, task.state, task.slave_id, task.executor_id], ['t2', 'TASK_STAGING', 'S0', 'e']);
  const [ended] = executor.completed_tasks;
  assert.equal([ended.id, ended.state, ended.labels], ['t1', 'TASK_FINISHED', [{ key: 'k', value: 'v' }]]);
  assert.equal(
    ended.statuses.map((status: Json) => status.state),
    ['TASK_RUNNING', 'TASK_FINISHED'],
  );
  assert.equal(state.completed_frameworks, []);
});

test('what has ended is still told of', async ({ slave, tell }) => {
  await tell('t1', 'TASK_RUNNING');
  await end(slave);
  await slave.status('t2', 'TASK_FAILED');
  const { frameworks, completed_frameworks } = await get(slave, '/state');
  assert.equal(frameworks, []);
  const [framework] = completed_frameworks;
  assert.equal([framework.id, framework.executors], ['f', []]);
  const [executor] = framework.completed_executors;
  assert.equal(
    executor.completed_tasks.map((task: Json) => [task.id, task.state]),
    [
      ['t1', 'TASK_FAILED'],
      ['t2', 'TASK_FAILED'],
    ],
  );
  assert.equal(await get(slave, '/containers'), []);
});

test('containers, and what they use', async ({ slave, containerId }) => {
  const statistics = {
    cpus_limit: 2.5,
    cpus_system_time_secs: 0,
    cpus_user_time_secs: 1.5,
    mem_rss_bytes: 4096,
  };
  const [monitored] = await get(slave, '/monitor/statistics');
  assert.ok(Math.abs(monitored.statistics.timestamp * 1000 - Date.now()) < 60_000);
  assert.equal(
    { ...monitored, statistics: { ...monitored.statistics, timestamp: undefined } },
    {
      framework_id: 'f',
      executor_id: 'e',
      executor_name: 'sleeper',
      source: '',
      statistics: { ...statistics, timestamp: undefined },
    },
  );
  const [contained] = await get(slave, '/containers');
  assert.equal(
    [contained.container_id, contained.status],
    [containerId, { container_id: { value: containerId } }],
  );
  const { get_containers } = await operate(slave, { type: 'GET_CONTAINERS' });
  assert.equal(get_containers.containers[0].container_id, { value: containerId });
  assert.is(get_containers.containers[0].resource_statistics.mem_rss_bytes, 4096);
});

test('metrics count what there is, and what has ended', async ({ slave, tell }) => {
  await tell('t1', 'TASK_RUNNING');
  await tell('t1', 'TASK_FINISHED');
  const metrics = await get(slave, '/metrics/snapshot');
  for (const [name, value] of [
    ['slave/registered', 1],
    ['slave/frameworks_active', 1],
    ['slave/executors_running', 1],
    ['slave/executors_terminated', 0],
    ['slave/tasks_staging', 1],
    ['slave/tasks_running', 0],
    ['slave/tasks_finished', 1],
    ['slave/cpus_total', 4],
    ['slave/cpus_used', 1.5],
    ['slave/cpus_percent', 0.375],
    ['slave/gpus_total', 0],
  ] as const)
    assert.is(metrics[name], value, name);
  assert.ok(metrics['slave/uptime_secs'] >= 0 && metrics['system/mem_total_bytes'] > 0);
  await tell('t2', 'TASK_RUNNING');
  await end(slave);
  const after = await get(slave, '/metrics/snapshot');
  assert.equal(
    [after['slave/tasks_failed'], after['slave/executors_terminated'], after['slave/frameworks_active']],
    [1, 1, 0],
  );
  const { get_metrics } = await operate(slave, { type: 'GET_METRICS', get_metrics: {} });
  assert.ok(
    get_metrics.metrics.some(({ name, value }: Json) => name === 'slave/tasks_failed' && value === 1),
  );
});

test('the operator API tells of the slave', async ({ slave, tell }) => {
  await tell('t1', 'TASK_RUNNING');
  assert.equal(await operate(slave, { type: 'GET_HEALTH' }), {
    type: 'GET_HEALTH',
    get_health: { healthy: true },
  });
  const { get_version } = await operate(slave, { type: 'GET_VERSION' });
  assert.equal(get_version.version_info, await get(slave, '/version'));
  const { get_flags } = await operate(slave, { type: 'GET_FLAGS' });
  assert.equal(get_flags, { flags: [{ name: 'port', value: '5051' }] });
  const { get_agent } = await operate(slave, { type: 'GET_AGENT' });
  assert.equal([get_agent.agent_info.id, get_agent.agent_info.port], [{ value: 'S0' }, slave.port]);
  const { get_state } = await operate(slave, { type: 'GET_STATE' });
  assert.equal(get_state.get_frameworks.frameworks[0].framework_info.id, { value: 'f' });
  assert.equal(get_state.get_executors.executors[0].executor_info.executor_id, { value: 'e' });
  assert.equal(
    get_state.get_tasks.launched_tasks.map(({ task_id, state }: Json) => [task_id.value, state]),
    [
      ['t1', 'TASK_RUNNING'],
      ['t2', 'TASK_STAGING'],
    ],
  );
  const [labelled, plain] = get_state.get_tasks.launched_tasks;
  for (const { agent_id, executor_id } of [labelled, plain])
    assert.equal([agent_id, executor_id], [{ value: 'S0' }, { value: 'e' }]);
  assert.equal([labelled.labels, plain.labels], [{ labels: [{ key: 'k', value: 'v' }] }, undefined]);
  await end(slave);
  // Acknowledged by now, or not: it is told of once in any case.
  const { get_tasks } = await operate(slave, { type: 'GET_TASKS' });
  const { terminated_tasks: terminated = [], completed_tasks: completed = [] } = get_tasks;
  assert.equal([...terminated, ...completed].map(({ task_id }: Json) => task_id.value).sort(), ['t1', 't2']);
  const { get_executors } = await operate(slave, { type: 'GET_EXECUTORS' });
  assert.is(get_executors.completed_executors.length, 1);
  const { get_frameworks } = await operate(slave, { type: 'GET_FRAMEWORKS' });
  assert.is(get_frameworks.completed_frameworks[0].framework_info.name, 'f');
});

test('the operator API lists and reads files, also as protobuf', async ({ slave, workDir, containerId }) => {
  const sandbox = join(workDir, 'slaves/S0/frameworks/f/executors/e/runs', containerId);
  mkdirSync(sandbox, { recursive: true });
  writeFileSync(join(sandbox, 'bytes'), Buffer.from([0, 255, 1, 254]));
  const { list_files } = await operate(slave, { type: 'LIST_FILES', list_files: { path: sandbox } });
  const [info] = list_files.file_infos;
  assert.equal([info.path, info.size, info.mode & 0o170000], [join(sandbox, 'bytes'), 4, 0o100000]);
  const answer = await slave.open('/api/v1', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-protobuf', Accept: 'application/x-protobuf' },
    body: Buffer.from(
      toProtobuf(v1.Call, {
        type: 'READ_FILE',
        read_file: { path: join(sandbox, 'bytes'), offset: 1, length: 2 },
      }),
    ),
  });
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece);
  assert.equal(fromProtobuf(v1.Response, Buffer.concat(pieces)), {
    type: 'READ_FILE',
    read_file: { size: 4, data: Buffer.from([255, 1]).toString('base64') },
  });
});

test('a slave that has not started tells so, and one without a folder shows no files', async () => {
  const headers = { 'Content-Type': 'application/json' };
  const ask = async (server: object, type: string): Promise<unknown> => {
    const { ask } = await testSlaveServer({ server });
    const body = { type, list_files: { path: '/' } };
    const { status, body: why } = await ask('/api/v1', { method: 'POST', headers, body });
    return [status, why];
  };
  assert.equal(await ask({ window: () => undefined }, 'GET_HEALTH'), [
    503,
    'Agent has not finished recovery',
  ]);
  assert.equal(await ask({}, 'LIST_FILES'), [501, 'This slave shows no files']);
});

test('what the operator API does not take is refused', async ({ slave }) => {
  const headers = { 'Content-Type': 'application/json' };
  for (const [body, status, complaint] of [
    [{}, 400, /Failed to validate agent::Call: Expecting 'type' to be present/],
    [{ type: 'GET_METRICS' }, 400, /Expecting 'get_metrics' to be present/],
    [{ type: 'READ_FILE' }, 400, /Expecting 'read_file' to be present/],
    [{ type: 'READ_FILE', read_file: { path: '/etc/passwd', offset: 0 } }, 404, /no sandbox/],
    [{ type: 'LIST_FILES', list_files: {} }, 400, /Not initialized/],
    [{ type: 'LAUNCH_NESTED_CONTAINER' }, 501, /not supported/],
    [{ type: 'UNKNOWN' }, 501, /not supported/],
  ] as const) {
    const answer = await slave.ask('/api/v1', { method: 'POST', headers, body });
    assert.is(answer.status, status, answer.body);
    assert.match(answer.body, complaint);
  }
  assert.is((await slave.ask('/api/v1')).status, 405);
  assert.is((await slave.ask('/state', { method: 'POST', headers, body: {} })).status, 405);
});

test("the origin of a master's pages is where it is, by any of this machine's own names", () => {
  const master = 'master@10.0.0.1:5050';
  assert.ok(isOriginOf('http://10.0.0.1:5050', 'http', master));
  const others = [
    'https://10.0.0.1:5050',
    'http://10.0.0.1',
    'http://10.0.0.2:5050',
    'http://localhost:5050',
  ];
  for (const origin of [...others, 'null', '']) assert.not(isOriginOf(origin, 'http', master), origin);
  assert.ok(isOriginOf('http://localhost:5050', 'http', 'master@127.0.0.1:5050'));
  assert.not(isOriginOf('http://evil.example:5050', 'http', 'master@127.0.0.1:5050'));
  assert.ok(isOriginOf('https://master.example', 'https', 'master@master.example:443'));
  assert.not(isOriginOf('http://undefined', 'http', undefined));
});

test.run();
