/** Every fault on real machines: network namespaces, with processes on them that feel it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '../fault.ts';
import { type Machine, type RunningProcess, workFolder } from '../machine.ts';
import { type NetnsMachines, netnsMachines } from '../netns/machines.ts';
import { type Faults, faultsOn } from './faults.ts';
import { smallDisks } from './smallDisk.ts';
import type { Subject } from './subject.ts';
import { subjects } from './targets.ts';

const DISK_BYTES = 1024 * 1024;
const PEER = join(import.meta.dirname, 'testPeer.ts');
const NAMES = ['node1', 'node2', 'node3'];

interface Context {
  folder: string;
  disks: AsyncDisposable;
  machines: NetnsMachines;
  nodes: readonly [Subject, Subject, Subject];
  server: RunningProcess;
  faults: Faults;
}

const test = suite<Context>('faults on machines that are namespaces');

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'faults-test-'));
  const folder = join(context.folder, 'run');
  context.disks = await smallDisks(folder, { of: NAMES.slice(0, 1), bytes: DISK_BYTES });
  context.machines = await netnsMachines(folder, NAMES);
  const { machines } = context.machines;
  const nodes = await subjects(machines, [{ kind: 'clock-step', machine: 'node1', stepMs: 0 }]);
  context.nodes = nodes as Context['nodes'];
  context.faults = faultsOn({ subjects: nodes });
  await Promise.all(context.nodes.map(serve));
});
test.after(async ({ folder, faults, machines, disks }) => {
  await faults?.[Symbol.asyncDispose]();
  await machines?.[Symbol.asyncDispose]();
  await disks?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const node = (machine: Machine): string => join(dirname(machine.lab), 'node');

async function serve(machine: Machine): Promise<void> {
  const server = await machine.start({
    name: 'server',
    program: node(machine),
    arguments: [PEER, 'serve', machine.ip],
  });
  await server.waitForLine(/^serving$/);
}

/** Milliseconds until so many bytes came back; undefined if none came for some time. */
async function echo(from: Machine, to: Machine, bytes: number, limitMs = 500): Promise<number | undefined> {
  const said = await from.run(node(from), PEER, 'echo', to.ip, String(bytes), String(limitMs));
  return said.trim() === 'silence' ? undefined : Number(said);
}

/** Does something while a fault is active, between its being visible and its being over. */
async function during(faults: Faults, fault: Fault, see: () => Promise<void>): Promise<void> {
  assert.is(await faults.impossible(fault), undefined);
  const active = await faults.inject(fault);
  try {
    await active.visible();
    await see();
  } finally {
    await active.heal();
  }
  await active.recovered();
}

test('cut-off: nobody reaches the machine, and it reaches nobody; the others go on', ({ faults, nodes }) => {
  const [one, two, three] = nodes;
  return during(faults, { kind: 'cut-off', machines: ['node1'] }, async () => {
    const heard = await Promise.all([
      echo(one, two, 1),
      echo(two, one, 1),
      echo(three, one, 1),
      echo(two, three, 1, 10_000),
    ]);
    assert.equal(
      heard.map((ms) => ms !== undefined),
      [false, false, false, true],
    );
  });
});

test('partition of a pair: a machine in no group still reaches both', ({ faults, nodes }) => {
  const [one, two, three] = nodes;
  return during(faults, { kind: 'partition', groups: [['node1'], ['node2']] }, async () => {
    const heard = await Promise.all([
      echo(one, two, 1),
      echo(two, one, 1),
      echo(one, three, 1, 10_000),
      echo(three, two, 1, 10_000),
    ]);
    assert.equal(
      heard.map((ms) => ms !== undefined),
      [false, false, true, true],
    );
  });
});

test('loss: a part of the packets is counted as dropped, and what is sent arrives all the same', ({
  faults,
  nodes,
}) => {
  const [one, two] = nodes;
  return during(faults, { kind: 'loss', machine: 'node1', part: 0.1 }, async () => {
    assert.type(await echo(two, one, 100_000, 30_000), 'number');
    assert.match(
      await one.run('nft', 'list', 'ruleset'),
      /numgen random .* counter packets [1-9]\d* .* drop/,
    );
    assert.is(await two.run('nft', 'list', 'ruleset'), '');
  });
});

test('rate: a megabyte there and back takes as long as the rate allows', ({ faults, nodes }) => {
  const [one, two] = nodes;
  return during(faults, { kind: 'rate', machine: 'node1', bitsPerSecond: 16_000_000 }, async () => {
    // Half a second for 8 Mbit, less what may be sent at once.
    assert.ok(((await echo(one, two, 1_000_000, 30_000)) ?? 0) > 450);
  });
});

test('delay: an answer comes that much later, and all of it comes', ({ faults, nodes }) => {
  const [one, two] = nodes;
  return during(faults, { kind: 'delay', machine: 'node1', delayMs: 200 }, async () => {
    // Once for the connection, once for the data.
    assert.ok(((await echo(two, one, 200_000, 30_000)) ?? 0) >= 400);
  });
});

test('two detours at once are refused, and the first one stays', async ({ faults, nodes }) => {
  await during(faults, { kind: 'rate', machine: 'node1', bitsPerSecond: 1e9 }, async () => {
    const second = await faults.inject({ kind: 'delay', machine: 'node1', delayMs: 10 }).then(
      () => 'it was done',
      (error: Error) => error.message,
    );
    assert.match(second, /a machine takes one such fault at a time/);
    assert.match(await nodes[0].run('tc', 'qdisc', 'show'), /tbf/);
  });
});

test('pause: the process stops, and goes on', ({ faults, nodes }) =>
  during(faults, { kind: 'pause', machine: 'node2', process: 'server' }, async () => {
    const [one, two] = nodes;
    // The kernel accepts the connection; nobody reads.
    assert.is(await echo(one, two, 1), undefined);
  }));

test('kill: the process is gone, and is started again', async ({ faults, nodes }) => {
  const [one, two] = nodes;
  const before = two.processes.get('server')?.running();
  await during(faults, { kind: 'kill', machine: 'node2', process: 'server' }, async () => {
    assert.is((await before?.exited)?.signal, 'SIGKILL');
  });
  assert.type(await echo(one, two, 1, 10_000), 'number');
});

test('off: all that ran on the machine is gone, and all of it is started again', async ({
  faults,
  nodes,
}) => {
  const [one, , three] = nodes;
  await during(faults, { kind: 'off', machine: 'node3' }, async () => {
    await three.processes.get('server')?.running().exited;
  });
  assert.type(await echo(one, three, 1, 10_000), 'number');
});

test('disk full: who writes is told so, and can write again', async ({ faults, nodes }) => {
  const [one] = nodes;
  const write = () =>
    one.run('sh', '-c', `head -c 5000 /dev/zero >${workFolder(one)}/written && echo yes || echo no`);
  await during(faults, { kind: 'disk-full', machine: 'node1' }, async () => {
    assert.is(await write(), 'no\n');
  });
  assert.is(await write(), 'yes\n');
});

test('disk full: a disk that holds anything else is not touched', async ({ faults }) => {
  assert.match(
    (await faults.impossible({ kind: 'disk-full', machine: 'node2' })) ?? '',
    /^disk-full of node2: the disk that holds .*\/node2\/work of node2 cannot be filled: nothing is mounted there; /,
  );
});

test('clock step: programs see another day, and processes that run see it too', async ({ faults, nodes }) => {
  const [one] = nodes;
  const clock = await one.start({
    name: 'clock',
    program: 'sh',
    arguments: ['-c', 'while sleep 0.05; do date +%Y; done'],
  });
  const year = async (): Promise<number> => Number(await one.run('date', '+%Y'));
  const now = await year();
  await during(faults, { kind: 'clock-step', machine: 'node1', stepMs: 400 * 86_400_000 }, async () => {
    assert.ok((await year()) > now);
    await clock.waitForLine(new RegExp(`^(${now + 1}|${now + 2})$`));
  });
  assert.is(await year(), now);
  await clock.stop();
});

test('nothing is left of all that on the machines', async ({ nodes }) => {
  for (const machine of nodes) {
    assert.is(await machine.run('nft', 'list', 'ruleset'), '');
    assert.not.match(await machine.run('tc', 'qdisc', 'show'), /tbf|clsact|netem/);
    assert.not.match(await machine.run('ip', 'link', 'show'), /mlab/);
  }
});

test.run();
