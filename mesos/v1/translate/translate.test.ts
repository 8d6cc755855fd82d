import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commandExecutorInfo } from '../../protocol/commandTask.ts';
import type { FrameworkInfo, Offer, TaskInfo, TaskStatus } from '../../protocol/entities.ts';
import type { SlaveFilter } from '../../protocol/filters.ts';
import { predicateOf } from '../../protocol/filters.ts';
import type { SchedulerCall } from '../../protocol/scheduler.ts';
import { STATUS_REASONS, TASK_STATES } from '../../protocol/tasks.ts';
import { fromJson, toJson } from '../json.ts';
import * as v1 from '../scheduler.ts';
import { frameworkFromV1, frameworkToV1 } from './frameworks.ts';
import { offerFromV1, offerToV1 } from './offers.ts';
import { resourcesFromV1, resourcesToV1 } from './resources.ts';
import { callFromV1, callToV1, subscribeFromV1, subscribeToV1 } from './schedulerCalls.ts';
import { masterToV1 } from './schedulerEvents.ts';
import { slaveFiltersFromV1, slaveFiltersToV1 } from './slaveFilters.ts';
import { statusFromV1, statusToV1 } from './statuses.ts';
import { taskFromV1, taskToV1 } from './tasks.ts';

const test = suite('the translation of the v1 API');

const COMMAND = {
  shell: true,
  value: 'sleep 1',
  arguments: [],
  environment: { A: 'b' },
  uris: [{ value: 'http://x/y.tgz', extract: false, outputFile: 'y' }],
};
const EXECUTOR = {
  executorId: 'e',
  name: 'runner',
  command: { shell: false, value: 'run', arguments: ['run', '-v'], environment: {} },
  resources: { cpus: 0.1, mem: 32 },
  data: 'AQI=',
  shutdownGraceMs: 2500,
};
const BASE = { name: 't', taskId: 'T', slaveId: 'S', resources: { cpus: 1, mem: 64, 'cpus(gold)': 2 } };
const PORTS = [[31_000, 31_001]] as const;
const TASKS: readonly TaskInfo[] = [
  {
    ...BASE,
    executor: EXECUTOR,
    data: 'AQI=',
    maxCompletionTimeMs: 60_000,
    labels: [{ key: 'k', value: 'v' }],
  },
  {
    ...BASE,
    resources: { ...BASE.resources, ports: 2 },
    ports: PORTS,
    executor: commandExecutorInfo('T', COMMAND),
    command: COMMAND,
    killGraceMs: 1500,
  },
];
const FRAMEWORK: FrameworkInfo = {
  user: 'u',
  name: 'n',
  id: 'F',
  failoverTimeout: 60,
  role: 'gold',
  checkpoint: true,
  hostname: 'h',
  webuiUrl: 'http://h/',
  labels: [{ key: 'k' }],
  capabilities: ['PARTITION_AWARE', 'MULTI_ROLE'],
};

test('tasks come back as they went', () => {
  for (const task of TASKS) assert.equal(taskFromV1(taskToV1(task, 'F')), task);
});

test('frameworks come back as they went', () => {
  assert.equal(frameworkFromV1(frameworkToV1(FRAMEWORK)), FRAMEWORK);
  const plain = { ...FRAMEWORK, capabilities: ['PARTITION_AWARE' as const] };
  assert.equal(frameworkFromV1(frameworkToV1(plain)), plain);
});

test('offers come back as they went, and tell where the slave is', () => {
  const offer: Offer = {
    id: 'O',
    frameworkId: 'F',
    slaveId: 'S',
    hostname: 'node',
    resources: { cpus: 2, 'mem(gold)': 64, ports: 2 },
    ports: PORTS,
    attributes: { rack: 'r1' },
    executorIds: ['e'],
  };
  const told = offerToV1(offer, FRAMEWORK, '10.0.0.1:5051');
  assert.equal(offerFromV1(told), offer);
  assert.equal(told.url?.address, { hostname: 'node', ip: '10.0.0.1', port: 5051 });
  assert.equal(told.allocation_info, { role: 'gold' });
  // From another master: what is reserved in ways that there are not here is of no use.
  const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } } as const;
  const reservations = [{ role: 'gold', principal: 'p' }];
  const more = [
    { ...cpus, reservations },
    { ...cpus, reservation: { principal: 'p' }, role: 'gold' },
  ];
  assert.equal(offerFromV1({ ...told, resources: [...(told.resources ?? []), ...more] }), offer);
});

test('what is done with accepted offers comes back as it went, in order', () => {
  const [task] = TASKS;
  if (task === undefined) return assert.unreachable();
  const call: SchedulerCall = {
    type: 'ACCEPT',
    frameworkId: 'F',
    offerIds: ['O'],
    operations: [
      { type: 'UNRESERVE', resources: { 'cpus(gold)': 1 } },
      { type: 'LAUNCH', taskInfos: [task] },
      { type: 'RESERVE', resources: { 'cpus(gold)': 2, 'mem(gold)': 64 } },
      { type: 'LAUNCH', taskInfos: [] },
    ],
    filters: {},
  };
  const { message, invalid } = callFromV1(callToV1(call, 'gold'), 'F', 'gold');
  assert.equal([message, invalid], [call, []]);
});

test('statuses come back as they went, with any state and reason', () => {
  for (const state of TASK_STATES)
    for (const reason of STATUS_REASONS) {
      const status: TaskStatus = {
        taskId: 'T',
        state,
        source: 'SOURCE_SLAVE',
        reason,
        message: 'm',
        data: 'AQI=',
        slaveId: 'S',
        executorId: 'e',
        timestamp: 1.5,
        uuid: '00112233445566778899aabbccddeeff',
      };
      assert.equal(statusFromV1(statusToV1(status), 0), status);
    }
});

test('resources come back as they went, and parts of one name are added', () => {
  const names = fc.constantFrom('cpus', 'mem', 'disk', 'cpus(gold)', 'mem(a/b)');
  const quantities = fc.integer({ min: 1, max: 1e6 }).map((n) => n / 1000);
  fc.assert(
    fc.property(
      fc.dictionary(names, quantities, { noNullPrototype: true }),
      fc.boolean(),
      (resources, isRefined) => {
        assert.equal(
          resourcesFromV1(resourcesToV1(resources, { isRefined, allocatedTo: 'gold' })),
          resources,
        );
      },
    ),
    { seed: 1 },
  );
  const half = { name: 'cpus', type: 'SCALAR', scalar: { value: 0.5 } } as const;
  assert.equal(resourcesFromV1([half, { ...half, role: '*' }]), { cpus: 1 });
});

test('what this system does not have is refused by name', () => {
  const ranges = { name: 'gpus', type: 'SET' } as const;
  assert.throws(() => resourcesFromV1([ranges]), /Resource 'gpus' is of type SET/);
  const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } } as const;
  for (const more of [{ revocable: {} }, { shared: {} }, { disk: {} }, { provider_id: { value: 'p' } }])
    assert.throws(() => resourcesFromV1([{ ...cpus, ...more }]), /is not supported/);
  assert.throws(() => resourcesFromV1([{ ...cpus, scalar: { value: -1 } }]), /not below 0/);
  const reservation = { role: 'gold', labels: { labels: [{ key: 'k' }] } };
  for (const more of [{ reservation }, { reservations: [reservation] }])
    assert.throws(() => resourcesFromV1([{ ...cpus, ...more }]), /keeps only for which role it is/);
  const ports = {
    name: 'ports',
    type: 'RANGES',
    ranges: { range: [{ begin: 1, end: 2 }] },
    role: 'gold',
  } as const;
  assert.throws(() => resourcesFromV1([ports]), /Ports cannot be reserved/);
  const told = taskToV1(TASKS[0] as TaskInfo, 'F');
  for (const field of ['container', 'health_check', 'check', 'discovery'])
    assert.throws(
      () => taskFromV1({ ...told, [field]: {} }),
      new RegExp(`'TaskInfo.${field}' is not supported`),
    );
  assert.throws(() => taskFromV1({ ...told, limits: { cpus: { value: 1 } } }), /limits/);
  assert.throws(() => taskFromV1({ ...told, command: { value: 'x' } }), /either/);
  const { executor: _, ...neither } = told;
  assert.throws(() => taskFromV1(neither), /either/);
  assert.throws(() => frameworkFromV1({ user: 'u', name: 'n', roles: ['a'] }), /MULTI_ROLE/);
  const multi = [{ type: 'MULTI_ROLE' as const }];
  assert.throws(
    () => frameworkFromV1({ user: 'u', name: 'n', roles: ['a', 'b'], capabilities: multi }),
    /exactly one/,
  );
});

test('the address of a master is also told as a number, if it is one', () => {
  const ipOf = (address: string) => masterToV1({ id: 'm', address, version: '1' }).ip;
  assert.equal(
    ['127.0.0.1:5050', '10.0.3.200:5050', 'node1:5050', '::1:5050'].map(ipOf),
    [0x01_00_00_7f, 0xc8_03_00_0a, 0, 0],
  );
});

test('ports that there cannot be are refused', () => {
  const ports = (begin: number, end: number) =>
    resourcesFromV1([{ name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } }]);
  assert.equal(ports(0, 65_535), { ports: 65_536 });
  for (const [begin, end] of [
    [5, 4],
    [65_535, 65_536],
  ] as const)
    assert.throws(() => ports(begin, end), new RegExp(`There are no ports from ${begin} to ${end}`));
});

test('calls come back as they went', () => {
  const calls: readonly SchedulerCall[] = [
    { type: 'TEARDOWN', frameworkId: 'F' },
    {
      type: 'ACCEPT',
      frameworkId: 'F',
      offerIds: ['O1', 'O2'],
      operations: [{ type: 'LAUNCH', taskInfos: TASKS }],
      filters: { refuseSeconds: 3 },
    },
    { type: 'DECLINE', frameworkId: 'F', offerIds: ['O1'], filters: {} },
    { type: 'REVIVE', frameworkId: 'F' },
    { type: 'SUPPRESS', frameworkId: 'F' },
    { type: 'KILL', frameworkId: 'F', taskId: 'T', slaveId: 'S', gracePeriodMs: 1500 },
    { type: 'SHUTDOWN', frameworkId: 'F', executorId: 'e', slaveId: 'S' },
    {
      type: 'ACKNOWLEDGE',
      frameworkId: 'F',
      slaveId: 'S',
      taskId: 'T',
      uuid: '00112233445566778899aabbccddeeff',
    },
    { type: 'RECONCILE', frameworkId: 'F', tasks: [{ taskId: 'T' }, { taskId: 'U', slaveId: 'S' }] },
    { type: 'MESSAGE', frameworkId: 'F', slaveId: 'S', executorId: 'e', data: 'AQI=' },
  ];
  for (const call of calls) {
    const json = fromJson(v1.Call, JSON.parse(toJson(callToV1(call, '*'))));
    assert.equal(callFromV1(json, 'F', '*'), { message: call, invalid: [] });
  }
});

test('a SUBSCRIBE comes back as it went', () => {
  const call = {
    type: 'SUBSCRIBE',
    frameworkInfo: FRAMEWORK,
    suppressed: true,
    slaveFilters: [{ kind: 'free', resources: { cpus: 2 } }],
  } as const;
  assert.equal(subscribeFromV1(subscribeToV1(call)), call);
  assert.throws(
    () => subscribeToV1({ ...call, frameworkInfo: { ...FRAMEWORK, guarantee: { cpus: 1 } } }),
    /no guarantees/,
  );
});

test('slave filters mean the same on both sides', () => {
  const values = fc.constantFrom('a', 'b', 'c');
  const filters: fc.Arbitrary<SlaveFilter> = fc.oneof(
    fc.record({ kind: fc.constant('hosts' as const), hostnames: fc.array(values) }),
    fc.record({ kind: fc.constant('attribute' as const), name: values, value: values }),
    fc.record({
      kind: fc.constant('free' as const),
      resources: fc.record({ cpus: fc.integer({ min: 1, max: 4 }) }),
    }),
    fc.record({
      kind: fc.constant('constraints' as const),
      groups: fc.array(
        fc.array(
          fc.record(
            {
              attribute: values,
              must: fc.constantFrom(
                'exist' as const,
                'not-exist' as const,
                'equal' as const,
                'not-equal' as const,
              ),
              value: values,
            },
            { requiredKeys: ['must', 'value'] },
          ),
        ),
        { maxLength: 3 },
      ),
    }),
  );
  const candidates = fc.record({
    hostname: values,
    attributes: fc.dictionary(values, values),
    free: fc.record({ cpus: fc.integer({ min: 0, max: 5 }) }),
  });
  fc.assert(
    fc.property(fc.array(filters, { maxLength: 3 }), candidates, (given, candidate) => {
      const passes = (some: readonly SlaveFilter[]): boolean =>
        some.every((filter) => predicateOf(filter)(candidate));
      assert.is(passes(slaveFiltersFromV1(slaveFiltersToV1(given, '*'), '*')), passes(given));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
