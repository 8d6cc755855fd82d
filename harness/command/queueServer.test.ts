/** A queue server with a journal, with real processes: a master, a slave, and a server that is killed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, RunningProcess } from '../../infra/machine.ts';
import { type JobClient, jobClient } from '../jobs/jobClient.ts';
import { ownKey } from '../jobs/jobKey.ts';
import { testCluster } from './testCluster.ts';
import { assertRefused } from './testRefusal.ts';

const CONFIG = {
  name: 'torque',
  jobs: [],
  slot: { cpus: 0.5, mem: 64 },
  executor: {
    name: 'rank',
    command: { shell: false, value: LAB, arguments: [LAB, 'executor', 'mpi'], environment: {} },
  },
};

const job = (id: string, repeats: number, ranks = 2) => ({
  id,
  kind: 'poisson',
  ranks,
  submission: { when: 'at', ms: 0 },
  program: { type: 'poisson', gridSize: 16, repeats },
});
const ENDLESS = 1e6;

test('a queue server that is killed loses no job, and the next one runs them all', async () => {
  const cluster = await testCluster();
  const machines = await localMachines(join(cluster.folder, 'machines2'), ['head']);
  try {
    const head = machines.machines[0] as Machine;
    const environment = { XDG_STATE_HOME: join(cluster.folder, 'state') };
    const [config, journal] = [join(cluster.folder, 'torque.json'), join(cluster.folder, 'journal.ndjson')];
    writeFileSync(config, JSON.stringify(CONFIG));
    const args = ['framework', 'torque', '--config', config, '--serve', '--journal', journal];
    const serve = async (name: string): Promise<{ queue: RunningProcess; client: JobClient }> => {
      const queue = await head.start({
        name,
        program: LAB,
        arguments: [...args, '--master', cluster.master],
        environment,
      });
      const [, url = ''] = await queue.waitForLine(/^jobs at (\S+)$/);
      const key = ownKey(join(environment.XDG_STATE_HOME, 'mesos-lab', 'jobs_key'));
      return { queue, client: jobClient(new URL(url), key) };
    };
    const phases = async (client: JobClient) =>
      (await client.list()).jobs.map(({ id, phase }) => `${id} ${phase}`);

    await cluster.slave('slave');
    const first = await serve('first');
    await first.client.submit(job('runs', ENDLESS));
    await first.queue.waitForLine(/job-started/);
    // It needs the whole slave, and so waits as long as the other runs.
    await first.client.submit(job('waits', 1, 4));
    await first.client.submit(job('held', 1));
    await first.client.hold('held');
    const second = await head.start({
      name: 'too many',
      program: LAB,
      arguments: [...args, '--master', cluster.master],
      environment,
    });
    assert.is((await second.exited).code, 1);
    assert.match(second.lastLines().join('\n'), /in use by another scheduler/);

    first.queue.signal('SIGKILL');
    await first.queue.exited;
    const next = await serve('next');
    assert.equal(
      (await phases(next.client)).map((text) => text.split(' ')[0]),
      ['runs', 'waits', 'held'],
    );
    await next.queue.waitForLine(/job-started.*runs/);
    await next.client.delete('runs');
    await next.queue.waitForLine(/^job waits finished$/);
    assert.equal(await phases(next.client), ['runs deleted', 'waits finished', 'held held']);
    await next.client.release('held');
    await next.queue.waitForLine(/^job held finished$/);
    await next.queue.stop();
  } finally {
    await machines[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  }
});

test('a journal is for who can have one, and not for a standby', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-journal-'));
  try {
    const write = (name: string, content: unknown): string => {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    };
    const torque = write('torque.json', CONFIG);
    const { command } = CONFIG.executor;
    const spark = write('spark.json', { name: 'pi', app: 'pi', executor: { command } });
    const damaged = write('damaged.ndjson', '{"kind":"something"}\n');
    for (const [args, complaint] of [
      [['torque', '--config', torque, '--journal', damaged], /does not begin like a journal/],
      [['torque', '--config', torque, '--journal', folder], /it is no file/],
      [['torque', '--config', torque, '--journal', damaged, '--framework_id', 'f', '--standby'], /--standby/],
      [['spark', '--config', spark, '--journal', join(folder, 'new')], /--journal is for torque and hadoop/],
    ] as const)
      await assertRefused(['framework', ...args, '--master', '127.0.0.1:1'], 1, complaint);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
