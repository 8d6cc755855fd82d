/** The service framework for real: its instances are processes, which are killed, scaled and taken over. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readServiceConfig } from '../../frameworks/service/config.ts';
import { createServiceScheduler, type ServiceControl } from '../../frameworks/service/scheduler.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { isAlive, until } from '../../mesos/isolation/testContainers.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import { type TestCluster, testCluster } from './testCluster.ts';

interface World {
  cluster: TestCluster;
  /** Each instance writes its process id into this folder, under its task's name. */
  pids: string;
  config: object;
}

const test = suite<World>('services');

test.before(async (world) => {
  world.cluster = await testCluster();
});
test.after(async ({ cluster }) => {
  await cluster[Symbol.asyncDispose]();
});
test.before.each((world) => {
  world.pids = mkdtempSync(join(world.cluster.folder, 'pids-'));
  const task = { type: 'command', command: `echo $$ >${world.pids}/$MESOS_EXECUTOR_ID; exec sleep 1000` };
  const service = {
    id: 'web',
    instances: 2,
    task,
    resources: { cpus: 0.5, mem: 32 },
    restart: { firstMs: 1 },
  };
  world.config = { name: 'service', services: [service] };
});
test.after.each(({ cluster }) => cluster.stopSlaves());

/** Starts the scheduler in this process. */
async function startService({ cluster, config }: World, id?: string) {
  const wire: WireRuntime = await startWire({ log() {} });
  let control: ServiceControl | undefined;
  const registered = Promise.withResolvers<string>();
  const factory = createServiceScheduler(
    readServiceConfig({ ...config, incarnation: id === undefined ? 0 : 1 }),
    {
      onReady: (started) => (control = started),
      onDone() {},
    },
  );
  wire.spawn(
    'scheduler',
    schedulerActor({
      master: `master@${cluster.master}`,
      frameworkInfo: { user: 'test', name: 'service', failoverTimeout: 60, ...(id && { id }) },
      factory: (driver) => {
        const scheduler = factory(driver);
        const own = scheduler.registered.bind(scheduler);
        scheduler.registered = (frameworkId) => {
          registered.resolve(frameworkId);
          own(frameworkId);
        };
        return scheduler;
      },
      stopped() {},
    }),
  );
  return {
    wire,
    id: await registered.promise,
    scale: (instances: number) => control?.scale('web', instances),
    runs: (instances: number) => until(() => control?.jobs()[0]?.tasks.running === instances),
  };
}

/** Process ids by task id, of those that have written theirs. */
const pidsOf = ({ pids }: World): ReadonlyMap<string, number> =>
  new Map(
    readdirSync(pids).flatMap((taskId) => {
      const pid = Number(readFileSync(join(pids, taskId), 'utf8'));
      return pid > 0 ? [[taskId, pid] as const] : [];
    }),
  );

test('one that is killed is replaced, and those that are too many end', async (world) => {
  await world.cluster.slave('slave');
  const service = await startService(world);
  await service.runs(2);
  await until(() => pidsOf(world).size === 2);
  const [[, killed] = ['', 0]] = pidsOf(world);
  process.kill(killed, 'SIGKILL');
  await until(() => pidsOf(world).size === 3);
  await service.runs(2);
  service.scale(0);
  await service.runs(0);
  await until(() => ![...pidsOf(world).values()].some(isAlive));
  await service.wire.close();
});

test('a scheduler that takes the place of another finds the instances, and starts only what is missing', async (world) => {
  await world.cluster.slave('slave');
  const first = await startService(world);
  await first.runs(2);
  await until(() => pidsOf(world).size === 2);
  const before = pidsOf(world);
  await first.wire.close();
  world.config = { ...world.config, takeOverMs: 500 };
  const second = await startService(world, first.id);
  await second.runs(2);
  second.scale(3);
  await second.runs(3);
  await until(() => pidsOf(world).size === 3);
  for (const [taskId, pid] of before) assert.is(pidsOf(world).get(taskId), pid);
  assert.ok([...pidsOf(world).values()].every(isAlive));
  await second.wire.close();
});

test('lab framework service runs them, lab jobs scales them, and they end with it', async (world) => {
  await world.cluster.slave('slave');
  const machines = await localMachines(join(world.cluster.folder, 'more'), ['node']);
  const config = join(world.cluster.folder, 'service.json');
  writeFileSync(config, JSON.stringify(world.config));
  const lab = (name: string, ...args: readonly string[]) =>
    (machines.machines[0] as Machine).start({
      name,
      program: LAB,
      arguments: [...args, '--master', world.cluster.master],
    });
  const framework = await lab('service', 'framework', 'service', '--config', config, '--serve');
  await until(() => pidsOf(world).size === 2);
  const scaled = await lab('scale', 'jobs', 'scale', 'web', '3');
  assert.equal(await scaled.exited, { code: 0, signal: null }, scaled.lastLines().join('\n'));
  await until(() => pidsOf(world).size === 3);
  await framework.stop();
  await until(() => ![...pidsOf(world).values()].some(isAlive));
  await machines[Symbol.asyncDispose]();
});

test('who keeps more instances than there is room for is told so, while the others run', async ({
  cluster,
}) => {
  const machines = await localMachines(join(cluster.folder, 'submit'), ['node']);
  const service = ['submit', 'service', 'exec sleep 1000', '-n', '2', '--per_slave', '1'];
  const flags = ['--cpus', '0.1', '--mem', '32', '--patience', '50ms', '--master', cluster.master];
  const running = await (machines.machines[0] as Machine).start({
    name: 'submit',
    program: LAB,
    arguments: [...service, ...flags],
  });
  await running.waitForLine(/nothing has run for 0\.05 s: /);
  await cluster.slave('slave');
  await running.waitForLine(
    /not all has run for 0\.05 s: its 2 instances run at the same time, each with cpus:0\.1;mem:32, and the slaves have room for 1, at most 1 on each: ask for fewer with -n, ask for less with --cpus and --mem, or add slaves$/,
  );
  running.signal('SIGTERM');
  assert.is((await running.exited).code, 130);
  await machines[Symbol.asyncDispose]();
});

test.run();
