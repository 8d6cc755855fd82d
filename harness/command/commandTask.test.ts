/** Command tasks on real slaves: what they run, how they end, and that nothing is left of them. */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { smallDisks } from '../../infra/faults/smallDisk.ts';
import { findCgroups } from '../../mesos/isolation/cgroupRoot.ts';
import { SANDBOX_VARIABLE } from '../../mesos/isolation/executorCommand.ts';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import { processes, startVariable } from '../../mesos/isolation/processTable.ts';
import { isAlive, linesOf, mayMakeGroups, until } from '../../mesos/isolation/testContainers.ts';
import { commandExecutorInfo } from '../../mesos/protocol/commandTask.ts';
import type { CommandInfo, TaskInfo } from '../../mesos/protocol/entities.ts';
import { type RunningSlave, type TestCluster, type TestFramework, testCluster } from './testCluster.ts';

const ROOT = `lab-command-test-${process.pid}`;

interface World {
  cluster: TestCluster;
  /** What it serves is its own path. */
  server: Server;
  at: string;
  /** Starts a slave. */
  slave(name: string, flags?: readonly string[], port?: number): Promise<RunningSlave>;
  /** Launches a line of shell on the next offer. */
  launch(taskId: string, value: string, more?: Partial<CommandInfo>, of?: Partial<TaskInfo>): void;
  /** Resolves with a task's status in this state. */
  statusOf: TestFramework['status'];
  /** Lines that a task has written, when there are so many. */
  lines(taskId: string, count: number): Promise<readonly string[]>;
}

/** No process bears the name of a sandbox of this slave. */
const nothingLeft = ({ workDir }: RunningSlave): Promise<void> =>
  until(() => !processes().some(({ pid }) => startVariable(pid, SANDBOX_VARIABLE)?.startsWith(workDir)));

function testsOf(isolation: 'process' | 'cgroups'): void {
  const test = suite<World>(`command tasks, with ${isolation} isolation`);

  test.before(async (world) => {
    const cluster = await testCluster();
    const server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const framework = cluster.framework();
    const launch: World['launch'] = (taskId, value, more = {}, of = {}) => {
      const command = { shell: true, value, arguments: [], environment: {}, ...more };
      const executor = commandExecutorInfo(taskId, command);
      framework.launch({ taskId, resources: { cpus: 0.5, mem: 32 }, command, executor, ...of });
    };
    const lines: World['lines'] = async (taskId, count) => {
      const workDir = join(cluster.folder, 'work');
      // Folders come and go meanwhile: a glob passes over what has gone.
      const runs = (): string | undefined =>
        globSync(`slaves/*/frameworks/*/executors/${taskId}/runs/latest`, { cwd: workDir })[0];
      await until(() => runs() !== undefined);
      return linesOf(join(workDir, runs() as string), count);
    };
    const flagsOf = ['--isolation', isolation, '--cgroups_root', ROOT];
    const slave: World['slave'] = (name, flags = [], port = 0) =>
      cluster.slave(name, [...flagsOf, ...flags], port);
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(world, { cluster, server, at, slave, launch, statusOf: framework.status, lines });
  });
  test.after.each(({ cluster }) => cluster.stopSlaves());
  test.after(async ({ cluster, server }) => {
    server?.close().closeAllConnections();
    await cluster?.[Symbol.asyncDispose]();
  });

  // Who is not root mounts no disks.
  if (process.getuid?.() === 0)
    test('a command that fails on a full disk has failed, and why is told though it has no room to say it', async (world) => {
      const { cluster, slave, launch, statusOf } = world;
      const small = join(cluster.folder, 'small');
      const disks = await smallDisks(small, { of: ['node'], bytes: 256 * 1024 });
      try {
        await slave('on-a-small-disk', ['--work_dir', join(small, 'node', 'work')]);
        launch('fills', 'head -c 1M /dev/zero > much || exit 3');
        const { message } = await statusOf('fills', 'TASK_FAILED');
        assert.is(message, 'Command exited with status 3; no space is left on the disk of its sandbox');
        await cluster.stopSlaves();
      } finally {
        await disks[Symbol.asyncDispose]();
      }
    });

  test('a command runs in its sandbox with what it wants fetched, and nothing is left of it', async (world) => {
    const { slave, launch, statusOf, lines, at } = world;
    const one = await slave('slave');
    const uris = [{ value: `${at}/it` }, { value: `${at}/run`, executable: true, outputFile: 'bin/run' }];
    const value = 'cat it; echo; test -x bin/run && echo $SIZE $(pwd); echo trouble >&2';
    launch('fetches', value, { uris, environment: { SIZE: 'large' } });
    await statusOf('fetches', 'TASK_RUNNING');
    const { message } = await statusOf('fetches', 'TASK_FINISHED');
    assert.is(message, 'Command exited with status 0');
    const [it, line = ''] = await lines('fetches', 2);
    const [size, sandbox = ''] = line.split(' ');
    assert.equal([it, size], ['/it', 'large']);
    assert.is(readFileSync(join(sandbox, 'stderr'), 'utf8'), 'trouble\n');
    await nothingLeft(one);
  });

  test('a command that fails or cannot be given what it wants has failed, with why', async (world) => {
    const { slave, launch, statusOf, at } = world;
    await slave('slave');
    launch('fails', 'exit 7');
    assert.is((await statusOf('fails', 'TASK_FAILED')).message, 'Command exited with status 7');
    launch('lacks', 'true', { uris: [{ value: `${at}/a.tar.gz` }] });
    const { reason, message = '' } = await statusOf('lacks', 'TASK_FAILED');
    assert.is(reason, 'REASON_CONTAINER_LAUNCH_FAILED');
    assert.match(message, /^The URI 'http:.*\/a.tar.gz' cannot be fetched: it cannot be extracted: /);
  });

  test('a command that is killed ends with all that it has started', async (world) => {
    const { cluster, slave, launch, statusOf, lines } = world;
    const one = await slave('slave');
    const value = 'trap "" TERM; setsid sleep 1000 & echo $$; while :; do sleep 0.05; done';
    launch('is-killed', value, {}, { killGraceMs: 50 });
    await lines('is-killed', 1);
    cluster.framework().driver.killTask('is-killed');
    const { message } = await statusOf('is-killed', 'TASK_KILLED');
    assert.is(message, 'Command terminated with signal SIGKILL');
    await nothingLeft(one);
  });

  test('a command ends when its executor is killed, and is told to have failed', async (world) => {
    const { slave, launch, statusOf, lines } = world;
    const one = await slave('slave');
    launch('orphan', 'trap "" TERM; echo $PPID; while :; do sleep 0.05; done');
    const [executor] = await lines('orphan', 1);
    await statusOf('orphan', 'TASK_RUNNING');
    process.kill(Number(executor), 'SIGKILL');
    assert.is((await statusOf('orphan', 'TASK_FAILED')).reason, 'REASON_EXECUTOR_TERMINATED');
    await nothingLeft(one);
  });

  for (const end of ['SIGKILL', 'SIGTERM'] as const)
    test(`a command ends with its slave, which is ended by ${end}`, async (world) => {
      const { slave, launch, lines } = world;
      const one = await slave('slave');
      launch(end, 'echo $$; exec sleep 1000');
      const [command] = await lines(end, 1);
      assert.ok(isAlive(Number(command)));
      one.process.signal(end);
      await one.process.exited;
      await nothingLeft(one);
    });

  test('a slave that comes back takes commands over, also those that ended meanwhile', async (world) => {
    const { slave, launch, lines, statusOf } = world;
    const first = await slave('first', ['--checkpoint']);
    const port = Number(first.address.split(':')[1]);
    const waits = (taskId: string): string => join(first.workDir, taskId);
    for (const id of ['meanwhile', 'after'])
      launch(id, `echo $$; until [ -e ${waits(id)} ]; do sleep 0.05; done`);
    for (const id of ['meanwhile', 'after']) await statusOf(id, 'TASK_RUNNING');
    const [pid] = await lines('meanwhile', 1);
    first.process.signal('SIGKILL');
    await first.process.exited;
    writeFileSync(waits('meanwhile'), '');
    await until(() => !isAlive(Number(pid)));
    const second = await slave('second', ['--checkpoint'], port);
    for (const id of ['meanwhile', 'after']) {
      writeFileSync(waits(id), '');
      assert.is((await statusOf(id, 'TASK_FINISHED')).message, 'Command exited with status 0');
    }
    await nothingLeft(second);
  });

  if (isolation === 'cgroups')
    test('a command that takes more memory than it holds and its executor needs is told so', async (world) => {
      const { slave, launch, statusOf } = world;
      const one = await slave('slave', ['--cgroups_enable_cfs']);
      launch('greedy', 'x=$(head -c 150000000 /dev/zero | tr "\\0" x); echo $x');
      const { reason, message = '' } = await statusOf('greedy', 'TASK_FAILED');
      assert.is(reason, 'REASON_CONTAINER_LIMITATION_MEMORY');
      assert.match(message, /out of memory: its limit is 96\.0 MiB/);
      await nothingLeft(one);
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
