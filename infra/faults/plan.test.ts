/** Faults that come at their times, on processes of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../local.ts';
import type { Machines } from '../machine.ts';
import { type Faults, faultsOn } from './faults.ts';
import { type FaultEvent, impossibleOf, runFaults } from './plan.ts';
import type { Subject } from './subject.ts';
import { subjects } from './targets.ts';

interface Context {
  folder: string;
  machines: Machines;
  node: Subject;
  faults: Faults;
  events: FaultEvent[];
}

const test = suite<Context>('a plan of faults');

test.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'plan-test-'));
  context.machines = await localMachines(join(context.folder, 'run'), ['node1']);
  const [node] = await subjects(context.machines.machines, []);
  context.node = node as Subject;
  context.faults = faultsOn({ subjects: [context.node] });
  context.events = [];
  for (const name of ['first', 'second']) {
    const script = `echo ${name} is ready; cat >/dev/null`;
    const process = await context.node.start({ name, program: 'sh', arguments: ['-c', script] });
    await process.waitForLine(/is ready$/);
  }
});
test.after.each(async ({ folder, machines, faults }) => {
  await faults[Symbol.asyncDispose]();
  await machines[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const NEVER = new AbortController().signal;
const pause = { kind: 'pause', machine: 'node1', process: 'first' } as const;
const kill = { kind: 'kill', machine: 'node1', process: 'second' } as const;

test('each fault is injected, seen, healed and got over, in this order', async ({ node, faults, events }) => {
  const plan = [
    { atMs: 50, fault: pause, forMs: 20 },
    { atMs: 0, fault: kill, forMs: 0 },
  ];
  const before = node.processes.get('second')?.running();
  assert.equal(await impossibleOf(plan, faults), []);
  await runFaults(plan, faults, (event) => events.push(event), NEVER);
  for (const { kind, process } of [pause, kill])
    assert.equal(
      events.filter(({ fault }) => fault === kind).map(({ event, subject }) => `${event} ${subject}`),
      ['injected', 'visible', 'healed', 'recovered'].map((step) => `fault-${step} node1/${process}`),
    );
  assert.is((await before?.exited)?.signal, 'SIGKILL');
  assert.match(node.processes.get('second')?.running().lastLines().join() ?? '', /second is ready/);
});

test('what cannot be done is said beforehand, one sentence for each', async ({ faults }) => {
  const plan = [
    { ...pause, process: 'third' },
    { kind: 'off', machine: 'node2' },
    { kind: 'cut-off', machines: ['node1', 'node1'] },
    { kind: 'rate', machine: 'node1', bitsPerSecond: 1e6 },
    { kind: 'zookeeper-leader' },
    { kind: 'disk-full', machine: 'node1' },
    { kind: 'clock-step', machine: 'node1', stepMs: 100 },
  ] as const;
  const whys = await impossibleOf(
    plan.map((fault) => ({ atMs: 0, fault, forMs: 0 })),
    faults,
  );
  assert.is(whys.length, plan.length);
  assert.equal(whys.slice(0, 5), [
    "pause of node1/third: no process 'third' runs on node1: there is first, second",
    "off of node2: there is no machine 'node2' among node1",
    'cut-off of node1,node1: it names node1 twice',
    'rate of node1: there is no other machine',
    'zookeeper-leader of zookeeper: no ZooKeeper servers belong to this run',
  ]);
  assert.match(whys[5] ?? '', /^disk-full of node1: the disk that holds .* cannot be filled: /);
  assert.match(whys[6] ?? '', /^clock-step of node1: a step of 100 ms cannot be seen/);
});

test('who stops in the middle has nothing broken left', async ({ node, faults, events }) => {
  const stopping = new AbortController();
  const plan = [
    { atMs: 0, fault: pause, forMs: 1e9 },
    { atMs: 1e9, fault: kill, forMs: 0 },
  ];
  const record = (event: FaultEvent): void => {
    events.push(event);
    if (event.event === 'fault-visible') stopping.abort(new Error('interrupted'));
  };
  const said = await runFaults(plan, faults, record, stopping.signal).catch((error: Error) => error.message);
  assert.is(said, 'interrupted');
  await faults[Symbol.asyncDispose]();
  assert.equal(
    events.map(({ event }) => event),
    ['fault-injected', 'fault-visible'],
  );
  const pid = node.processes.get('first')?.running().pid;
  assert.not.match(await node.run('cat', `/proc/${pid}/status`), /^State:\s+T/m);
});

test('a fault that cannot be injected ends the plan, and says why', async ({ faults, events }) => {
  const plan = [
    { atMs: 0, fault: pause, forMs: 1e9 },
    { atMs: 10, fault: { ...kill, process: 'third' }, forMs: 0 },
  ];
  const said = await runFaults(plan, faults, (event) => events.push(event), NEVER).then(
    () => 'it was followed',
    (error: Error) => error.message,
  );
  assert.match(said, /^kill of node1\/third: it cannot be injected: no process 'third' runs on node1/);
});

test.run();
