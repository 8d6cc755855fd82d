/** Calls of executors and events for them: from the house to v1, over either form, and back. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commandExecutorInfo } from '../../protocol/commandTask.ts';
import type { CommandInfo, ExecutorInfo, SlaveInfo, TaskInfo, TaskStatus } from '../../protocol/entities.ts';
import type { ExecutorCall, ExecutorEvent } from '../../protocol/executor.ts';
import { CONTENT_TYPES, decode, encode } from '../codec.ts';
import { Call, Event } from '../executor.ts';
import { executorCallToV1, executorEventFromV1 } from './executorClient.ts';
import { executorCallFromV1, executorEventToV1 } from './executors.ts';

const WHO = { frameworkId: 'F', executorId: 'e' };
const UUID = '0123456789abcdef0123456789abcdef';
const COMMAND: CommandInfo = { shell: true, value: 'true', arguments: [], environment: { A: 'b' } };
const EXECUTOR: ExecutorInfo = {
  executorId: 'e',
  name: 'n',
  command: COMMAND,
  resources: { cpus: 0.1 },
  data: 'AQI=',
};
const TASK: TaskInfo = {
  name: 't',
  taskId: 't',
  slaveId: 'S',
  resources: { cpus: 1, mem: 32 },
  executor: EXECUTOR,
};
const COMMAND_TASK: TaskInfo = { ...TASK, executor: commandExecutorInfo('t', COMMAND), command: COMMAND };
const STATUS: TaskStatus = {
  taskId: 't',
  state: 'TASK_FAILED',
  source: 'SOURCE_EXECUTOR',
  reason: 'REASON_COMMAND_EXECUTOR_FAILED',
  message: 'größer',
  timestamp: 1.5,
  uuid: UUID,
};

const bytesOf = (written: string | Uint8Array): Buffer => Buffer.from(written);

for (const contentType of CONTENT_TYPES) {
  test(`a slave reads the calls of our executors: ${contentType}`, () => {
    const calls: readonly ExecutorCall[] = [
      { type: 'SUBSCRIBE', ...WHO, unacknowledgedTasks: [], unacknowledgedUpdates: [] },
      {
        type: 'SUBSCRIBE',
        ...WHO,
        unacknowledgedTasks: [TASK, COMMAND_TASK],
        unacknowledgedUpdates: [STATUS],
      },
      { type: 'UPDATE', ...WHO, status: STATUS },
      { type: 'MESSAGE', ...WHO, data: 'AQI=' },
    ];
    for (const call of calls) {
      const written = bytesOf(encode(Call, contentType, executorCallToV1(call)));
      assert.equal(executorCallFromV1(decode(Call, contentType, written, 'Call'), 0), call);
    }
  });

  test(`our executors read the events of a slave: ${contentType}`, () => {
    const slaveInfo: SlaveInfo = {
      id: 'S',
      hostname: 'node',
      resources: { cpus: 4, ports: 3 },
      ports: [[31000, 31002]],
      attributes: { rack: 'r1' },
    };
    const frameworkInfo = { user: 'u', name: 'f', id: 'F', failoverTimeout: 60, checkpoint: true };
    const events: readonly ExecutorEvent[] = [
      { type: 'SUBSCRIBED', executorInfo: EXECUTOR, frameworkInfo, slaveInfo },
      { type: 'LAUNCH', task: TASK },
      { type: 'LAUNCH', task: COMMAND_TASK },
      { type: 'KILL', taskId: 't' },
      { type: 'KILL', taskId: 't', gracePeriodMs: 0 },
      { type: 'KILL', taskId: 't', gracePeriodMs: 1500 },
      { type: 'ACKNOWLEDGED', taskId: 't', uuid: UUID },
      { type: 'MESSAGE', data: 'AQI=' },
      { type: 'SHUTDOWN' },
      { type: 'ERROR', message: 'why' },
    ];
    for (const event of events) {
      const written = bytesOf(
        encode(Event, contentType, executorEventToV1(event, { frameworkId: 'F', containerId: 'c' })),
      );
      assert.equal(executorEventFromV1(decode(Event, contentType, written, 'Event')), event);
    }
  });
}

test('the executor of a command is told of itself', () => {
  const executorInfo = commandExecutorInfo('t', COMMAND);
  const slaveInfo = { id: 'S', hostname: 'node', resources: {}, attributes: {} };
  const frameworkInfo = { user: 'u', name: 'f', id: 'F', failoverTimeout: 0, checkpoint: false };
  const event: ExecutorEvent = { type: 'SUBSCRIBED', executorInfo, frameworkInfo, slaveInfo };
  assert.equal(executorEventFromV1(executorEventToV1(event, { frameworkId: 'F' })), event);
});

test('of other slaves, what has no place here is left out, or refused', () => {
  const disks = { name: 'disks', type: 'SET', set: { item: ['a'] } } as const;
  const read = executorEventFromV1({
    type: 'SUBSCRIBED',
    subscribed: {
      executor_info: { executor_id: { value: 'e' }, command: { value: '/usr/libexec/mesos/mesos-executor' } },
      framework_info: { user: 'u', name: 'f' },
      agent_info: {
        hostname: 'node',
        resources: [disks, { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }],
      },
    },
  });
  assert.equal(read?.type === 'SUBSCRIBED' && read.slaveInfo.resources, { cpus: 1 });
  assert.is(executorEventFromV1({ type: 'HEARTBEAT' }), undefined);
  assert.is(executorEventFromV1({}), undefined);
  assert.throws(() => executorEventFromV1({ type: 'LAUNCH' }), /Expecting 'launch' to be present/);
  assert.throws(
    () => executorEventFromV1({ type: 'LAUNCH_GROUP', launch_group: { task_group: {} } }),
    /Task groups are not supported/,
  );
});

test.run();
