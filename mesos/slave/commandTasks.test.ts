import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Container, ContainerSpec, Isolation } from '../isolation/isolation.ts';
import type { TaskStatus } from '../protocol/entities.ts';
import type { Resources } from '../protocol/resources.ts';
import { memoryCheckpoint, runTask, silentIsolation, testCommand, testSlave, testTask } from './testSlave.ts';

const PROGRAM = { shell: false, value: 'lab', arguments: ['lab', 'executor', 'command'], environment: {} };
const URI = { value: 'http://host/it' };
const told = ({ state, reason, source }: Partial<TaskStatus> = {}) => ({ state, reason, source });
const kill = (taskId: string, more: { gracePeriodMs?: number } = {}) =>
  ({ type: 'KILL_TASK', frameworkId: 'f', taskId, ...more }) as const;

test('a command task is run by the program that the slave was given, which is told what to fetch', () => {
  const specs: ContainerSpec[] = [];
  const { run, states, send, pass, reports } = testSlave({
    slave: { commandExecutor: PROGRAM },
    isolate: (inner) => ({
      launch(spec, owner) {
        specs.push(spec);
        return inner.launch(spec, owner);
      },
    }),
  });
  run(testCommand('t', { uris: [URI] }));
  assert.equal(states('t'), ['TASK_RUNNING']);
  assert.equal(specs[0]?.executorInfo.command, { ...PROGRAM, uris: [URI] });
  send(kill('t'));
  pass(10);
  assert.equal(states('t'), ['TASK_RUNNING', 'TASK_KILLED']);
  assert.equal(reports('EXITED_EXECUTOR'), []);
});

test('without one a command task fails, and its executor is not remembered', () => {
  const { run, last, reports } = testSlave();
  run(testCommand('t'));
  assert.equal(told(last('t')), {
    state: 'TASK_FAILED',
    reason: 'REASON_COMMAND_EXECUTOR_FAILED',
    source: 'SOURCE_SLAVE',
  });
  assert.match(last('t')?.message ?? '', /runs no command tasks/);
  assert.is(reports('EXITED_EXECUTOR')[0]?.executorId, 't');
});

test('the container of a command holds more than its task, and most while it starts', () => {
  const updates: Resources[] = [];
  const isolate = (inner: Isolation): Isolation => ({
    launch: (spec, owner) => ({
      ...inner.launch(spec, owner),
      update: (resources) => void updates.push(resources),
    }),
  });
  const { run } = testSlave({ slave: { commandExecutor: PROGRAM }, isolate });
  run({ ...testCommand('t'), resources: { cpus: 1, mem: 32 } });
  run({ ...testCommand('u'), resources: { cpus: 2 } });
  assert.equal(updates, [{ cpus: 2, mem: 96 }, { cpus: 1.1, mem: 96 }, { cpus: 3 }, { cpus: 2.1 }]);
});

test('the executor of a command that was killed before it came does not wait for another', () => {
  const silent = silentIsolation();
  const { run, send, pass, last } = testSlave({
    slave: { commandExecutor: PROGRAM },
    isolate: () => silent.isolation,
  });
  run(testCommand('t'), testTask('u'));
  send(kill('t'));
  send(kill('u'));
  pass(10);
  const killed = {
    state: 'TASK_KILLED',
    reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
    source: 'SOURCE_SLAVE',
  };
  assert.equal([told(last('t')), told(last('u'))], [killed, killed]);
  assert.is(silent.destroyed(), 1);
});

test('the executor of a command has time to tell how that ended when the grace was over', () => {
  const { run, send, pass, states, last } = testSlave({ slave: { commandExecutor: PROGRAM } });
  run({ ...testCommand('t'), data: testTask('x', 'stubborn').data as string });
  send(kill('t', { gracePeriodMs: 3_000 }));
  pass(7_900);
  assert.equal(states('t'), ['TASK_RUNNING']);
  pass(200);
  assert.equal(told(last('t')), { state: 'TASK_KILLED', reason: undefined, source: 'SOURCE_SLAVE' });
});

test('that a command was out of memory is told, though its executor cannot know', () => {
  let finish: ((state: 'TASK_FAILED' | 'TASK_FINISHED') => void) | undefined;
  const limitation = { reason: 'REASON_CONTAINER_LIMITATION_MEMORY', message: 'It was too large' } as const;
  const { run, last, pass, cluster, seen } = testSlave({
    slave: { commandExecutor: PROGRAM },
    isolate: () => ({
      launch(spec, owner) {
        const { executorId } = spec.executorInfo;
        finish = (state) =>
          cluster.process('executors-of-node:0').spawn(`teller-${executorId}`, {
            inbox: {},
            create: (context) => {
              const status = {
                taskId: executorId,
                state,
                source: 'SOURCE_EXECUTOR',
                timestamp: 0,
                uuid: 'u',
              } as const;
              const unacknowledgedUpdates = [status];
              const who = { frameworkId: 'f', executorId };
              context.send(spec.slave, {
                type: 'SUBSCRIBE',
                ...who,
                unacknowledgedUpdates,
                unacknowledgedTasks: [],
              });
              return { receive() {} };
            },
          });
        return { update() {}, destroy: () => owner.exited({ status: 137 }), limitation: () => limitation };
      },
    }),
  });
  run(testCommand('t'));
  finish?.('TASK_FAILED');
  pass(10);
  assert.equal(told(last('t')), {
    state: 'TASK_FAILED',
    reason: 'REASON_CONTAINER_LIMITATION_MEMORY',
    source: 'SOURCE_EXECUTOR',
  });
  assert.is(last('t')?.message, 'It was too large');
  run(testCommand('u'));
  finish?.('TASK_FINISHED');
  pass(10);
  assert.equal(told(last('u')), { state: 'TASK_FINISHED', reason: undefined, source: 'SOURCE_EXECUTOR' });
  assert.is(seen('executor-started').length, 2);
});

/** An isolation module that fetches until the test says that all is there. */
function fetchingIsolation(inner: Isolation, later: (run: () => void) => void) {
  let arrive = (): void => {};
  let destroyed = 0;
  const isolation: Isolation = {
    launch(spec, owner) {
      let container: Container | undefined;
      arrive = () => {
        container = inner.launch(spec, owner);
        owner.started?.();
      };
      return {
        get isFetching() {
          return container === undefined;
        },
        get state() {
          return container?.state;
        },
        update() {},
        destroy() {
          destroyed++;
          if (container === undefined) later(() => owner.exited({ status: 137 }));
          else container.destroy();
        },
      };
    },
    recover: (...args) => inner.recover?.(...args) as Container,
  };
  return { isolation, arrive: () => arrive(), destroyed: () => destroyed };
}

function fetchingSlave() {
  let own: ReturnType<typeof fetchingIsolation> | undefined;
  const checkpoint = memoryCheckpoint();
  const slave = testSlave({
    slave: { commandExecutor: PROGRAM, checkpoint, executorRegistrationTimeoutMs: 5_000 },
    isolate(inner) {
      own = fetchingIsolation(inner, (run) => slave.cluster.at(slave.cluster.now, run));
      return own.isolation;
    },
  });
  return { ...slave, checkpoint, arrive: () => own?.arrive(), destroyed: () => own?.destroyed() ?? 0 };
}

test('to fetch may take longer than to start, and what waits is launched then', () => {
  const { run, pass, send, states, arrive, destroyed } = fetchingSlave();
  run(testTask('t'));
  pass(100_000);
  send(runTask(testTask('u')));
  pass(10);
  assert.equal([states('t'), states('u'), destroyed()], [[], [], 0]);
  arrive();
  pass(10);
  assert.equal([states('t'), states('u')], [['TASK_RUNNING'], ['TASK_RUNNING']]);
});

for (const [what, end] of [
  ['its only task is killed', kill('t')],
  ['it is told to end', { type: 'SHUTDOWN_EXECUTOR', frameworkId: 'f', executorId: 'e' }],
] as const)
  test(`the fetch for an executor ends when ${what}`, () => {
    const { run, pass, send, states, reports, destroyed, arrive } = fetchingSlave();
    run(testTask('t'));
    send(end);
    pass(10);
    assert.equal(states('t').length, 1);
    assert.is(destroyed(), 1);
    assert.equal(
      reports('EXITED_EXECUTOR').map(({ executorId, status }) => [executorId, status]),
      [['e', 137]],
    );
    // Too late, and of no effect.
    arrive();
    pass(10);
    assert.is(states('t').length, 1);
  });

test('a kill of one of several tasks does not end the fetch', () => {
  const { run, send, pass, states, arrive } = fetchingSlave();
  run(testTask('t'), testTask('u'));
  send(kill('t'));
  pass(10);
  arrive();
  pass(10);
  assert.equal([states('t'), states('u')], [['TASK_KILLED'], ['TASK_RUNNING']]);
});

test('a slave that comes back finds what has started after a fetch, and gives up what had not', () => {
  for (const isThere of [true, false]) {
    const { run, crash, start, pass, states, last, arrive } = fetchingSlave();
    run(testCommand('t'));
    if (isThere) arrive();
    pass(10);
    crash();
    pass(10);
    start();
    pass(5_000);
    if (isThere) assert.equal(states('t'), ['TASK_RUNNING']);
    else
      assert.equal(told(last('t')), {
        state: 'TASK_FAILED',
        reason: 'REASON_SLAVE_RESTARTED',
        source: 'SOURCE_SLAVE',
      });
  }
});

test.run();
