/** Command tasks on real slaves: what they run, how they end, and that nothing is left of them. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallDisks } from '../../infra/faults/smallDisk.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../infra/machine.ts';
import type { SchedulerDriver } from '../../mesos/driver/scheduler.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { findCgroups } from '../../mesos/isolation/cgroupRoot.ts';
import { SANDBOX_VARIABLE } from '../../mesos/isolation/executorCommand.ts';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import { processes, startVariable } from '../../mesos/isolation/processTable.ts';
import { isAlive, linesOf, mayMakeGroups, until } from '../../mesos/isolation/testContainers.ts';
import { commandExecutorInfo } from '../../mesos/protocol/commandTask.ts';
import type { CommandInfo, Offer, TaskInfo, TaskStatus } from '../../mesos/protocol/entities.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import { listening } from '../run/deployment.ts';

const ROOT = `lab-command-test-${process.pid}`;

interface World {
  folder: string;
  workDir: string;
  machines: Machines;
  wire: WireRuntime;
  server: Server;
  /** What it serves is its own path. */
  at: string;
  driver: SchedulerDriver;
  /** Starts a slave; `port` 0 for any. */
  slave(name: string, port?: number, flags?: readonly string[]): Promise<RunningProcess>;
  /** Launches a line of shell on the next offer. */
  launch(taskId: string, value: string, more?: Partial<CommandInfo>, of?: Partial<TaskInfo>): void;
  /** Resolves with a task's status in this state. */
  statusOf(taskId: string, state: TaskStatus['state']): Promise<TaskStatus>;
  /** Lines that a task has written, when there are so many. */
  lines(taskId: string, count: number): Promise<readonly string[]>;
}

/** No process bears the name of a sandbox of this slave. */
const nothingLeft = (workDir: string): Promise<void> =>
  until(() => !processes().some(({ pid }) => startVariable(pid, SANDBOX_VARIABLE)?.startsWith(workDir)));

function testsOf(isolation: 'process' | 'cgroups'): void {
  const test = suite<World>(`command tasks, with ${isolation} isolation`);

  test.before.each(async (world) => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-command-'));
    const workDir = join(folder, 'work');
    const machines = await localMachines(join(folder, 'machines'), ['node']);
    const machine = machines.machines[0] as Machine;
    const master = await machine.start({
      name: 'master',
      program: LAB,
      arguments: ['master', '--port', '0'],
    });
    const address = await listening(master);
    const wire = await startWire({ log: () => {} });
    const server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const statuses: TaskStatus[] = [];
    const offers: Offer[] = [];
    const wanted: ((offer: Offer) => TaskInfo)[] = [];
    let driver: SchedulerDriver | undefined;
    const match = (): void => {
      const next = offers.length > 0 ? wanted.shift() : undefined;
      const offer = next && offers.shift();
      if (next && offer) driver?.replyToOffer([offer.id], [next(offer)], { refuseSeconds: 0 });
    };
    wire.spawn(
      'scheduler',
      schedulerActor({
        master: `master@${address}`,
        frameworkInfo: { user: 'test', name: 'f', failoverTimeout: 60 },
        stopped() {},
        factory: (own) => {
          driver = own;
          return {
            registered() {},
            disconnected() {},
            resourceOffers(more) {
              offers.push(...more);
              match();
            },
            offerRescinded: (id) => void offers.splice(0, Infinity, ...offers.filter((o) => o.id !== id)),
            statusUpdate: (status) => void statuses.push(status),
            slaveLost() {},
            executorLost() {},
            frameworkMessage() {},
            error() {},
          };
        },
      }),
    );
    const launch: World['launch'] = (taskId, value, more = {}, of = {}) => {
      const command = { shell: true, value, arguments: [], environment: {}, ...more };
      wanted.push(({ slaveId }) => ({
        ...{ name: taskId, taskId, slaveId, resources: { cpus: 0.5, mem: 32 }, command, ...of },
        executor: commandExecutorInfo(taskId, command),
      }));
      match();
    };
    const statusOf: World['statusOf'] = async (taskId, state) => {
      const find = () => statuses.find((status) => status.taskId === taskId && status.state === state);
      await until(() => find() !== undefined);
      return find() as TaskStatus;
    };
    const lines: World['lines'] = async (taskId, count) => {
      // Folders come and go meanwhile: a glob passes over what has gone.
      const runs = (): string | undefined =>
        globSync(`slaves/*/frameworks/*/executors/${taskId}/runs/latest`, { cwd: workDir })[0];
      await until(() => runs() !== undefined);
      return linesOf(join(workDir, runs() as string), count);
    };
    const slave: World['slave'] = async (name, port = 0, flags = []) => {
      const process = await machine.start({
        name,
        program: LAB,
        arguments: [
          ...['slave', '--master', address, '--port', `${port}`, '--resources', 'cpus:1;mem:512'],
          ...['--work_dir', workDir, '--isolation', isolation, '--cgroups_root', ROOT, ...flags],
        ],
      });
      await process.waitForLine(/^registered as/);
      return process;
    };
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(world, {
      folder,
      workDir,
      machines,
      wire,
      server,
      at,
      driver,
      slave,
      launch,
      statusOf,
      lines,
    });
  });
  test.after.each(async ({ machines, folder, wire, server }) => {
    server.close().closeAllConnections();
    await wire.close();
    await machines[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  // Who is not root mounts no disks.
  if (process.getuid?.() === 0)
    test('a command that fails on a full disk has failed, and why is told though it has no room to say it', async (world) => {
      const { folder, slave, launch, statusOf } = world;
      const disks = await smallDisks(join(folder, 'small'), { of: ['node'], bytes: 256 * 1024 });
      try {
        const running = await slave('slave', 0, ['--work_dir', join(folder, 'small', 'node', 'work')]);
        launch('own', 'head -c 1M /dev/zero > much || exit 3');
        const { message } = await statusOf('own', 'TASK_FAILED');
        assert.is(message, 'Command exited with status 3; no space is left on the disk of its sandbox');
        await running.stop();
      } finally {
        await disks[Symbol.asyncDispose]();
      }
    });

  test('a command runs in its sandbox with what it wants fetched, and nothing is left of it', async (world) => {
    const { slave, launch, statusOf, lines, workDir, at } = world;
    const one = await slave('slave');
    const uris = [{ value: `${at}/it` }, { value: `${at}/run`, executable: true, outputFile: 'bin/run' }];
    const value = 'cat it; echo; test -x bin/run && echo $SIZE $(pwd); echo trouble >&2';
    launch('t', value, { uris, environment: { SIZE: 'large' } });
    await statusOf('t', 'TASK_RUNNING');
    const { message } = await statusOf('t', 'TASK_FINISHED');
    assert.is(message, 'Command exited with status 0');
    const [it, line = ''] = await lines('t', 2);
    const [size, sandbox = ''] = line.split(' ');
    assert.equal([it, size], ['/it', 'large']);
    assert.is(readFileSync(join(sandbox, 'stderr'), 'utf8'), 'trouble\n');
    await nothingLeft(workDir);
    await one.stop();
  });

  test('a command that fails or cannot be given what it wants has failed, with why', async (world) => {
    const { slave, launch, statusOf, at } = world;
    const one = await slave('slave');
    launch('t', 'exit 7');
    assert.is((await statusOf('t', 'TASK_FAILED')).message, 'Command exited with status 7');
    launch('u', 'true', { uris: [{ value: `${at}/a.tar.gz` }] });
    const { reason, message = '' } = await statusOf('u', 'TASK_FAILED');
    assert.is(reason, 'REASON_CONTAINER_LAUNCH_FAILED');
    assert.match(message, /^The URI 'http:.*\/a.tar.gz' cannot be fetched: it cannot be extracted: /);
    await one.stop();
  });

  test('a command that is killed ends with all that it has started', async (world) => {
    const { slave, launch, statusOf, lines, driver, workDir } = world;
    const one = await slave('slave');
    launch(
      't',
      'trap "" TERM; setsid sleep 1000 & echo $$; while :; do sleep 0.05; done',
      {},
      { killGraceMs: 50 },
    );
    await lines('t', 1);
    driver.killTask('t');
    const { message } = await statusOf('t', 'TASK_KILLED');
    assert.is(message, 'Command terminated with signal SIGKILL');
    await nothingLeft(workDir);
    await one.stop();
  });

  test('a command ends when its executor is killed, and is told to have failed', async (world) => {
    const { slave, launch, statusOf, lines, workDir } = world;
    const one = await slave('slave');
    launch('t', 'trap "" TERM; echo $PPID; while :; do sleep 0.05; done');
    const [executor] = await lines('t', 1);
    await statusOf('t', 'TASK_RUNNING');
    process.kill(Number(executor), 'SIGKILL');
    assert.is((await statusOf('t', 'TASK_FAILED')).reason, 'REASON_EXECUTOR_TERMINATED');
    await nothingLeft(workDir);
    await one.stop();
  });

  test('a command ends with its slave, in good order or not', async (world) => {
    const { slave, launch, lines, workDir } = world;
    for (const [n, end] of ['SIGKILL', 'SIGTERM'].entries()) {
      const one = await slave(`slave${n}`);
      launch(`t${n}`, 'echo $$; exec sleep 1000');
      const [command] = await lines(`t${n}`, 1);
      assert.ok(isAlive(Number(command)));
      one.signal(end as NodeJS.Signals);
      await one.exited;
      await nothingLeft(workDir);
    }
  });

  test('a slave that comes back takes commands over, also those that ended meanwhile', async (world) => {
    const { slave, launch, lines, statusOf, workDir } = world;
    const first = await slave('first', 0, ['--checkpoint']);
    const port = Number((await listening(first)).split(':')[1]);
    for (const id of ['t', 'u']) launch(id, `echo $$; until [ -e ${workDir}/${id} ]; do sleep 0.05; done`);
    for (const id of ['t', 'u']) await statusOf(id, 'TASK_RUNNING');
    const [pid] = await lines('t', 1);
    first.signal('SIGKILL');
    await first.exited;
    writeFileSync(join(workDir, 't'), '');
    await until(() => !isAlive(Number(pid)));
    const second = await slave('second', port, ['--checkpoint']);
    assert.is((await statusOf('t', 'TASK_FINISHED')).message, 'Command exited with status 0');
    writeFileSync(join(workDir, 'u'), '');
    assert.is((await statusOf('u', 'TASK_FINISHED')).message, 'Command exited with status 0');
    await nothingLeft(workDir);
    await second.stop();
  });

  if (isolation === 'cgroups')
    test('a command that takes more memory than it holds and its executor needs is told so', async (world) => {
      const { slave, launch, statusOf, workDir } = world;
      const one = await slave('slave', 0, ['--cgroups_enable_cfs']);
      launch('t', 'x=$(head -c 150000000 /dev/zero | tr "\\0" x); echo $x');
      const { reason, message = '' } = await statusOf('t', 'TASK_FAILED');
      assert.is(reason, 'REASON_CONTAINER_LIMITATION_MEMORY');
      assert.match(message, /out of memory: its limit is 96\.0 MiB/);
      await nothingLeft(workDir);
      await one.stop();
    });

  test.run();
}

testsOf('process');
if (mayMakeGroups(ROOT)) {
  // Of a root group that it has not made itself a slave leaves only that.
  const found = findCgroups(ROOT);
  testsOf('cgroups');
  const last = suite('command tasks');
  last('leave no groups', () => {
    if (found.is === 'usable') found.release();
    for (const { mount } of hierarchies()) assert.not(existsSync(join(mount, ROOT)), mount);
  });
  last.run();
}
