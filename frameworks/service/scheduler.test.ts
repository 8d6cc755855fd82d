import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { SYSTEMS, type TestVirtualOptions, testVirtual } from '../testVirtual.ts';
import { readServiceConfig } from './config.ts';
import { createServiceScheduler, type ServiceControl, type ServiceSummary } from './scheduler.ts';
import { ServiceRun } from './serviceRun.ts';
import { commandModel } from './taskModel.ts';

const MODEL = { type: 'model' };
const SMALL = { cpus: 1, mem: 64 };

/** Starts a service `web` of three modelled instances, or what is said instead. */
function start(more: object = {}, options: Partial<TestVirtualOptions> = {}, config: object = {}) {
  const run = testVirtual({ models: { command: commandModel }, ...options });
  const controls: ServiceControl[] = [];
  const summaries: ServiceSummary[] = [];
  const launch = (incarnation: number, takesOver?: string): void => {
    const service = { id: 'web', instances: 3, task: MODEL, resources: SMALL, ...more };
    const read = readServiceConfig({ name: 'service', services: [service], ...config, incarnation });
    const factory = createServiceScheduler(read, {
      onReady: (control) => controls.push(control),
      onDone: (summary) => summaries.push(summary),
    });
    run.startFramework('service', factory, takesOver);
  };
  run.run(options.system === 'standalone' ? 0 : 1_000);
  launch(0);
  return {
    ...run,
    launch,
    summaries,
    control: () => controls.at(-1) as ServiceControl,
    running: () => controls.at(-1)?.jobs()[0]?.tasks.running,
    counters: () => controls.at(-1)?.jobs()[0]?.counters,
    /** Tasks of which no end is in the history. */
    alive: () => {
      const alive = new Set(run.seen('task-launched').map(({ taskId }) => taskId));
      for (const { taskId, state } of run.seen('task-updated')) {
        if (isTerminal(state)) alive.delete(taskId);
        // Of a slave that was given up and has come back.
        else alive.add(taskId);
      }
      return alive.size;
    },
    /** Hostnames of the instances that were launched, in order. */
    places: () => {
      const names = new Map(run.seen('slave-registered').map(({ slaveId, hostname }) => [slaveId, hostname]));
      return run.seen('task-launched').map(({ slaveId }) => names.get(slaveId));
    },
  };
}

for (const system of SYSTEMS)
  test(`on ${system}, three instances run for as long as they should, and every check holds`, () => {
    const run = start({}, { system }, { runForMs: 600_000 });
    run.run(300_000);
    assert.is(run.running(), 3);
    assert.ok(run.until(() => run.summaries.length > 0));
    assert.equal(run.summaries[0]?.jobs, [
      { id: 'web', outcome: 'finished', launches: 3, failures: 0, losses: 0 },
    ]);
    assert.is(run.seen('task-launched').length, 3);
    assert.equal(run.broken(), []);
  });

test('those that fail are replaced, after waits that grow to their limit', () => {
  const restart = { firstMs: 1_000, factor: 2, maxMs: 8_000 };
  const run = start({ instances: 1, task: { type: 'model', meanLifeMs: 1e-3 }, restart });
  run.run(60_000);
  const launches = run.seen('task-launched').map(({ t }) => t);
  const waits = launches.slice(1).map((t, n) => Math.round((t - (launches[n] ?? 0)) / 1000));
  assert.equal(waits.slice(0, 6), [1, 2, 4, 8, 8, 8]);
  assert.match(run.control().jobs()[0]?.message ?? '', /instance web\.\d+ ended: Its modelled life is over/);
});

test('where no wait is asked for there is none, however often they fail', () => {
  const restart = { firstMs: 0, factor: 100 };
  const [service] = readServiceConfig({
    name: 'service',
    services: [{ id: 'web', instances: 1, task: MODEL, resources: SMALL, restart }],
  }).services;
  assert.ok(service);
  const run = new ServiceRun(service, 0);
  for (let n = 0; n < 500; n++) assert.is(run.failed(0, 'it failed'), 0);
});

test('one that has run for long is not held against the next', () => {
  const restart = { firstMs: 1_000, factor: 10, maxMs: 600_000, resetMs: 1_000 };
  const run = start({ instances: 1, task: { type: 'model', meanLifeMs: 60_000 }, restart });
  run.run(3_600_000);
  const failures = run.counters()?.failures ?? 0;
  assert.ok(failures > 30, `only ${failures} in an hour`);
});

test('it is scaled up and down while it runs, and nothing is offered to it that it does not need', () => {
  const run = start();
  run.run(10_000);
  run.control().scale('web', 8);
  run.run(10_000);
  assert.is(run.running(), 8);
  const offers = run.seen('offer-sent').length;
  run.control().scale('web', 2);
  run.run(60_000);
  assert.is(run.running(), 2);
  assert.is(run.seen('task-updated').filter(({ state }) => state === 'TASK_KILLED').length, 6);
  assert.is(run.seen('offer-sent').length, offers);
  assert.throws(() => run.control().scale('db', 1), /There is no service 'db'; there is: web/);
  assert.throws(() => run.control().scale('web', -1), /not -1/);
});

test('a framework that is for its services alone ends when the last of them is deleted and gone', () => {
  for (const endsWithServices of [true, false]) {
    const run = start({}, {}, { endsWithServices });
    run.run(60_000);
    assert.is(run.running(), 3);
    run.control().delete('web');
    run.run(60_000);
    assert.is(run.alive(), 0);
    assert.is(run.summaries.length, endsWithServices ? 1 : 0);
    assert.equal(run.broken(), []);
  }
});

test('services come and go while the framework runs', () => {
  const run = start();
  run.run(10_000);
  const { services } = readServiceConfig({
    name: 's',
    services: [{ id: 'db', instances: 2, task: MODEL, resources: SMALL }],
  });
  run.control().submit(services[0] as (typeof services)[number]);
  run.run(10_000);
  const phases = () =>
    run
      .control()
      .jobs()
      .map(({ id, phase, tasks }) => [id, phase, tasks.running]);
  assert.equal(phases(), [
    ['web', 'running', 3],
    ['db', 'running', 2],
  ]);
  run.control().delete('web');
  run.run(10_000);
  assert.equal(phases(), [
    ['web', 'finished', 0],
    ['db', 'running', 2],
  ]);
  assert.throws(() => run.control().delete('web'), /Service 'web' has ended/);
  assert.throws(
    () => run.control().submit(services[0] as (typeof services)[number]),
    /There is or was a service 'db'/,
  );
  assert.throws(() => run.control().hold('db'), /scale service 'db' to 0/);
});

test('it is scaled by its schedule', () => {
  const run = start({
    schedule: [
      { atMs: 10_000, instances: 6 },
      { atMs: 20_000, instances: 1 },
    ],
  });
  const seen: unknown[] = [];
  for (let n = 0; n < 3; n++) {
    run.run(9_000);
    seen.push(run.running());
  }
  assert.equal(seen, [3, 6, 1]);
});

test('instances go only where they may, and no more of them than may be on one slave', () => {
  const only = { only: ['node1', 'node3'], perSlaveMax: 2 };
  const run = start({ instances: 10, placement: only });
  run.run(60_000);
  const atOnce = { what: 'instances', perSlave: 2 };
  assert.equal(run.control().jobs()[0]?.needs, { slot: SMALL, atOnce });
  assert.equal(run.places().sort(), ['node1', 'node1', 'node3', 'node3']);
  run.virtual.crash('node1:5051');
  run.virtual.at(run.virtual.now + 60_000, () => run.startSlave('node1'));
  run.run(180_000);
  assert.is(run.running(), 4);
  assert.equal(run.counters(), { launches: 6, failures: 0, losses: 2 });
});

test('they never go where they may not, and only where the attributes are', () => {
  const slaves = { node1: { disk: 'ssd' }, node2: { disk: 'ssd' }, node3: { disk: 'tape' } };
  const placement = { never: ['node1'], attributes: { disk: 'ssd' } };
  const run = start({ placement }, { slaves });
  run.run(60_000);
  assert.equal(run.places(), ['node2', 'node2', 'node2']);
});

test('they spread over slaves, and over the values of an attribute', () => {
  const slaves = { node1: { rack: 'a' }, node2: { rack: 'a' }, node3: { rack: 'b' } };
  const bySlave = start({ placement: { spread: 'slave' } }, { slaves });
  bySlave.run(60_000);
  assert.equal(bySlave.places().sort(), ['node1', 'node2', 'node3']);
  const byRack = start({ instances: 4, placement: { spread: { attribute: 'rack' } } }, { slaves });
  byRack.run(60_000);
  assert.equal(byRack.places().sort(), ['node1', 'node2', 'node3', 'node3']);
});

test('one that is not up in time is ended, and has failed', () => {
  const task = { type: 'model', startMs: 50_000 };
  const run = start({ instances: 1, task, startDeadlineMs: 20_000 });
  run.run(30_000);
  assert.match(run.control().jobs()[0]?.message ?? '', /did not run 20 s after its launch/);
  assert.ok((run.counters()?.failures ?? 0) > 0);
});

test('a scheduler that takes the place of another adopts its instances, and starts only what is missing', () => {
  const run = start();
  run.run(10_000);
  const { frameworkId } = run.seen('framework-registered')[0] ?? { frameworkId: '' };
  run.virtual.crash('service:0');
  run.run(5_000);
  run.launch(36, frameworkId);
  run.run(20_000);
  assert.is(run.running(), 3);
  assert.is(run.seen('task-launched').length, 3);
  run.control().scale('web', 4);
  run.run(10_000);
  assert.equal(
    run.seen('task-launched').map(({ taskId }) => taskId),
    ['web.0', 'web.1', 'web.2', 'web.0.10'],
  );
  run.control().scale('web', 0);
  run.run(10_000);
  assert.is(run.seen('task-updated').filter(({ state }) => state === 'TASK_KILLED').length, 4);
});

test('it adopts nothing twice when the master is new and has not heard of all slaves', () => {
  const run = start();
  run.run(10_000);
  const { frameworkId } = run.seen('framework-registered')[0] ?? { frameworkId: '' };
  run.virtual.crash('service:0');
  run.virtual.crash('master:5050');
  run.virtual.at(run.virtual.now + 20_000, () => run.startMaster());
  run.launch(36, frameworkId);
  run.run(900_000);
  assert.is(run.running(), 3);
  assert.is(run.seen('task-launched').length, 3);
});

test('instances survive a master, and are replaced when their slave is lost', () => {
  const run = start({ instances: 6 });
  run.run(10_000);
  run.virtual.crash('master:5050');
  run.virtual.at(run.virtual.now + 5_000, () => run.startMaster());
  run.run(30_000);
  assert.is(run.running(), 6);
  assert.is(run.seen('task-launched').length, 6);
  run.virtual.crash('node1:5051');
  run.run(180_000);
  assert.is(run.running(), 6);
});

test('whatever fails, in the end there are as many instances as there should be, and no more', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(`service/${seed}`);
    const restart = { firstMs: 100, maxMs: 1_000, resetMs: 1_000 };
    const task = { type: 'model', startMs: 500, meanLifeMs: 40_000 };
    const run = start({ instances: 5, task, restart }, { seed });
    const crash = (process: string, again: () => void): void => {
      const at = run.virtual.now + 30_000 * random.uniform();
      run.virtual.at(at, () => run.virtual.crash(process));
      run.virtual.at(at + 1_000 + 10_000 * random.uniform(), again);
    };
    run.run(5_000);
    const { frameworkId } = run.seen('framework-registered')[0] ?? { frameworkId: '' };
    crash('node1:5051', () => run.startSlave('node1'));
    if (seed % 2 === 0) crash('node2:5051', () => run.startSlave('node2'));
    if (seed % 3 === 0) crash('master:5050', () => run.startMaster());
    crash('service:0', () => run.launch(seed, frameworkId));
    run.run(60_000);
    run.control().scale('web', 3);
    // Instances go on failing meanwhile. What was lost with a slave and its master is in no history.
    const isSettled = (): boolean => run.running() === 3 && (seed % 3 === 0 || run.alive() === 3);
    run.virtual.run(isSettled, run.virtual.now + 1_800_000);
    assert.ok(isSettled(), `seed ${seed}: ${run.running()} run, ${run.alive()} are alive`);
    const broken = run.broken().filter(({ id }) => id !== 'tasks-end' && id !== 'jobs-end');
    assert.equal(broken, [], `seed ${seed}`);
  }
});

test('a configuration that is wrong is refused, with what is wrong', () => {
  const service = { id: 'web', instances: 1, task: MODEL, resources: SMALL };
  for (const [services, complaint] of [
    [[], /services: names no service/],
    [[service, service], /two services have the id 'web'/],
    [[{ ...service, id: 'a.b' }], /services\.0\.id: must be 1 to 100 letters/],
    [[{ ...service, resources: {} }], /services\.0\.resources: is empty/],
    [[{ ...service, instances: -1 }], /services\.0\.instances/],
    [
      [{ ...service, task: { type: 'command', command: 7 } }],
      /services\.0\.task\.command: is to be a line for the shell/,
    ],
    [[{ ...service, placement: { only: [] } }], /services\.0\.placement\.only: names no host/],
  ] as const)
    assert.throws(
      () => readServiceConfig({ name: 's', services }),
      (error: Error) => complaint.test(error.message) || assert.unreachable(error.message),
    );
});

test.run();
