/** `lab slave --checkpoint`, killed under an executor that runs: real processes, a real master. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../../infra/machine.ts';
import type { SchedulerDriver } from '../../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../../mesos/driver/schedulerActor.ts';
import { ended, isAlive, until } from '../../../mesos/isolation/testContainers.ts';
import { encodeData, type Offer, type TaskStatus } from '../../../mesos/protocol/entities.ts';
import { startWire, type WireRuntime } from '../../../mesos/runtime/wire.ts';
import { checkpointPath } from '../../../mesos/slave/checkpointFile.ts';
import { listening } from '../../run/deployment.ts';

const module = (path: string): string => JSON.stringify(import.meta.resolve(`../../../mesos/${path}`));

/** Its tasks tell the process that they run in, and finish when the executor gets a message. */
const EXECUTOR = `
  const { startWire } = await import(${module('runtime/wire.ts')});
  const { executorActor } = await import(${module('driver/executorActor.ts')});
  const { readToken } = await import(${module('slave/executorTokens.ts')});
  const { MESOS_SLAVE_PID: slave, MESOS_FRAMEWORK_ID: frameworkId, MESOS_EXECUTOR_ID: executorId } = process.env;
  const recoveryTimeoutMs = process.env.MESOS_CHECKPOINT === '1' ? 60_000 : undefined;
  const wire = await startWire({ log: console.error, credential: readToken(process.env) });
  const ended = (reason) => { console.error(reason); process.exit(); };
  const factory = (driver) => {
    let task;
    const tell = (state) => driver.sendStatus(task, state, { message: String(process.pid) });
    return {
      registered() {}, killTask() {}, shutdown() {},
      launchTask({ taskId }) { task = taskId; tell('TASK_RUNNING'); },
      frameworkMessage() { tell('TASK_FINISHED'); },
    };
  };
  wire.spawn('executor', executorActor({ slave, frameworkId, executorId, factory, recoveryTimeoutMs, ended }));`;

interface World {
  folder: string;
  workDir: string;
  machines: Machines;
  wire: WireRuntime;
  master: RunningProcess;
  /** Starts a slave; `port` 0 for any. */
  slave(name: string, port: number, flags: readonly string[]): Promise<RunningProcess>;
  /** Lets a framework run one task; resolves with what it is told of it when it runs. */
  launch(): Promise<{ pid: number; driver: SchedulerDriver; status: TaskStatus }>;
  /** Resolves with the last status of the task in this state, when there is one. */
  statusOf(state: TaskStatus['state']): Promise<TaskStatus>;
}

const test = suite<World>('lab slave --checkpoint');

test.before.each(async (world) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-checkpoint-'));
  const workDir = join(folder, 'work');
  const machines = await localMachines(join(folder, 'machines'), ['node']);
  const machine = machines.machines[0] as Machine;
  const master = await machine.start({ name: 'master', program: LAB, arguments: ['master', '--port', '0'] });
  const address = await listening(master);
  const wire = await startWire({ log: () => {} });
  const statuses: TaskStatus[] = [];
  const statusOf: World['statusOf'] = async (state) => {
    const found = (): TaskStatus | undefined => statuses.findLast((status) => status.state === state);
    await until(
      () => found() !== undefined,
      `the task is told to be ${state}`,
      () => statuses.length,
    );
    return found() as TaskStatus;
  };
  const slave: World['slave'] = (name, port, flags) =>
    machine.start({
      name,
      program: LAB,
      arguments: [
        ...['slave', '--master', address, '--port', `${port}`, '--resources', 'cpus:1;mem:256'],
        ...['--work_dir', workDir, ...flags],
      ],
    });
  const launch: World['launch'] = async () => {
    let driver: SchedulerDriver | undefined;
    const frameworkInfo = { user: 'test', name: 'f', failoverTimeout: 60 };
    const offered = (offer: Offer): void => {
      const task = { name: 't', taskId: 't', slaveId: offer.slaveId, resources: { cpus: 1 } };
      const arguments_ = ['node', '--input-type=module', '--eval', EXECUTOR];
      const command = { shell: false, value: process.execPath, arguments: arguments_, environment: {} };
      const executor = { executorId: 'e', name: 'e', command, resources: {} };
      driver?.replyToOffer([offer.id], statuses.length === 0 ? [{ ...task, executor }] : []);
    };
    wire.spawn(
      'scheduler',
      schedulerActor({
        master: `master@${address}`,
        frameworkInfo,
        stopped() {},
        factory: (own) => {
          driver = own;
          return {
            registered() {},
            disconnected() {},
            resourceOffers: ([offer]) => offer && offered(offer),
            offerRescinded() {},
            statusUpdate(status) {
              statuses.push(status);
            },
            slaveLost() {},
            executorLost() {},
            frameworkMessage() {},
            error() {},
          };
        },
      }),
    );
    const status = await statusOf('TASK_RUNNING');
    return { pid: Number(status.message), driver: driver as SchedulerDriver, status };
  };
  Object.assign(world, { folder, workDir, machines, wire, master, slave, launch, statusOf });
});
test.after.each(async ({ machines, folder, wire }) => {
  await wire.close();
  await machines[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const portOf = async (slave: RunningProcess): Promise<number> =>
  Number((await listening(slave)).split(':')[1]);

const registered = async (slave: RunningProcess): Promise<string> =>
  (await slave.waitForLine(/^registered as (\S+)$/))[1] as string;

test('a slave is killed and comes back, and the executor never notices', async (world) => {
  const { slave, launch, statusOf, master, workDir } = world;
  const first = await slave('first', 0, ['--checkpoint']);
  const port = await portOf(first);
  const id = await registered(first);
  const { pid, driver, status } = await launch();
  first.signal('SIGKILL');
  await first.exited;
  await master.waitForLine(/slave-disconnected/);
  assert.ok(isAlive(pid));

  const second = await slave('second', port, ['--checkpoint']);
  assert.is(await registered(second), id);
  await second.waitForLine(/executor-recovered/);
  driver.sendFrameworkMessage(id, status.executorId as string, encodeData('finish'));
  assert.is((await statusOf('TASK_FINISHED')).message, String(pid));
  assert.ok(isAlive(pid));
  assert.not(master.lastLines().some((line) => /slave-lost/.test(line)));

  // In good order it takes its executors with it, and leaves nothing to come back to.
  await second.stop();
  await ended(pid);
  assert.not(existsSync(checkpointPath(workDir)));
});

test('an executor that ended while its slave was away is told of when it is back', async (world) => {
  const { slave, launch, statusOf } = world;
  const first = await slave('first', 0, ['--checkpoint']);
  const port = await portOf(first);
  const { pid } = await launch();
  first.signal('SIGKILL');
  await first.exited;
  process.kill(pid, 'SIGKILL');
  await ended(pid);
  const second = await slave('second', port, ['--checkpoint']);
  assert.is((await statusOf('TASK_FAILED')).reason, 'REASON_EXECUTOR_TERMINATED');
  await second.stop();
});

test('a slave that makes way for another leaves its executors; one that wants nothing of them ends them', async (world) => {
  const { slave, launch } = world;
  const first = await slave('first', 0, ['--checkpoint']);
  const port = await portOf(first);
  const id = await registered(first);
  const { pid } = await launch();
  first.signal('SIGUSR2');
  assert.is((await first.exited).code, 0);
  assert.ok(isAlive(pid));
  const second = await slave('second', port, []);
  assert.is.not(await registered(second), id);
  await ended(pid);
  await second.stop();
});

test('without a checkpoint executors end when their slave is killed', async ({ slave, launch }) => {
  const first = await slave('first', 0, []);
  const { pid } = await launch();
  first.signal('SIGKILL');
  await ended(pid);
});

test('a checkpoint that cannot be read is told, with what to do', async ({ slave, workDir }) => {
  const first = await slave('first', 0, ['--checkpoint']);
  await registered(first);
  first.signal('SIGKILL');
  await first.exited;
  const path = checkpointPath(workDir);
  writeFileSync(path, `what is this?\n${readFileSync(path, 'utf8')}`);
  const second = await slave('second', 0, ['--checkpoint']);
  assert.is((await second.exited).code, 5);
  assert.match(
    second.lastLines().join('\n'),
    /^lab: the slave's checkpoint .* cannot be read: line 1 is no JSON; remove the file to start as a new slave$/m,
  );
  rmSync(path);
  const third = await slave('third', 0, ['--checkpoint']);
  await registered(third);
  await third.stop();
});

test.run();
