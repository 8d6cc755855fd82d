import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskStatus } from '../protocol/entities.ts';
import type { SlaveReport } from '../protocol/slave.ts';
import type { TaskState } from '../protocol/tasks.ts';
import { VirtualCluster } from '../runtime/virtual.ts';
import { type RecoveredUpdates, UpdateSender, UpdateStream, WAITING_MAX } from './updates.ts';

const status = (uuid: string, state: TaskState = 'TASK_RUNNING') => ({
  taskId: 't',
  state,
  source: 'SOURCE_EXECUTOR' as const,
  timestamp: 0,
  uuid,
});

/** A task's updates as its slave handles them, and what was sent of them. */
function testStream(recovered?: RecoveredUpdates) {
  const cluster = new VirtualCluster({ seed: 1 });
  const sent: (string | undefined)[] = [];
  const task = Object.assign(new UpdateStream(recovered), { frameworkId: 'f' });
  let sender: UpdateSender | undefined;
  const report = (told: SlaveReport): void => {
    if (told.type === 'STATUS_UPDATE') sent.push(told.status.uuid);
  };
  cluster.process('node:0').spawn('owner', {
    inbox: {},
    create: (context) => {
      sender = new UpdateSender({ context, registration: { report } }, [task]);
      return { receive() {} };
    },
  });
  const repeat = (): void => sender?.send(task);
  return {
    stream: {
      add: (update: TaskStatus) => void (task.takes(update) && task.addUpdate(update) && repeat()),
      acknowledge: (uuid: string) => {
        const isNews = task.acknowledge(uuid);
        if (isNews) repeat();
        return isNews;
      },
      takes: (update: TaskStatus) => task.takes(update),
      repeat,
      isComplete: () => task.isComplete,
    },
    sent,
    pass: (ms: number) => void cluster.run(() => false, cluster.now + ms),
  };
}

test('an update that comes twice is sent once, even after it was acknowledged', () => {
  const { stream, sent } = testStream();
  stream.add(status('a'));
  stream.add(status('a'));
  assert.ok(stream.acknowledge('a'));
  assert.not(stream.takes(status('a')));
  stream.add(status('a'));
  assert.equal(sent, ['a']);
});

test('nothing comes after the end', () => {
  const { stream, sent } = testStream();
  stream.add(status('a', 'TASK_FINISHED'));
  stream.add(status('b', 'TASK_FAILED'));
  assert.ok(stream.acknowledge('a'));
  assert.ok(stream.isComplete());
  assert.equal(sent, ['a']);
});

test('only an acknowledgement of the update that is under way counts, and only once', () => {
  const { stream, sent } = testStream();
  stream.add(status('a'));
  stream.add(status('b'));
  assert.not(stream.acknowledge('b'));
  assert.not(stream.acknowledge('x'));
  assert.ok(stream.acknowledge('a'));
  assert.not(stream.acknowledge('a'));
  assert.equal(sent, ['a', 'b']);
});

test('where more would wait than may, the last gives way to what comes, and is known all the same', () => {
  const { stream, sent } = testStream();
  for (let n = 0; n < WAITING_MAX + 5; n++) stream.add(status(`${n}`));
  assert.not(stream.takes(status(`${WAITING_MAX}`)));
  stream.add(status('end', 'TASK_FINISHED'));
  for (let n = 0; n < WAITING_MAX - 1; n++) assert.ok(stream.acknowledge(`${n}`));
  assert.not(stream.isComplete());
  assert.ok(stream.acknowledge('end'));
  assert.ok(stream.isComplete());
  assert.is(sent.length, WAITING_MAX);
});

test('what was recovered waits until it is to be repeated, and is known', () => {
  const { stream, sent, pass } = testStream({ waiting: [status('b')], seen: ['a', 'b'] });
  pass(1e6);
  assert.equal(sent, []);
  stream.add(status('a'));
  stream.repeat();
  assert.equal(sent, ['b']);
  pass(15_000);
  assert.equal(sent, ['b', 'b']);
});

test('a repetition starts the pauses anew', () => {
  const { stream, sent, pass } = testStream();
  stream.add(status('a'));
  pass(35_000);
  assert.is(sent.length, 3);
  stream.repeat();
  pass(10_500);
  assert.is(sent.length, 5);
});

test.run();
