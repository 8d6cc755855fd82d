/** What operators do over HTTP, by the operator API and by the classic endpoints: forms, statuses, and that something happens. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MasterOptions } from '../master/options.ts';
import { memoryRegistry } from '../master/registry.ts';
import { decode, encode } from '../v1/codec.ts';
import type { ClusterStatus } from '../v1/maintenance.ts';
import * as v1 from '../v1/master.ts';
import { type Agent, Response } from '../v1/masterAnswers.ts';
import { accept, type Reply, sleepTask, type TestMaster, withMaster } from './testMaster.ts';

const test = suite('operators over HTTP');

const JSON_TYPE = { 'Content-Type': 'application/json' };
const NODE1 = { hostname: 'node1', ip: '127.0.0.1' };
const START = { nanoseconds: 1_900_000_000_000_000_000 };
const SCHEDULE = {
  windows: [
    { machine_ids: [NODE1], unavailability: { start: START, duration: { nanoseconds: 60_000_000_000 } } },
  ],
};

const order = ({ ask }: TestMaster, call: unknown, headers = {}): Promise<Reply> =>
  ask({ path: '/api/v1', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(call) });
const get = async ({ ask }: TestMaster, path: string): Promise<unknown> => {
  const { status, text } = await ask({ method: 'GET', path });
  assert.is(status, 200, text);
  return JSON.parse(text);
};
const send = (
  { ask }: TestMaster,
  method: string,
  path: string,
  body?: unknown,
  headers = {},
): Promise<Reply> =>
  ask({ method, path, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
const told = ({ status, text }: Reply): unknown => [status, text];

/** What is told of the orders for the only slave, by both kinds of endpoints. */
async function agentFields(master: TestMaster): Promise<readonly unknown[]> {
  const { get_agents } = JSON.parse((await order(master, { type: 'GET_AGENTS' })).text);
  const [v1Agent] = get_agents.agents as readonly Agent[];
  const { slaves } = (await get(master, '/slaves')) as { readonly slaves: readonly ClassicSlave[] };
  const [{ active, deactivated, drain_info, estimated_drain_start_time_seconds } = {}] = slaves;
  const { active: isActive, deactivated: isDeactivated, drain_info: info } = v1Agent ?? {};
  assert.equal([active, deactivated, drain_info], [isActive, isDeactivated, info]);
  return [active, deactivated, drain_info, estimated_drain_start_time_seconds];
}

/** As `/slaves` tells of it. */
type ClassicSlave = Partial<Pick<Agent, 'active' | 'deactivated' | 'drain_info'>> & {
  readonly estimated_drain_start_time_seconds?: number;
};

/** A framework with a task that sleeps for a minute. */
async function busy(master: TestMaster) {
  await master.addSlave();
  const stream = await master.subscribe({ info: { capabilities: [{ type: 'PARTITION_AWARE' }] } });
  const id = await stream.frameworkId();
  const { offers } = await stream.find('OFFERS');
  const [offer] = offers?.offers ?? [];
  const agentId = offer?.agent_id.value ?? '';
  const launch = accept(id, [offer?.id.value ?? ''], [sleepTask(agentId, 't1', 60_000)]);
  const accepted = { offer_ids: [], ...launch.accept, filters: { refuse_seconds: 0 } };
  await master.call({ ...launch, accept: accepted }, stream.streamId);
  const acknowledge = async (): Promise<unknown> => {
    const { update } = await stream.find('UPDATE');
    const { state, reason, uuid } = update?.status ?? {};
    const ids = { agent_id: { value: agentId }, task_id: { value: 't1' } };
    if (uuid !== undefined)
      await master.call(
        { framework_id: { value: id }, type: 'ACKNOWLEDGE', acknowledge: { ...ids, uuid } },
        stream.streamId,
      );
    return [state, reason];
  };
  assert.equal(await acknowledge(), ['TASK_RUNNING', undefined]);
  return { stream, id, agentId, acknowledge };
}

test('TEARDOWN ends a framework; one that there is not is 400', () =>
  withMaster(async (master) => {
    const { stream, id } = await busy(master);
    assert.equal(told(await order(master, { type: 'TEARDOWN', teardown: { framework_id: { value: id } } })), [
      200,
      '',
    ]);
    assert.is((await stream.find('ERROR')).error?.message, 'Framework has been removed');
    await stream.ended;
    assert.equal(told(await order(master, { type: 'TEARDOWN', teardown: { framework_id: { value: id } } })), [
      400,
      'No framework found with specified ID',
    ]);
  }));

test('POST /teardown takes a form', () =>
  withMaster(async (master) => {
    const stream = await master.subscribe();
    const id = await stream.frameworkId();
    const post = async (body: string): Promise<unknown> =>
      told(
        await master.ask({
          path: '/master/teardown',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body,
        }),
      );
    assert.equal(await post(''), [400, "Missing 'frameworkId' query parameter in the request body"]);
    assert.equal(await post('frameworkId=none'), [400, 'No framework found with specified ID']);
    assert.equal(await post(`frameworkId=${id}`), [200, '']);
    await stream.ended;
    const { status, headers } = await master.ask({ method: 'GET', path: '/teardown' });
    assert.equal([status, headers.allow], [405, 'POST']);
  }));

test('MARK_AGENT_GONE: 404 if there is no such agent, and as often as one likes', () =>
  withMaster(async (master) => {
    const { agentId, acknowledge, stream } = await busy(master);
    const mark = async (value: string): Promise<unknown> =>
      told(await order(master, { type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id: { value } } }));
    assert.equal(await mark('none'), [404, 'No agent found with the id none']);
    assert.equal(await mark(agentId), [200, '']);
    assert.equal(await acknowledge(), ['TASK_GONE_BY_OPERATOR', 'REASON_AGENT_REMOVED_BY_OPERATOR']);
    assert.is((await stream.find('FAILURE')).failure?.agent_id?.value, agentId);
    assert.equal(await mark(agentId), [200, '']);
    const reactivate = { type: 'REACTIVATE_AGENT', reactivate_agent: { agent_id: { value: agentId } } };
    assert.is((await order(master, reactivate)).status, 409);
  }));

test('agents are deactivated and reactivated, drained within a grace, and marked gone then', () =>
  withMaster(async (master) => {
    const { agentId, acknowledge, stream } = await busy(master);
    const agent = { agent_id: { value: agentId } };
    const unknown = { agent_id: { value: 'none' } };
    for (const [type, name] of [
      ['DEACTIVATE_AGENT', 'deactivate_agent'],
      ['REACTIVATE_AGENT', 'reactivate_agent'],
      ['DRAIN_AGENT', 'drain_agent'],
    ] as const)
      assert.equal(told(await order(master, { type, [name]: unknown })), [400, 'Unknown agent']);
    assert.equal(told(await order(master, { type: 'DEACTIVATE_AGENT', deactivate_agent: agent })), [200, '']);
    assert.equal(await agentFields(master), [false, true, undefined, undefined]);
    assert.equal(told(await order(master, { type: 'REACTIVATE_AGENT', reactivate_agent: agent })), [200, '']);
    assert.equal(await agentFields(master), [true, false, undefined, undefined]);
    const { offers } = await stream.find('OFFERS');
    assert.is(offers?.offers?.[0]?.agent_id.value, agentId);
    const drain = { ...agent, max_grace_period: { seconds: 1, nanos: 500_000_000 }, mark_gone: true };
    assert.equal(told(await order(master, { type: 'DRAIN_AGENT', drain_agent: drain })), [200, '']);
    const directive = master.window.reign?.books.directives.slaves.get(agentId);
    assert.is(directive?.is === 'draining' && directive.maxGraceMs, 1500);
    const [active, deactivated, drainInfo, startMs] = await agentFields(master);
    const { state, config } = drainInfo as NonNullable<Agent['drain_info']>;
    assert.equal([active, deactivated, state], [false, true, 'DRAINING']);
    assert.equal(config, { max_grace_period: { seconds: 1, nanos: 500_000_000 }, mark_gone: true });
    assert.type(startMs, 'number');
    assert.equal(await acknowledge(), ['TASK_GONE_BY_OPERATOR', 'REASON_AGENT_DRAINING']);
    assert.is((await stream.find('FAILURE')).failure?.agent_id?.value, agentId);
    assert.is(master.window.reign?.books.goneOf(agentId), 'gone-by-operator');
  }));

test('weights are set and told, those of the start too', () =>
  withMaster(
    async (master) => {
      assert.equal(await get(master, '/weights'), [{ role: 'gold', weight: 2 }]);
      const update = (weight_infos: unknown) =>
        order(master, { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos } });
      assert.equal(
        told(
          await update([
            { role: 'gold', weight: 3 },
            { role: 'b', weight: 0.5 },
          ]),
        ),
        [200, ''],
      );
      assert.equal(told(await send(master, 'PUT', '/weights', [{ role: 'b', weight: 1.5 }])), [200, '']);
      const { text } = await order(master, { type: 'GET_WEIGHTS' });
      assert.equal(JSON.parse(text), {
        type: 'GET_WEIGHTS',
        get_weights: {
          weight_infos: [
            { role: 'gold', weight: 3 },
            { role: 'b', weight: 1.5 },
          ],
        },
      });
      for (const [body, expected] of [
        [[{ role: 'b', weight: 0 }], /weight/],
        [[{ role: 'a/b', weight: 1 }], /role/],
        [[{ weight: 1 }], /Expecting 'WeightInfo.role' to be present/],
        [{ role: 'b', weight: 1 }, /The body must be a list/],
        ['{', /must be a list|JSON/],
      ] as const) {
        const { status, text: why } = await send(master, 'PUT', '/weights', body);
        assert.is(status, 400);
        assert.match(why, expected);
      }
    },
    { server: { weights: { gold: 2 } } },
  ));

test('what cannot be kept is not done, and an order in a form of answer that there is not, neither', () =>
  withMaster(
    async (master) => {
      const type = 'UPDATE_WEIGHTS';
      const update_weights = { weight_infos: [{ role: 'gold', weight: 2 }] };
      assert.equal(told(await order(master, { type, update_weights })), [503, 'the disk is full']);
      const headers = { 'Content-Type': 'application/json', Accept: 'text/plain' };
      const body = JSON.stringify({ type, update_weights });
      assert.is((await master.ask({ method: 'POST', path: '/api/v1', headers, body })).status, 406);
      assert.equal(await get(master, '/weights'), []);
    },
    {
      master: {
        registry: {
          ...memoryRegistry(),
          store() {
            throw new Error('the disk is full');
          },
        },
      },
    },
  ));

test('quotas are set, told and taken away, in the new form and in the old ones', () =>
  withMaster(async (master) => {
    await master.addSlave();
    const config = { role: 'a', limits: { cpus: { value: 2 } }, guarantees: { cpus: { value: 1 } } };
    const update = (quota_configs: unknown, force = false) =>
      order(master, { type: 'UPDATE_QUOTA', update_quota: { force, quota_configs } });
    assert.equal(told(await update([config])), [200, '']);
    const ask = async (): Promise<unknown> => JSON.parse((await order(master, { type: 'GET_QUOTA' })).text);
    const infos = [
      { role: 'a', guarantee: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: '*' }] },
    ];
    assert.equal(await ask(), { type: 'GET_QUOTA', get_quota: { status: { infos, configs: [config] } } });
    assert.equal(await get(master, '/quota'), { infos, configs: [config] });
    assert.equal(told(await send(master, 'HEAD', '/quota')), [200, '']);
    const guarantee = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 3 } }];
    assert.equal(told(await send(master, 'POST', '/quota', { role: 'b', guarantee })), [200, '']);
    assert.equal(
      [...(master.window.reign?.books.directives.quotas.values() ?? [])],
      [
        { role: 'a', limits: { cpus: 2 }, guarantees: { cpus: 1 } },
        { role: 'b', limits: { cpus: 3 }, guarantees: { cpus: 3 } },
      ],
    );
    const again = [400, "Role 'b' has a quota already; UPDATE_QUOTA changes it"];
    assert.equal(told(await send(master, 'POST', '/quota', { role: 'b', guarantee })), again);
    const same = { type: 'SET_QUOTA', set_quota: { quota_request: { role: 'b', guarantee, force: true } } };
    assert.equal(told(await order(master, same)), again);
    for (const method of ['GET', 'DELETE'])
      for (const path of ['/quotab', '/quota-b', '/quotas/b'])
        assert.is((await send(master, method, path)).status, 404, `${method} ${path}`);
    assert.equal(told(await send(master, 'DELETE', '/quota/b')), [200, '']);
    assert.equal(told(await send(master, 'DELETE', '/quota/%')), [
      400,
      'The role in the path is not encoded as a part of a URL',
    ]);
    for (const path of ['/quota', '/teardown', '/weights'])
      assert.is((await send(master, 'DELETE', path)).status, 405, path);
    assert.equal(told(await order(master, { type: 'REMOVE_QUOTA', remove_quota: { role: 'a' } })), [200, '']);
    assert.equal(await get(master, '/quota'), { infos: [], configs: [] });
    const none = [400, "Role 'a' has no quota set"];
    assert.equal(told(await order(master, { type: 'REMOVE_QUOTA', remove_quota: { role: 'a' } })), none);
    assert.equal(told(await send(master, 'DELETE', '/quota/a')), none);
    assert.equal(told(await update([{ role: 'a' }])), [200, '']);
    assert.is((await update([{ role: 'a', limits: { cpus: { value: -1 } } }])).status, 400);
    const subscriber = await master.subscribe({ info: { role: 'a' } });
    await subscriber.frameworkId();
    const set = {
      quota_request: { role: 'a', guarantee: [{ name: 'cpus', type: 'SCALAR', scalar: { value: 9 } }] },
    };
    assert.is((await order(master, { type: 'SET_QUOTA', set_quota: set })).status, 409);
  }));

test('machines are scheduled, taken down and brought up', () =>
  withMaster(async (master) => {
    await master.addSlave();
    const stream = await master.subscribe();
    await stream.find('OFFERS');
    assert.equal(told(await send(master, 'POST', '/maintenance/schedule', SCHEDULE)), [200, '']);
    const { offers } = await stream.find('OFFERS');
    assert.equal(offers?.offers?.[0]?.unavailability, SCHEDULE.windows[0]?.unavailability);
    assert.equal(await get(master, '/maintenance/schedule'), SCHEDULE);
    assert.equal(await get(master, '/maintenance/status'), {
      draining_machines: [{ id: NODE1, statuses: [] }],
      down_machines: [],
    });
    assert.is((await send(master, 'POST', '/machine/up', [NODE1])).status, 400);
    assert.equal(told(await send(master, 'POST', '/machine/down', [NODE1])), [200, '']);
    await stream.find('FAILURE');
    const status = await order(master, { type: 'GET_MAINTENANCE_STATUS' });
    assert.equal(JSON.parse(status.text).get_maintenance_status.status, {
      draining_machines: [],
      down_machines: [NODE1],
    });
    const empty = { type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: { schedule: {} } };
    assert.is((await order(master, empty)).status, 400);
    const stop = { type: 'STOP_MAINTENANCE', stop_maintenance: { machines: [NODE1] } };
    assert.equal(told(await order(master, stop)), [200, '']);
    const schedule = await order(master, { type: 'GET_MAINTENANCE_SCHEDULE' });
    assert.equal(JSON.parse(schedule.text).get_maintenance_schedule.schedule, { windows: [] });
  }));

test('frameworks are asked to leave machines that are to be worked on, and what they say is told', () =>
  withMaster(async (master) => {
    const { stream, id, agentId } = await busy(master);
    assert.equal(told(await send(master, 'POST', '/maintenance/schedule', SCHEDULE)), [200, '']);
    const { inverse_offers } = await stream.find('INVERSE_OFFERS');
    const [offer] = inverse_offers?.inverse_offers ?? [];
    assert.equal(
      [offer?.framework_id.value, offer?.agent_id?.value, offer?.unavailability],
      [id, agentId, SCHEDULE.windows[0]?.unavailability],
    );
    assert.is(offer?.url?.address.ip, '127.0.0.1');
    const inverse_offer_ids = [{ value: offer?.id.value ?? '' }];
    const accept_inverse_offers = { inverse_offer_ids };
    const framework_id = { value: id };
    const accepted = await master.call(
      { framework_id, type: 'ACCEPT_INVERSE_OFFERS', accept_inverse_offers },
      stream.streamId,
    );
    assert.is(accepted.status, 202);
    const statuses = async () =>
      ((await get(master, '/maintenance/status')) as ClusterStatus).draining_machines?.[0]?.statuses ?? [];
    while ((await statuses())[0]?.status === 'UNKNOWN');
    const [{ timestamp, ...status } = { timestamp: undefined }] = await statuses();
    assert.equal(status, { status: 'ACCEPT', framework_id });
    assert.ok((timestamp?.nanoseconds ?? 0) > 1e18);
    await send(master, 'POST', '/maintenance/schedule', {});
    const again = {
      windows: SCHEDULE.windows.map((window) => ({ ...window, unavailability: { start: START } })),
    };
    await send(master, 'POST', '/maintenance/schedule', again);
    const other = (await stream.find('INVERSE_OFFERS')).inverse_offers?.inverse_offers?.[0];
    await send(master, 'POST', '/maintenance/schedule', {});
    const { rescind_inverse_offer } = await stream.find('RESCIND_INVERSE_OFFER');
    assert.is(rescind_inverse_offer?.inverse_offer_id.value, other?.id.value);
  }));

test('calls and answers may be protobuf', () =>
  withMaster(async (master) => {
    const type = 'application/x-protobuf';
    const ask = (call: v1.Call) =>
      master.ask({
        path: '/api/v1',
        headers: { 'Content-Type': type, Accept: type },
        body: Buffer.from(encode(v1.Call, type, call)),
      });
    const { windows } = SCHEDULE;
    const update = { schedule: { windows } };
    assert.is(
      (await ask({ type: 'UPDATE_MAINTENANCE_SCHEDULE', update_maintenance_schedule: update })).status,
      200,
    );
    const { body } = await ask({ type: 'GET_MAINTENANCE_SCHEDULE' });
    const answer = decode(Response, type, body, 'Response');
    assert.equal(answer.get_maintenance_schedule?.schedule, SCHEDULE);
  }));

test('a call without its part, and one that is malformed, is refused with what is missing', () =>
  withMaster(async (master) => {
    for (const [call, expected] of [
      [{ type: 'TEARDOWN' }, "Failed to validate master::Call: Expecting 'teardown' to be present"],
      [{ type: 'DRAIN_AGENT', drain_agent: {} }, /Not initialized: Call.drain_agent.agent_id/],
      [{ type: 'START_MAINTENANCE', start_maintenance: {} }, 'No machines are named'],
    ] as const) {
      const { status, text } = await order(master, call);
      assert.is(status, 400);
      assert.match(text, expected);
    }
  }));

test('who may not is told so with 403; what an operator did is logged', () => {
  const rights: MasterOptions['rights'] = { operators: ['admin'] };
  const credentials = [
    { principal: 'admin', secret: 'a' },
    { principal: 'bob', secret: 'b' },
  ];
  return withMaster(
    async (master) => {
      const as = (who: string) => ({ Authorization: `Basic ${Buffer.from(who).toString('base64')}` });
      const weigh = { type: 'UPDATE_WEIGHTS', update_weights: { weight_infos: [{ role: 'a', weight: 2 }] } };
      assert.is((await order(master, weigh)).status, 401);
      assert.equal(told(await order(master, weigh, as('bob:b'))), [
        403,
        "Principal 'bob' may not UPDATE_WEIGHTS",
      ]);
      assert.is((await send(master, 'PUT', '/weights', [], as('bob:b'))).status, 403);
      assert.is((await order(master, weigh, as('admin:a'))).status, 200);
    },
    { master: { rights }, authentication: { credentials } },
  );
});

test.run();
