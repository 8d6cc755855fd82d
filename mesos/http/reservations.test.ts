/** Reservations over HTTP: frameworks and operators make them, launch on them and read of them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Operation, Resource } from '../v1/entities.ts';
import type * as v1 from '../v1/scheduler.ts';
import { type Reply, type Subscription, sleepTask, type TestMaster, withMaster } from './testMaster.ts';

const test = suite('reservations over HTTP');

const GOLD = {
  role: 'gold',
  capabilities: [{ type: 'RESERVATION_REFINEMENT' }, { type: 'MULTI_ROLE' }],
} as const;
const scalar = (name: string, value: number, more: Partial<Resource> = {}): Resource => ({
  name,
  type: 'SCALAR',
  scalar: { value },
  ...more,
});
const MINE = { reservations: [{ type: 'DYNAMIC', role: 'gold' }] } as const;
const ALLOCATED = { allocation_info: { role: 'gold' } };
const JSON_TYPE = { 'Content-Type': 'application/json' };

const read = async ({ ask }: TestMaster, path: string) =>
  JSON.parse((await ask({ method: 'GET', path })).text);
const order = ({ ask }: TestMaster, call: unknown): Promise<Reply> =>
  ask({ path: '/api/v1', headers: JSON_TYPE, body: JSON.stringify(call) });
const told = ({ status, text }: Reply): unknown => [status, text];

type Offer = NonNullable<NonNullable<v1.Event['offers']>['offers']>[number];

/** A master, and a framework of the role gold that is offered a slave. */
function subscribed(
  run: (the: {
    readonly master: TestMaster;
    readonly stream: Subscription;
    readonly offer: Offer;
    readonly next: () => Promise<Offer>;
    readonly accept: (offer: Offer, ...operations: readonly Operation[]) => Promise<Reply>;
    readonly state: () => Promise<string | undefined>;
  }) => Promise<void>,
  resources = 'cpus:4;mem:4096;ports:[31000-31009]',
): Promise<void> {
  return withMaster(async (master) => {
    await master.addSlave(resources);
    const stream = await master.subscribe({
      info: { role: undefined, roles: ['gold'], capabilities: GOLD.capabilities } as object,
    });
    const id = await stream.frameworkId();
    const next = async (): Promise<Offer> => {
      const [offer] = (await stream.find('OFFERS')).offers?.offers ?? [];
      if (offer === undefined) throw new Error('an event without offers');
      return offer;
    };
    await run({
      master,
      stream,
      offer: await next(),
      next,
      accept: (offer, ...operations) =>
        master.call(
          {
            framework_id: { value: id },
            type: 'ACCEPT',
            accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } },
          },
          stream.streamId,
        ),
      async state() {
        const { status } = (await stream.find('UPDATE')).update ?? {};
        if (status?.uuid !== undefined)
          await master.call(
            {
              framework_id: { value: id },
              type: 'ACKNOWLEDGE',
              acknowledge: {
                agent_id: status.agent_id ?? { value: '' },
                task_id: status.task_id,
                uuid: status.uuid,
              },
            },
            stream.streamId,
          );
        return status?.state;
      },
    });
  });
}

const launch = (offer: Offer, taskId: string, ms: number, resources: readonly Resource[]): Operation => ({
  type: 'LAUNCH',
  launch: { task_infos: [{ ...sleepTask(offer.agent_id.value, taskId, ms), resources }] },
});

test('RESERVE, then LAUNCH on what it makes, in one ACCEPT; in the end it is offered as reserved', () =>
  subscribed(async ({ master, offer, accept, state }) => {
    const { status } = await accept(
      offer,
      {
        type: 'RESERVE',
        reserve: { resources: [scalar('cpus', 2, MINE), scalar('mem', 512, { role: 'gold' })] },
      },
      launch(offer, 't1', 10, [
        scalar('cpus', 1, { ...MINE, ...ALLOCATED }),
        scalar('cpus', 1, { role: '*', ...ALLOCATED }),
        scalar('mem', 512, { role: 'gold', reservation: {}, ...ALLOCATED }),
      ]),
    );
    assert.is(status, 202);
    assert.equal([await state(), await state()], ['TASK_RUNNING', 'TASK_FINISHED']);
    let reserved = 0;
    while (reserved < 2) {
      const { get_agents } = JSON.parse((await order(master, { type: 'GET_AGENTS' })).text);
      const offered = get_agents.agents[0].offered_resources as Resource[];
      const cpus = offered.find(({ name, role }) => name === 'cpus' && role === 'gold');
      reserved = cpus?.scalar?.value ?? 0;
    }
    const { slaves } = await read(master, '/slaves');
    assert.equal(slaves[0].reserved_resources, { gold: { cpus: 2, disk: 0, gpus: 0, mem: 512 } });
    assert.equal(slaves[0].unreserved_resources, {
      cpus: 2,
      disk: 0,
      gpus: 0,
      mem: 3584,
      ports: '[31000-31009]',
    });
    assert.equal(slaves[0].resources, { cpus: 4, disk: 0, gpus: 0, mem: 4096, ports: '[31000-31009]' });
    const completed = (await read(master, '/state')).frameworks[0].completed_tasks[0];
    assert.equal([completed.resources.cpus, completed.reserved_resources.gold.cpus], [2, 1]);
    const { get_tasks } = JSON.parse((await order(master, { type: 'GET_TASKS' })).text);
    const shown = (get_tasks.completed_tasks[0].resources as Resource[]).map(({ name, role, scalar: s }) => [
      name,
      role,
      s?.value,
    ]);
    assert.equal(shown.sort(), [
      ['cpus', '*', 1],
      ['cpus', 'gold', 1],
      ['mem', 'gold', 512],
    ]);
  }));

test('a task that names no role takes only what is reserved for nobody, and UNRESERVE gives back', () =>
  subscribed(async ({ offer, accept, next, state, stream }) => {
    const cpus = [scalar('cpus', 1)];
    await accept(
      offer,
      { type: 'RESERVE', reserve: { resources: [scalar('cpus', 4, MINE)] } },
      launch(offer, 't1', 10, cpus),
    );
    assert.is(await state(), 'TASK_ERROR');
    const again = await next();
    assert.equal(
      again.resources?.find(({ name }) => name === 'cpus'),
      scalar('cpus', 4, { ...MINE, ...ALLOCATED }),
    );
    await accept(
      again,
      { type: 'UNRESERVE', unreserve: { resources: [scalar('cpus', 3, { ...MINE, ...ALLOCATED })] } },
      launch(again, 't2', 1e6, cpus),
    );
    assert.is((await stream.find('UPDATE')).update?.status.state, 'TASK_RUNNING');
  }));

test('what this system does not have in a reservation is refused with 400, and nothing of the reply is done', () =>
  subscribed(async ({ master, offer, accept }) => {
    const cpus = [scalar('cpus', 1, MINE)];
    const ports: Resource = {
      name: 'ports',
      type: 'RANGES',
      ranges: { range: [{ begin: 31_000, end: 31_001 }] },
    };
    for (const [operation, complaint] of [
      [{ type: 'RESERVE', reserve: { resources: [{ ...ports, ...MINE }] } }, /Ports cannot be reserved/],
      [{ type: 'RESERVE', reserve: { resources: cpus, source: cpus } }, /'Reserve.source' is not supported/],
      [
        { type: 'RESERVE', id: { value: 'o' }, reserve: { resources: cpus } },
        /'Operation.id' is not supported/,
      ],
      [{ type: 'RESERVE' }, /Expecting 'reserve' to be present/],
      [{ type: 'UNRESERVE' }, /Expecting 'unreserve' to be present/],
      [
        {
          type: 'RESERVE',
          reserve: { resources: [scalar('cpus', 1, { reservations: [{ role: 'gold', principal: 'p' }] })] },
        },
        /keeps only for which role/,
      ],
      [
        {
          type: 'RESERVE',
          reserve: { resources: [scalar('cpus', 1, { reservations: [{ role: 'a' }, { role: 'a/b' }] })] },
        },
        /keeps only for which role/,
      ],
      [
        { type: 'RESERVE', reserve: { resources: [scalar('cpus', 1, { role: 'a(b)' })] } },
        /illegal resources/,
      ],
    ] as const satisfies readonly (readonly [Operation, RegExp])[]) {
      const { status, text } = await accept(offer, operation);
      assert.is(status, 400, text);
      assert.match(text, complaint);
    }
    const [slave] = master.window.reign?.books.slaves.values() ?? [];
    assert.equal(slave?.info.resources, { cpus: 4, mem: 4096, ports: 10 });
    assert.is(slave?.offers.size, 1);
  }));

test('operators reserve by RESERVE_RESOURCES, and free by UNRESERVE_RESOURCES: 202, 400 and 409', () =>
  subscribed(async ({ master, offer, next, stream }) => {
    const { agent_id } = offer;
    const resources = [scalar('cpus', 3, { role: 'silver' })];
    const reserve = (more: object = {}) =>
      order(master, { type: 'RESERVE_RESOURCES', reserve_resources: { agent_id, resources, ...more } });
    assert.equal(told(await reserve({ agent_id: { value: 'none' } })), [
      400,
      'No agent found with specified ID',
    ]);
    assert.is((await reserve({ source: resources })).status, 400);
    assert.is((await reserve({ resources: [scalar('cpus', 1)] })).status, 400);
    assert.is((await reserve({ resources: [scalar('cpus', 5, { role: 'silver' })] })).status, 409);
    assert.equal(told(await reserve()), [202, '']);
    assert.equal((await stream.find('RESCIND')).rescind?.offer_id, offer.id);
    assert.is((await next()).resources?.find(({ name }) => name === 'cpus')?.scalar?.value, 1);
    const { get_agents } = JSON.parse((await order(master, { type: 'GET_AGENTS' })).text);
    const shown = (get_agents.agents[0].total_resources as Resource[]).map(({ name, role, type, ranges }) => [
      name,
      role,
      ranges?.range ?? type,
    ]);
    assert.equal(shown, [
      ['cpus', '*', 'SCALAR'],
      ['mem', '*', 'SCALAR'],
      ['ports', '*', [{ begin: 31_000, end: 31_009 }]],
      ['cpus', 'silver', 'SCALAR'],
    ]);
    const unreserve = () =>
      order(master, { type: 'UNRESERVE_RESOURCES', unreserve_resources: { agent_id, resources } });
    assert.equal(told(await unreserve()), [202, '']);
    assert.is((await unreserve()).status, 409);
  }));

test('POST /reserve and /unreserve take forms', () =>
  subscribed(async ({ master, offer }) => {
    const post = async (path: string, fields: Readonly<Record<string, string>>) =>
      told(await master.ask({ path, body: `${new URLSearchParams(fields)}` }));
    const slaveId = offer.agent_id.value;
    const resources = JSON.stringify([scalar('cpus', 1, { role: 'silver', reservation: {} })]);
    assert.equal(await post('/reserve', { resources }), [
      400,
      "Missing 'slaveId' query parameter in the request body",
    ]);
    assert.equal(await post('/master/reserve', { slaveId }), [
      400,
      "Missing 'resources' query parameter in the request body",
    ]);
    assert.equal(await post('/reserve', { slaveId, resources: '{}' }), [
      400,
      "The field 'resources' must be a list in JSON",
    ]);
    assert.equal(await post('/reserve', { slaveId: 'none', resources }), [
      400,
      'No agent found with specified ID',
    ]);
    assert.equal(await post('/reserve', { slaveId, resources }), [202, '']);
    assert.equal((await read(master, '/slaves')).slaves[0].reserved_resources.silver.cpus, 1);
    assert.equal(await post('/unreserve', { slaveId, resources }), [202, '']);
    assert.equal((await read(master, '/slaves')).slaves[0].reserved_resources, {});
  }));

test('ports in use and offered are told as ranges, of slaves, frameworks, tasks and offers', () =>
  subscribed(async ({ master, offer, accept, state }) => {
    const ports: Resource = {
      name: 'ports',
      type: 'RANGES',
      ranges: { range: [{ begin: 31_004, end: 31_005 }] },
    };
    await accept(offer, launch(offer, 't1', 1e6, [scalar('cpus', 1), ports]));
    assert.is(await state(), 'TASK_RUNNING');
    const { slaves, frameworks } = await read(master, '/state');
    const [{ used_resources, offered_resources, tasks, offers, resources }] = frameworks;
    const all = '[31000-31009]';
    const used = '[31004-31005]';
    const free = '[31000-31003, 31006-31009]';
    assert.equal(
      [slaves[0].resources.ports, slaves[0].used_resources.ports, slaves[0].unreserved_resources.ports],
      [all, used, all],
    );
    assert.equal([used_resources.ports, tasks[0].resources.ports], [used, used]);
    // The rest may be on its way to the framework.
    for (const [text, others] of [
      [offered_resources.ports, slaves[0].offered_resources.ports],
      [offers[0]?.resources.ports, offered_resources.ports],
    ])
      assert.equal([text, others], offers.length > 0 ? [free, free] : [undefined, undefined]);
    assert.is(resources.ports, offers.length > 0 ? all : used);
    const { get_tasks } = JSON.parse((await order(master, { type: 'GET_TASKS' })).text);
    const range = (get_tasks.tasks[0].resources as Resource[]).find(({ name }) => name === 'ports')?.ranges
      ?.range;
    assert.equal(range, [{ begin: 31_004, end: 31_005 }]);
  }));

test('metrics and sums of frameworks count what is reserved as the rest', () =>
  subscribed(async ({ master, offer, accept, state }) => {
    await accept(offer, launch(offer, 't1', 1e6, [scalar('cpus', 2, { role: 'gold' }), scalar('cpus', 1)]));
    assert.is(await state(), 'TASK_RUNNING');
    const metrics = await read(master, '/metrics/snapshot');
    assert.equal([metrics['master/cpus_total'], metrics['master/cpus_used']], [4, 3]);
    const { frameworks, slaves } = await read(master, '/state');
    assert.equal([frameworks[0].used_resources.cpus, slaves[0].used_resources.cpus], [3, 3]);
    const { roles } = await read(master, '/roles');
    assert.is(roles[0].allocated.cpus, 3);
  }, 'cpus(gold):2;cpus:2;mem:4096'));

test.run();
