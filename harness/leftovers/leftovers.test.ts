/** What a process leaves that is killed before it can put things in order, and how that is found. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hold } from '../../infra/deployments/holder.ts';
import { type DeploymentRecord, writeRecord } from '../../infra/deployments/record.ts';
import { endKeptMachines, keepMachines } from '../../infra/netns/keptMachines.ts';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import { kill } from '../../mesos/isolation/processTable.ts';
import { ended } from '../../mesos/isolation/testContainers.ts';
import { leftDeployments } from './deployments.ts';
import { leftFolders } from './folders.ts';
import { leftGroups } from './groups.ts';
import type { Leftover } from './leftover.ts';
import { leftNamespaces } from './namespaces.ts';
import { leftProcesses } from './processes.ts';

const test = suite<{ folder: string; own: string | undefined }>('leftovers');

test.before.each((context) => {
  context.own = process.env.TMPDIR;
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), 'leftovers-')));
  process.env.TMPDIR = context.folder;
});
test.after.each(({ folder, own }) => {
  if (own === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = own;
  rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder of its own, starts a process in there that does not care about its parent, and waits. */
const CARELESS = `
const { makeOwnFolder } = await import(${JSON.stringify(import.meta.resolve('../../infra/ownFolder.ts'))});
const { spawn } = await import('node:child_process');
const folder = await makeOwnFolder('test');
const child = spawn('sleep', ['600'], { cwd: folder, stdio: 'ignore', detached: true });
child.once('spawn', () => console.log(JSON.stringify({ folder, pid: child.pid })));
`;

interface Careless {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly pid: number;
}

async function careless(): Promise<Careless> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CARELESS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { process: child, ...JSON.parse(line) };
}

const what = (left: readonly Leftover[]): readonly string[] => left.map((one) => one.what);

test('the folder of a process that was killed is found, and who still works in it; nothing of one that runs', async () => {
  const [killed, running] = await Promise.all([careless(), careless()]);
  try {
    assert.equal(await leftFolders(), []);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    const folders = await leftFolders();
    assert.equal(what(folders), [killed.folder]);
    const processes = leftProcesses([killed.folder]);
    assert.equal(what(processes), [String(killed.pid)]);
    for (const left of [...processes, ...folders]) await left.remove();
    assert.not.ok(existsSync(killed.folder));
    assert.ok(existsSync(running.folder));
    assert.equal(await leftFolders(), []);
  } finally {
    for (const { process: child, pid } of [killed, running]) {
      child.kill('SIGKILL');
      if (leftProcesses([killed.folder, running.folder]).some((left) => left.what === String(pid)))
        process.kill(pid, 'SIGKILL');
    }
  }
});

test('a process in a folder of ours that was removed is found', async () => {
  const left = await careless();
  try {
    // Others on this machine may remove folders of theirs at the same time.
    const own = () => leftProcesses([]).filter((one) => one.what === String(left.pid));
    assert.equal(own(), []);
    rmSync(left.folder, { recursive: true });
    const found = own();
    assert.is(found.length, 1);
    assert.match(found[0]?.why ?? '', /mesos-lab-test-\d+-\w+ \(deleted\)$/);
  } finally {
    process.kill(left.pid, 'SIGKILL');
    left.process.kill('SIGKILL');
  }
});

test('a control group is left when nothing has run in it nor below it for a minute', ({ folder }) => {
  const group = (name: string, processes: string): string => {
    const path = join(folder, 'mesos', name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'cgroup.procs'), processes);
    utimesSync(path, 0, 0);
    return path;
  };
  const empty = group('empty', '');
  group('busy', '17\n');
  group('outer', '');
  group('outer/busy', '18\n');
  utimesSync(join(folder, 'mesos', 'outer'), 0, 0);
  assert.equal(what(leftGroups([folder], 61_000)), [empty]);
  assert.equal(leftGroups([folder], 59_000), []);
});

test('control groups of a run that was killed are left, whatever runs in them; those of one that runs are not', async () => {
  const [killed, running] = await Promise.all([careless(), careless()]);
  const mount = hierarchies().find(({ controllers }) => controllers.includes('pids'))?.mount ?? '';
  const groupOf = (owner: Careless): string => join(mount, `mesos-lab-${owner.process.pid}`);
  const groups = [killed, running].map(groupOf);
  const found = (): readonly string[] => what(leftGroups([mount])).filter((group) => groups.includes(group));
  try {
    for (const group of groups) mkdirSync(join(group, 'inner'), { recursive: true });
    writeFileSync(join(groupOf(killed), 'inner', 'cgroup.procs'), String(killed.pid));
    assert.equal(found(), []);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    assert.equal(found(), [groupOf(killed)]);
    const left = leftGroups([mount]).find(({ what: group }) => group === groupOf(killed));
    await left?.remove();
    // Who finds it at the same time removes it too.
    await left?.remove();
    assert.equal(
      groups.map((group) => existsSync(group)),
      [false, true],
    );
    await ended(killed.pid);
  } finally {
    for (const { process: child, pid } of [killed, running]) {
      child.kill('SIGKILL');
      kill(pid);
      await ended(pid);
    }
    for (const group of groups.filter((path) => existsSync(path))) {
      rmdirSync(join(group, 'inner'));
      rmdirSync(group);
    }
  }
});

test('machines that are namespaces are left when the folder of their deployment is gone', async ({
  folder,
}) => {
  const own = join(folder, 'deployment');
  const found = (): readonly Leftover[] => leftNamespaces().filter((left) => left.what === own);
  await keepMachines({ names: ['node1'] }, own);
  try {
    assert.equal(found(), []);
    rmSync(own, { recursive: true });
    const [left, ...others] = found();
    assert.equal(others, []);
    await left?.remove();
    assert.ok(left);
    assert.equal(found(), []);
  } finally {
    await endKeptMachines(own);
  }
});

test('a deployment is left if its command was killed at work on it, and a run is when it has ended', async ({
  folder,
}) => {
  const make = (name: string, state: DeploymentRecord['state'], plan: unknown): void => {
    mkdirSync(join(folder, name));
    writeRecord(join(folder, name), {
      ...{ schemaVersion: 1, name, madeAt: '', state, plan, machines: [], processes: [] },
      asked: { kind: 'local', names: ['node1'] },
    });
  };
  make('to-stay', 'running', {});
  make('half-made', 'preparing', {});
  make('half-gone', 'tearing down', {});
  make('run', 'running', null);
  make('held', 'preparing', {});
  using _ = hold(join(folder, 'held'), 'lab up');
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'damaged'));
  writeFileSync(join(folder, 'damaged', 'deployment.json'), '{}');
  const left = leftDeployments(folder);
  assert.equal(what(left), ['damaged', 'empty', 'half-gone', 'half-made', 'run']);
  await Promise.all(left.slice(1).map((one) => one.remove()));
  assert.equal(readdirSync(folder).sort(), ['damaged', 'held', 'to-stay']);
  try {
    await left[0]?.remove();
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /by hand/);
  }
});

test.run();
