/** `lab slave` and its isolation, with real processes: on a machine where this user may make control groups, and where not. */
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../../infra/machine.ts';
import { findCgroups } from '../../../mesos/isolation/cgroupRoot.ts';
import { cgroupsIsolation } from '../../../mesos/isolation/cgroups.ts';
import { hierarchies } from '../../../mesos/isolation/hierarchies.ts';
import { isAlive, mayMakeGroups, shellSpec, start } from '../../../mesos/isolation/testContainers.ts';
import { listening } from '../../run/deployment.ts';
import { assertRefused } from '../testRefusal.ts';

const NOBODY = 65_534;
/** A root group for these tests alone. */
const ROOT = `lab-test-${process.pid}`;

interface World {
  folder: string;
  heads: Machines;
  master: string;
  nodes: Machines;
  machine: Machine;
  workDir: string;
  /** Starts a slave, as another user if need be. */
  slave(name: string, flags: readonly string[], uid?: number): Promise<RunningProcess>;
}

const test = suite<World>('lab slave');

test.before(async (world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'lab-slave-'));
  world.heads = await localMachines(join(world.folder, 'heads'), ['head']);
  const process = await (world.heads.machines[0] as Machine).start({
    name: 'master',
    program: LAB,
    arguments: ['master', '--port', '0', '--quiet'],
  });
  world.master = await listening(process);
});
test.after(async ({ heads, folder }) => {
  await heads?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
test.before.each(async (world) => {
  world.workDir = mkdtempSync(join(tmpdir(), 'lab-work-'));
  world.nodes = await localMachines(join(world.folder, 'nodes'), ['node']);
  world.machine = world.nodes.machines[0] as Machine;
  world.slave = (name, flags, uid) => {
    const { master, workDir, machine } = world;
    const own = ['slave', '--master', master, '--port', '0', '--resources', 'cpus:2;mem:1024', '--quiet'];
    const command = [LAB, ...own, '--work_dir', workDir, '--cgroups_root', ROOT, ...flags];
    const as = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const [program = '', ...args] = [...as, ...command];
    return machine.start({ name, program, arguments: args });
  };
});
test.after.each(async ({ nodes, workDir }) => {
  await nodes[Symbol.asyncDispose]();
  rmSync(workDir, { recursive: true });
  for (const { mount } of hierarchies()) assert.not(existsSync(join(mount, ROOT)), mount);
});

const MPI = (mem: number) => ({
  name: 'mpi',
  jobs: [
    {
      id: 'job1',
      kind: 'poisson',
      ranks: 2,
      submission: { when: 'at', ms: 0 },
      program: { type: 'poisson', gridSize: 32 },
    },
  ],
  slot: { cpus: 0.5, mem },
  attemptsMax: 1,
  executor: {
    name: 'mpi',
    command: { shell: false, value: LAB, arguments: [LAB, 'executor', 'mpi'], environment: {} },
  },
});

async function runMpi(
  { machine, master, folder }: World,
  mem: number,
): Promise<readonly { outcome: string; message?: string }[]> {
  const [config, summary] = [join(folder, 'mpi.json'), join(folder, 'summary.json')];
  writeFileSync(config, JSON.stringify(MPI(mem)));
  const args = ['framework', 'mpi', '--config', config, '--master', master, '--summary', summary, '--quiet'];
  await (await machine.start({ name: 'framework', program: LAB, arguments: args })).exited;
  return JSON.parse(readFileSync(summary, 'utf8')).jobs;
}

if (mayMakeGroups(ROOT)) {
  test('a job runs in control groups, and nothing is left of them', async (world) => {
    const slave = await world.slave('slave', ['--isolation', 'cgroups', '--cgroups_enable_cfs']);
    await slave.waitForLine(/^registered as /);
    assert.equal(
      (await runMpi(world, 256)).map(({ outcome }) => outcome),
      ['finished'],
    );
    await slave.stop();
  });

  test('a job that needs more memory than it holds fails, and is told so', async (world) => {
    const slave = await world.slave('slave', ['--isolation', 'cgroups']);
    await slave.waitForLine(/^registered as /);
    const [job] = await runMpi(world, 8);
    assert.is(job?.outcome, 'failed');
    assert.match(job?.message ?? '', /out of memory: its limit is \d+\.0 MiB/);
    await slave.stop();
  });

  test('what a slave that was killed has left in control groups is removed by the next', async ({
    slave,
    workDir,
  }) => {
    const found = findCgroups(ROOT);
    if (found.is === 'unusable') throw new Error(found.why);
    const isolation = cgroupsIsolation({ workDir, root: found.root });
    const left = start(isolation, workDir, shellSpec('echo $$; exec sleep 1000'));
    const [pid] = await left.lines(1);
    const next = await slave('slave', ['--isolation', 'cgroups']);
    await next.waitForLine(/removed 1 control groups? that an earlier slave has left/);
    assert.not(isAlive(Number(pid)));
    await isolation.close();
    await next.stop();
    found.release();
  });

  test('another user goes on with processes, and is told why', async ({ slave, workDir }) => {
    chownSync(workDir, NOBODY, NOBODY);
    const own = await slave('slave', ['--isolation', 'cgroups'], NOBODY);
    await own.waitForLine(/--isolation cgroups: .* cannot be used .* goes on with --isolation process$/);
    await own.waitForLine(/^registered as /);
    await own.stop();
  });
} else
  test('without rights, a slave goes on with processes, and tells why', async ({ slave }) => {
    const own = await slave('slave', ['--isolation', 'cgroups']);
    await own.waitForLine(/--isolation cgroups: .* goes on with --isolation process$/);
    await own.waitForLine(/^registered as /);
    await own.stop();
  });

test('a work folder belongs to one slave at a time, until that is killed', async ({ slave, workDir }) => {
  const first = await slave('first', []);
  await first.waitForLine(/^registered as /);
  const second = await slave('second', []);
  assert.is((await second.exited).code, 5);
  assert.match(
    second.lastLines().join(),
    new RegExp(`${workDir} is in use by another slave, process ${first.pid};`),
  );
  first.signal('SIGKILL');
  await first.exited;
  const third = await slave('third', []);
  await third.waitForLine(/^registered as /);
  await third.stop();
});

test('flags of isolation that are wrong are told', async () => {
  for (const [flags, complaint] of [
    [['--cgroups_root', '../other'], /--cgroups_root must be the path of a group/],
    [['--cgroups_pids_max', '0'], /--cgroups_pids_max must be a whole number/],
    [['--gc_delay', '2fortnights'], /--gc_delay must be a time such as .* to 52weeks/],
    [['--gc_disk_headroom', '2'], /--gc_disk_headroom must be from 0 to 1/],
  ] as const)
    await assertRefused(['slave', '--master', 'h:5050', ...flags], 1, complaint);
});

test.run();
