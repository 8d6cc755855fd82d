import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SLAVE_INBOX, type SlaveMessage } from '../../mesos/protocol/message.ts';
import type { Context } from '../../mesos/runtime/actor.ts';
import { sharing, sharingSlave } from './sharing.ts';

const runTask = (n: number): SlaveMessage & { readonly type: 'RUN_TASK' } => ({
  type: 'RUN_TASK',
  frameworkId: 'f',
  frameworkInfo: { user: 'u', name: 'framework', id: 'f' },
  task: {
    name: 'task',
    taskId: `task.${n}`,
    slaveId: `s${n}`,
    resources: { cpus: 1 },
    executor: {
      executorId: 'e',
      name: 'load',
      command: { shell: false, value: 'x', arguments: [], environment: {} },
      resources: {},
    },
  },
});

test('two slaves are told what the master says, and keep once what is the same', () => {
  const told: SlaveMessage[] = [];
  const kind = {
    inbox: SLAVE_INBOX,
    create: () => ({ receive: (message: SlaveMessage) => void told.push(message) }),
  };
  const shared = sharing();
  for (const n of [1, 2])
    sharingSlave(kind, shared)
      .create({} as Context)
      .receive(runTask(n), 'master@m:1');
  assert.equal(told, [runTask(1), runTask(2)]);
  const [first, second] = told as ReturnType<typeof runTask>[];
  assert.is(first?.frameworkInfo, second?.frameworkInfo);
  assert.is(first?.task.executor, second?.task.executor);
  assert.is(first?.task.resources, second?.task.resources);
});

test('what differs is not mixed up, and the loss of a master is passed on', () => {
  const shared = sharing();
  assert.is.not(shared({ cpus: 1 }), shared({ cpus: 2 }));
  const lost: string[] = [];
  const kind = {
    inbox: SLAVE_INBOX,
    create: () => ({ receive() {}, lost: (peer: string) => void lost.push(peer) }),
  };
  sharingSlave(kind, shared)
    .create({} as Context)
    .lost?.('master@m:1');
  assert.equal(lost, ['master@m:1']);
});

test.run();
