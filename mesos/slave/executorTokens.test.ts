import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerOwner, ContainerSpec, Exit, Isolation } from '../isolation/isolation.ts';
import type { ExecutorEvent } from '../protocol/executor.ts';
import { EXECUTOR_INBOX } from '../protocol/message.ts';
import { executorPrincipal, executorTokens, readToken } from './executorTokens.ts';
import { SLAVE, silentIsolation, testSlave, testTask } from './testSlave.ts';

const spec = (containerId: string): ContainerSpec => ({
  containerId,
  frameworkId: 'f',
  slaveId: 's',
  slave: 'slave@127.0.0.1:5051',
  executorInfo: {
    executorId: 'e',
    name: 'e',
    command: { shell: true, value: 'true', arguments: [], environment: {} },
    resources: {},
  },
  shutdownGraceMs: 1,
});

/** Isolation that ends a container when the test says so. */
function scripted(canRecover: boolean): { isolation: Isolation; end(containerId: string): void } {
  const running = new Map<string, ContainerOwner>();
  const container = { update() {}, destroy() {} };
  const launch: Isolation['launch'] = ({ containerId }, owner) => {
    running.set(containerId, owner);
    return container;
  };
  return {
    isolation: { launch, ...(canRecover && { recover: (what, _, owner) => launch(what, owner) }) },
    end: (containerId) => running.get(containerId)?.exited({ status: 0 }),
  };
}

test('an executor is expected from its launch to its end, by the token that it was given', () => {
  const tokens = executorTokens('key');
  const { isolation, end } = scripted(false);
  const expecting = tokens.expecting(isolation);
  assert.is(tokens.tokenOf('executor/c1'), undefined);
  const exits: Exit[] = [];
  expecting.launch(spec('c1'), { exited: (exit) => void exits.push(exit) });
  const given = readToken(tokens.environment(spec('c1')));
  assert.equal(given, { principal: executorPrincipal('c1'), secret: tokens.tokenOf('executor/c1') });
  assert.is(tokens.tokenOf('executor/c2'), undefined);
  end('c1');
  assert.equal(exits, [{ status: 0 }]);
  assert.is(tokens.tokenOf('executor/c1'), undefined);
  assert.is(expecting.recover, undefined);
});

test('each container has another token, and each key gives others', () => {
  const token = (key: string, id: string) => readToken(executorTokens(key).environment(spec(id)))?.secret;
  const all = [token('a', 'c1'), token('a', 'c2'), token('b', 'c1')];
  assert.is(new Set(all).size, 3);
  for (const one of all) assert.match(one ?? '', /^[0-9a-f]{64}$/);
});

test('a slave that starts again knows the executors that it recovers by their tokens', () => {
  const before = readToken(executorTokens('key').environment(spec('c1')));
  const tokens = executorTokens('key');
  const { isolation, end } = scripted(true);
  tokens.expecting(isolation).recover?.(spec('c1'), {}, { exited() {} });
  assert.is(tokens.tokenOf('executor/c1'), before?.secret);
  end('c1');
  assert.is(tokens.tokenOf('executor/c1'), undefined);
});

test('what is no token is none', () => {
  for (const text of [undefined, '', 'secret', 'executor/c1:', `:${'0'.repeat(64)}`])
    assert.is(readToken({ MESOS_EXECUTOR_AUTHENTICATION_TOKEN: text }), undefined);
});

test('who has not authenticated as the executor of a container, or was started in another, is not taken for it', () => {
  const { isolation } = silentIsolation();
  const containers: string[] = [];
  const { cluster, run, pass } = testSlave({
    isolate: () => ({
      launch: (spec, owner) => {
        containers.push(spec.containerId);
        return isolation.launch(spec, owner);
      },
    }),
    slave: { executorPrincipal },
  });
  run(testTask('t'));
  const answerTo = (process: string, principal?: string, containerId?: string): string => {
    const received: ExecutorEvent[] = [];
    cluster.process(process, principal === undefined ? {} : { principal }).spawn<ExecutorEvent>('executor', {
      inbox: EXECUTOR_INBOX,
      create: (context) => {
        context.send(SLAVE, {
          type: 'SUBSCRIBE',
          frameworkId: 'f',
          executorId: 'e',
          ...(containerId !== undefined && { containerId }),
          unacknowledgedUpdates: [],
          unacknowledgedTasks: [],
        });
        return { receive: (event) => void received.push(event) };
      },
    });
    pass(10);
    return received.map(({ type }) => type).join();
  };
  assert.is(answerTo('nobody:1'), 'ERROR');
  assert.is(answerTo('somebody:1', 'executor/another'), 'ERROR');
  assert.is(answerTo('earlier:1', `executor/${containers[0]}`, 'another'), 'ERROR');
  assert.is(answerTo('itself:1', `executor/${containers[0]}`), 'SUBSCRIBED,LAUNCH');
});

test.run();
