/** Real processes, killed in the middle of a job: the job still ends with the exact result, or says why not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { ended } from '../../mesos/isolation/testContainers.ts';
import { startFramework } from '../run/deployment.ts';
import { assertExact, childrenOf, historyOf, withCluster } from './testDeployment.ts';

test('an executor that is killed: its tasks run again, and the result is exact', () =>
  withCluster(async (cluster) => {
    for (const slave of cluster.slaves)
      for (const pid of await childrenOf(slave.pid)) process.kill(pid, 'SIGKILL');
    await assertExact(cluster);
  }));

test('a slave that is killed: its executors end, its maps run again elsewhere, and the result is exact', () =>
  withCluster(async (cluster) => {
    const [slave] = cluster.slaves as [RunningProcess];
    const executors = await childrenOf(slave.pid);
    // Only the slave: its executors must notice by themselves.
    process.kill(slave.pid, 'SIGKILL');
    await cluster.master.waitForLine(/slave-lost/);
    await Promise.all(executors.map(ended));
    await assertExact(cluster);
  }));

test('a scheduler that is killed: its framework is removed and its executors end', () =>
  withCluster(async ({ running, master, slaves }) => {
    const executors = (await Promise.all(slaves.map(({ pid }) => childrenOf(pid)))).flat();
    assert.ok(executors.length > 0);
    running.process.signal('SIGKILL');
    await master.waitForLine(/framework-removed .*scheduler is gone/);
    await Promise.all(executors.map(ended));
  }));

test('a JobTracker that is killed and replaced by one with its journal: maps that had finished stay, and the result is exact', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'journal-'));
  const flags = ['--failover_timeout', '1mins', '--journal', join(folder, 'journal')];
  try {
    await withCluster(
      async (cluster) => {
        const { head, deployment, running, config, address } = cluster;
        await running.process.waitForLine(/block-read/);
        const [registered] = (await historyOf(cluster, ['master1'])).flatMap((line) =>
          line.event === 'framework-registered' ? [line.frameworkId] : [],
        );
        running.process.signal('SIGKILL');
        await running.process.exited;
        const on = { master: address, flags: [...flags, '--framework_id', registered as string] };
        const next = await startFramework(head, deployment, 'hadoop', config, on, 'hadoop-next');
        await assertExact({ ...cluster, running: next });
        const read = (await historyOf(cluster, ['hadoop-next'])).filter(
          ({ event }) => event === 'block-read',
        );
        assert.ok(read.length < (config.jobs[0]?.input.length ?? 0), `${read.length} maps ran again`);
      },
      { framework: async (_, master) => ({ master, flags }) },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('garbage on the port of the master disturbs nobody', () =>
  withCluster(async (cluster) => {
    const port = Number(cluster.address.split(':')[1]);
    for (const garbage of [
      'GET / HTTP/1.1\r\n\r\n',
      '\0'.repeat(100_000),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff',
    ])
      connect(port, '127.0.0.1')
        .on('error', () => {})
        // Who does not read the answer does not see the end, and keeps its connection.
        .resume()
        .end(garbage, 'latin1');
    await assertExact(cluster);
  }));

test('when everybody is told to end, everybody ends', () =>
  withCluster(async ({ master, slaves, running }) => {
    const executors = (await Promise.all(slaves.map(({ pid }) => childrenOf(pid)))).flat();
    const processes = [running.process, ...slaves, master];
    for (const each of processes) process.kill(each.pid, 'SIGTERM');
    for (const each of processes) assert.is((await each.exited).signal, null, each.name);
    await Promise.all(executors.map(ended));
  }));

/** A machine of this kind without anything on it. */
async function withMachine(run: (machine: Machine, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-'));
  await using machines = await localMachines(folder, ['machine']);
  await run(machines.machines[0] as Machine, folder);
}

const daemon = (machine: Machine, ...args: string[]): Promise<RunningProcess> =>
  machine.start({ name: args.join('-').replaceAll('/', '-'), program: LAB, arguments: args });

test('a history that cannot be written ends the daemon with a sentence', () =>
  withMachine(async (machine) => {
    const master = await daemon(machine, 'master', '--port', '0', '--history', '/dev/full');
    const [, address] = await master.waitForLine(/listening on (\S+)/);
    await daemon(
      machine,
      'slave',
      '--master',
      address as string,
      '--port',
      '0',
      '--work_dir',
      machine.folder,
    );
    assert.is((await master.exited).code, 5);
    assert.match(master.lastLines().join('\n'), /the disk is full/);
  }));

test('a port that is taken is told in a sentence', () =>
  withMachine(async (machine) => {
    const first = await daemon(machine, 'master', '--port', '0');
    const [, port] = await first.waitForLine(/listening on \S+:(\d+)/);
    const second = await daemon(machine, 'master', '--port', port as string);
    assert.is((await second.exited).code, 5);
    assert.match(second.lastLines().join('\n'), new RegExp(`^lab: .*${port}.*`));
  }));

test('processes end when the one that started them is killed', () =>
  withMachine(async (_, folder) => {
    const local = JSON.stringify(join(import.meta.dirname, '../../infra/local.ts'));
    const script = `
      import { localMachines } from ${local};
      const { machines: [machine] } = await localMachines(${JSON.stringify(folder)}, ['orphan']);
      const child = await machine.start({ name: 'master', program: ${JSON.stringify(LAB)}, arguments: ['master', '--port', '0'] });
      await child.waitForLine(/listening/);
      console.log(child.pid);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await ended(Number(String(pid)));
  }));

test.run();
