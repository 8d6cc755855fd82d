/** The life of a framework over HTTP: its offers, its tasks, its schedulers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskStatus } from '../v1/entities.ts';
import type * as v1 from '../v1/scheduler.ts';
import { accept, FRAMEWORK, sleepTask } from './testMaster.ts';
import { offerOf, subscribed } from './testScheduler.ts';

const test = suite('a framework over HTTP');

test('a task is launched on an offer, runs, ends, and its updates are acknowledged', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge, window }) => {
    await addSlave();
    const offer = await offerOf(stream);
    assert.is(offer.hostname, 'node1');
    assert.is(offer.url?.address.ip, '127.0.0.1');
    assert.equal(offer.resources?.[0], {
      name: 'cpus',
      type: 'SCALAR',
      scalar: { value: 4 },
      role: '*',
    });
    assert.equal(offer.attributes, [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }]);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 10)]));
    for (const state of ['TASK_RUNNING', 'TASK_FINISHED'] as const) {
      const event = await stream.find('UPDATE');
      const { status } = event.update ?? {};
      assert.is(status?.state, state);
      assert.is(status?.source, 'SOURCE_EXECUTOR');
      assert.is(Buffer.from(status?.uuid ?? '', 'base64').length, 16);
      await acknowledge(event);
    }
    assert.is((await offerOf(stream)).resources?.[0]?.scalar?.value, 4);
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.tasks.size, 0);
  }));

test('a task that cannot be is an error for the framework, and the rest of the reply holds', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    const good = sleepTask(offer.agent_id.value, 'good', 1e6);
    const bad = { ...sleepTask(offer.agent_id.value, 'bad', 1), container: { type: 'DOCKER' } };
    await say(accept(frameworkId, [offer.id.value], [bad, good]));
    const statuses = [await stream.find('UPDATE'), await stream.find('UPDATE')].map((e) => e.update?.status);
    const byTask = new Map(statuses.map((status) => [status?.task_id.value, status]));
    assert.is(byTask.get('good')?.state, 'TASK_RUNNING');
    const refused = byTask.get('bad');
    assert.is(refused?.state, 'TASK_ERROR');
    assert.is(refused?.reason, 'REASON_TASK_INVALID');
    assert.is(refused?.uuid, undefined);
    assert.ok(Math.abs((refused?.timestamp ?? 0) * 1000 - Date.now()) < 60_000);
    assert.match(refused?.message ?? '', "'TaskInfo.container' is not supported");
  }));

test('a task with an id that cannot be is an error for the framework, and the rest of the reply holds', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    const ids = ['../up', '', 'long'.repeat(100), 'good'];
    const tasks = ids.map((id) => sleepTask(offer.agent_id.value, id, 1e6));
    await say(accept(frameworkId, [offer.id.value], tasks));
    const told = new Map<string, TaskStatus | undefined>();
    while (told.size < ids.length) {
      const { update } = await stream.find('UPDATE');
      told.set(update?.status.task_id.value ?? '', update?.status);
    }
    assert.equal(
      ids.map((id) => told.get(id)?.state),
      ['TASK_ERROR', 'TASK_ERROR', 'TASK_ERROR', 'TASK_RUNNING'],
    );
    assert.match(
      told.get('../up')?.message ?? '',
      "The task cannot be: taskId illegal id: it may not have '/'",
    );
  }));

test('what this system does not have is refused, and not passed over', () =>
  subscribed(async ({ call, addSlave, stream, frameworkId }) => {
    await addSlave();
    const offer = await offerOf(stream);
    const { status, text } = await call(
      {
        framework_id: { value: frameworkId },
        type: 'ACCEPT',
        accept: { offer_ids: [offer.id], operations: [{ type: 'CREATE' }] },
      },
      stream.streamId,
    );
    assert.is(status, 400);
    assert.match(text, 'Operations of type CREATE are not supported');
  }));

test('a task has the ports that it asks for, and nobody else until it ends', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge }) => {
    await addSlave('cpus:4;mem:4096;ports:[31000-31009]');
    const offer = await offerOf(stream);
    const portsOf = ({ resources }: typeof offer) =>
      resources?.find(({ name }) => name === 'ports')?.ranges?.range;
    assert.equal(portsOf(offer), [{ begin: 31_000, end: 31_009 }]);
    const withPorts = (id: string, begin: number, end: number) => {
      const task = sleepTask(offer.agent_id.value, id, 1e6);
      const ports = { name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } } as const;
      return { ...task, resources: [...(task.resources ?? []), ports] };
    };
    const tasks = [withPorts('t1', 31_004, 31_005), withPorts('t2', 31_005, 31_005), withPorts('t3', 80, 80)];
    await say(accept(frameworkId, [offer.id.value], tasks));
    const told = new Map<string, v1.Event>();
    while (told.size < 3) {
      const event = await stream.find('UPDATE');
      told.set(event.update?.status.task_id.value ?? '', event);
    }
    const stateOf = (id: string) => told.get(id)?.update?.status.state;
    assert.equal([stateOf('t1'), stateOf('t2'), stateOf('t3')], ['TASK_RUNNING', 'TASK_ERROR', 'TASK_ERROR']);
    assert.match(
      told.get('t2')?.update?.status.message ?? '',
      'Ports [31005-31005] required by task are not all in those available, [31000-31003, 31006-31009]',
    );
    await acknowledge(told.get('t1') ?? {});
    await say({ type: 'REVIVE' });
    assert.equal(portsOf(await offerOf(stream)), [
      { begin: 31_000, end: 31_003 },
      { begin: 31_006, end: 31_009 },
    ]);
    await say({ type: 'KILL', kill: { task_id: { value: 't1' } } });
    await acknowledge(await stream.find('UPDATE'));
    let ports: ReturnType<typeof portsOf>;
    do ports = portsOf(await offerOf(stream));
    while (ports?.length !== 1);
    assert.equal(ports, [{ begin: 31_004, end: 31_005 }]);
  }));

test('a void offer loses its tasks, and tells why', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, ['no-such-offer'], [sleepTask(offer.agent_id.value, 't1', 10)]));
    const { update } = await stream.find('UPDATE');
    assert.is(update?.status.state, 'TASK_LOST');
    assert.is(update?.status.reason, 'REASON_INVALID_OFFERS');
  }));

test('declined offers come back when they are revived', () =>
  subscribed(async ({ addSlave, stream, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say({ type: 'DECLINE', decline: { offer_ids: [offer.id], filters: { refuse_seconds: 3600 } } });
    await say({ type: 'REVIVE' });
    assert.is.not((await offerOf(stream)).id.value, offer.id.value);
  }));

test('a scheduler that suppresses its offers has none until it revives them', () =>
  subscribed(async ({ addSlave, stream, say, window, frameworkId }) => {
    await say({ type: 'SUPPRESS' });
    await addSlave();
    assert.ok(window.reign?.books.frameworks.get(frameworkId)?.isSuppressed);
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.offers.size, 0);
    await say({ type: 'REVIVE', revive: { roles: ['*'] } });
    await offerOf(stream);
  }));

test('a running task is reconciled, killed, and told of as killed', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, acknowledge }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await acknowledge(await stream.find('UPDATE'));
    await say({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 't1' } }] } });
    const { update: latest } = await stream.find('UPDATE');
    assert.is(latest?.status.reason, 'REASON_RECONCILIATION');
    assert.is(latest?.status.state, 'TASK_RUNNING');
    await say({ type: 'RECONCILE', reconcile: {} });
    assert.is((await stream.find('UPDATE')).update?.status.task_id.value, 't1');
    await say({ type: 'KILL', kill: { task_id: { value: 't1' }, agent_id: offer.agent_id } });
    assert.is((await stream.find('UPDATE')).update?.status.state, 'TASK_KILLED');
  }));

test('a scheduler and its executor send each other messages', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await stream.find('UPDATE');
    const executor_id = { value: 'sleeper' };
    await say({ type: 'MESSAGE', message: { agent_id: offer.agent_id, executor_id, data: 'aGk=' } });
    const { message } = await stream.find('MESSAGE');
    assert.equal(message, { agent_id: offer.agent_id, executor_id, data: 'aGk=' });
    await say({ type: 'SHUTDOWN', shutdown: { executor_id, agent_id: offer.agent_id } });
    const { failure } = await stream.find('FAILURE');
    assert.equal(failure?.executor_id, executor_id);
  }));

test('the offers of a scheduler that is gone are rescinded, and its tasks go on until it is back', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, subscribe }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    const { update } = await stream.find('UPDATE');
    stream.close();
    const again = await subscribe({ info: { id: { value: frameworkId } } });
    assert.is(await again.frameworkId(), frameworkId);
    const repeated = await again.find('UPDATE');
    assert.equal(repeated.update?.status.uuid, update?.status.uuid);
    await offerOf(again);
  }));

test('TEARDOWN ends the framework, and its id is never used again', () =>
  subscribed(async ({ addSlave, stream, frameworkId, say, subscribe, window, call }) => {
    await addSlave();
    const offer = await offerOf(stream);
    await say(accept(frameworkId, [offer.id.value], [sleepTask(offer.agent_id.value, 't1', 1e6)]));
    await stream.find('UPDATE');
    await say({ type: 'TEARDOWN' });
    const again = await subscribe({ info: { id: { value: frameworkId } } });
    assert.is((await again.next()).error?.message, 'Framework has been removed');
    assert.is(window.reign?.books.frameworks.size, 0);
    const { status, text } = await call(
      { framework_id: { value: frameworkId }, type: 'REVIVE' },
      stream.streamId,
    );
    assert.is(`${status} ${text}`, '400 Framework cannot be found');
  }));

test('a framework changes its name and its wishes, and not what it is', () =>
  subscribed(async ({ addSlave, stream, frameworkId, call, window }) => {
    const update = (
      more: object,
      offer_constraints = onHost('node2'),
    ): Promise<{ status: number; text: string }> =>
      call(
        {
          framework_id: { value: frameworkId },
          type: 'UPDATE_FRAMEWORK',
          update_framework: {
            framework_info: { ...FRAMEWORK, id: { value: frameworkId }, name: 'other', ...more },
            offer_constraints,
          },
        },
        stream.streamId,
      );
    for (const same of [{}, {}, { role: '*', checkpoint: false }])
      assert.is((await update(same)).status, 200);
    for (const [field, value] of [
      ['id', { value: 'another' }],
      ['user', 'somebody'],
      ['checkpoint', true],
      ['role', 'gold'],
    ] as const) {
      const { status, text } = await update({ [field]: value }, {});
      assert.is(`${status} ${text}`, `400 Updating 'FrameworkInfo.${field}' is not supported by this system`);
    }
    assert.is((await update({ roles: ['*'], capabilities: [{ type: 'MULTI_ROLE' }] })).status, 200);
    await addSlave();
    await addSlave();
    const { hostname, allocation_info } = await offerOf(stream);
    assert.is(hostname, 'node2');
    assert.equal(allocation_info, { role: '*' }, 'which those are told that may have several roles');
    assert.is(window.reign?.books.frameworks.get(frameworkId)?.info.name, 'other');
  }));

function onHost(value: string): v1.OfferConstraints {
  const constraint = {
    selector: { pseudoattribute_type: 'HOSTNAME' },
    predicate: { text_equals: { value } },
  } as const;
  return { role_constraints: { '*': { groups: [{ attribute_constraints: [constraint] }] } } };
}

test.run();
