/** Somebody else's client, npm's `mesos-framework`, unmodified, against real masters and a real slave. */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, Machines } from '../../infra/machine.ts';
import { within } from '../../mesos/runtime/testProbe.ts';
import { type Listening, listening } from '../run/deployment.ts';

const CLIENT = join(import.meta.dirname, 'testdata', 'mesosFramework.cjs');

interface Told {
  readonly event: string;
  readonly [name: string]: unknown;
}

interface Client {
  readonly process: ChildProcess;
  /** The next event of this kind, those before it passed over. */
  next(event: string): Promise<Told>;
  /** The next update of this state. */
  update(state: string): Promise<Told>;
  /** Calls one of its methods. */
  call(method: string, ...args: unknown[]): void;
}

interface World {
  folder: string;
  machines: Machines;
  machine: Machine;
  clients: ChildProcess[];
  client(options: Readonly<Record<string, unknown>>): Client;
}

const test = suite<World>("npm's mesos-framework");

test.before.each(async (world) => {
  world.folder = mkdtempSync(join(tmpdir(), 'lab-third-party-'));
  world.machines = await localMachines(join(world.folder, 'machines'), ['node']);
  world.machine = world.machines.machines[0] as Machine;
  world.clients = [];
  world.client = (options) => {
    const logging = { path: world.folder, fileName: 'client.log', level: 'error' };
    const child = spawn(
      process.execPath,
      ['--no-deprecation', CLIENT, JSON.stringify({ logging, ...options })],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    world.clients.push(child);
    return listen(child);
  };
});

test.after.each(async (world) => {
  for (const client of world.clients) client.kill('SIGKILL');
  await world.machines[Symbol.asyncDispose]();
  rmSync(world.folder, { recursive: true, force: true });
});

function listen(child: ChildProcess): Client {
  const told: Told[] = [];
  const waiting: (() => void)[] = [];
  if (child.stdout === null || child.stdin === null) throw new Error('the client has no pipes');
  const { stdin } = child;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('@@')) return;
    told.push(JSON.parse(line.slice(2)));
    for (const look of waiting.splice(0)) look();
  });
  const find = async (what: string, is: (event: Told) => boolean): Promise<Told> => {
    for (;;) {
      const at = told.findIndex(is);
      const found = told[at];
      if (found !== undefined) {
        told.splice(0, at + 1);
        return found;
      }
      await within(
        `${what}; the client told ${JSON.stringify(told)}`,
        new Promise<void>((resolve) => waiting.push(resolve)),
      );
    }
  };
  return {
    process: child,
    next: (event) => find(event, (one) => one.event === event),
    update: (state) => find(state, (one) => one.event === 'update' && one.state === state),
    call: (method, ...args) => void stdin.write(`${JSON.stringify([method, ...args])}\n`),
  };
}

async function startMaster(
  { machine }: World,
  name: string,
  flags: readonly string[] = [],
): Promise<Listening> {
  const process = await machine.start({ name, program: LAB, arguments: ['master', '--port', '0', ...flags] });
  return { process, address: await listening(process) };
}

/** Returns its address. */
async function startSlave({ machine, folder }: World, master: string): Promise<string> {
  const process = await machine.start({
    name: 'slave',
    program: LAB,
    arguments: [
      ...['slave', '--master', master, '--port', '0', '--hostname', 'node'],
      ...['--resources', 'cpus:2;mem:512;ports:[31000-31003]', '--work_dir', join(folder, 'work')],
    ],
  });
  await process.waitForLine(/^registered as /);
  return listening(process);
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

test('runs a command in a sandbox, hears of it, asks for it, kills it, and takes leave', async (world) => {
  const master = await startMaster(world, 'master');
  const slave = await startSlave(world, master.address);
  const { flags } = JSON.parse(await (await fetch(`http://${slave}/flags`)).text());
  assert.is(flags.resources, 'cpus:2;mem:512;ports:[31000-31003]');
  const at = { masterUrl: '127.0.0.1', port: portOf(master.address) };
  const client = world.client({ ...at, command: 'echo "$HOST here" > told; exec sleep 1000' });
  const { id } = await client.next('subscribed');
  await client.next('sent_accept');
  const running = await client.update('TASK_RUNNING');
  await client.next('sent_acknowledge');
  const told = sandboxFile(world.folder, 'told');
  assert.is(told && readFileSync(told, 'utf8'), '127.0.0.1 here\n');

  client.call('reconcile', running.task, running.agent);
  assert.is((await client.update('TASK_RUNNING')).reason, 'REASON_RECONCILIATION');
  client.call('reconcile');
  assert.is((await client.update('TASK_RUNNING')).reason, 'REASON_RECONCILIATION');

  // What it has not used it has declined.
  client.call('revive');
  await client.next('sent_revive');
  await client.next('offers');
  await client.next('sent_decline');

  client.call('kill', running.task, running.agent);
  assert.is((await client.update('TASK_KILLED')).task, running.task);
  await client.next('sent_acknowledge');
  client.call('teardown');
  await client.next('sent_teardown');
  await master.process.waitForLine(new RegExp(`framework-removed frameworkId=${id}`));
});

test('hears what became of commands that end, well or not', async (world) => {
  const master = await startMaster(world, 'master');
  await startSlave(world, master.address);
  const at = { masterUrl: '127.0.0.1', port: portOf(master.address) };
  const good = world.client({ ...at, frameworkName: 'good', command: 'true', instances: 3 });
  for (let n = 0; n < 3; n++) await good.update('TASK_FINISHED');
  good.call('teardown');
  await good.next('sent_teardown');
  const bad = world.client({ ...at, frameworkName: 'bad', command: 'exit 7' });
  assert.match(`${(await bad.update('TASK_FAILED')).message}`, /status 7/);
});

test('is led to the leader by a standby, and to the next leader when that is deposed', async (world) => {
  const lock = join(world.folder, 'leader');
  const flags = ['--zk', pathToFileURL(lock).href];
  const first = await startMaster(world, 'first', flags);
  await first.process.waitForLine(/^elected/);
  const second = await startMaster(world, 'second', flags);
  await startSlave(world, pathToFileURL(lock).href);
  const client = world.client({
    masterUrl: '127.0.0.1',
    port: portOf(second.address),
    command: 'exec sleep 1000',
    ports: 1,
    exponentialBackoffMinimum: 0.02,
  });
  const { id, port } = await client.next('subscribed');
  assert.is(port, portOf(first.address));
  const { task } = await client.update('TASK_RUNNING');
  client.call('revive');
  assert.equal((await client.next('offers')).ports, [[{ begin: 31_001, end: 31_003 }]]);

  rmSync(lock);
  await second.process.waitForLine(/^elected/);
  const again = await client.next('subscribed');
  assert.equal(again, { event: 'subscribed', id, port: portOf(second.address) });
  // The slave has told its new master which ports are in use.
  assert.equal((await client.next('offers')).ports, [[{ begin: 31_001, end: 31_003 }]]);
  client.call('reconcile');
  const found = await client.update('TASK_RUNNING');
  assert.is(found.task, task);
  client.call('kill', found.task, found.agent);
  await client.update('TASK_KILLED');
});

test('takes up its framework in a new process, after its master was killed', async (world) => {
  const flags = ['--zk', pathToFileURL(join(world.folder, 'leader')).href];
  const first = await startMaster(world, 'first', flags);
  await first.process.waitForLine(/^elected/);
  const second = await startMaster(world, 'second', flags);
  await startSlave(world, flags[1] as string);
  const port = portOf(second.address);
  const client = world.client({ masterUrl: '127.0.0.1', port, command: 'exec sleep 1000' });
  const { id } = await client.next('subscribed');
  const { task } = await client.update('TASK_RUNNING');
  client.process.kill('SIGKILL');
  first.process.signal('SIGKILL');
  await second.process.waitForLine(/^elected/);
  await second.process.waitForLine(/slave-registered/);

  const successor = world.client({ masterUrl: '127.0.0.1', port, frameworkId: id });
  assert.is((await successor.next('subscribed')).id, id);
  successor.call('reconcile');
  const found = await successor.update('TASK_RUNNING');
  assert.is(found.task, task);
  successor.call('kill', found.task, found.agent);
  await successor.update('TASK_KILLED');
});

/** The one file of this name in the sandboxes of a slave. */
function sandboxFile(folder: string, name: string): string | undefined {
  const work = join(folder, 'work');
  const found = globSync(`slaves/*/frameworks/*/executors/*/runs/*/${name}`, { cwd: work });
  return found.filter((path) => !path.includes('/latest/')).map((path) => join(work, path))[0];
}

test.run();
