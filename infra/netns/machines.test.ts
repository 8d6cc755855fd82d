/** Machines that are namespaces, for real: made by root as in CI, and as any other user makes them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isAlive, until } from '../../mesos/isolation/testContainers.ts';
import type { UserNamespace } from './holder.ts';
import { type NetnsMachine, type NetnsMachines, netnsMachines } from './machines.ts';

interface Context {
  folder: string;
  machines: NetnsMachines;
  one: NetnsMachine;
  two: NetnsMachine;
  three: NetnsMachine;
}

const NODE = join(import.meta.dirname, '../../harness/node');
const SERVER = `require('net').createServer((socket) => socket.end('hello')).listen(5000, () => console.log('listening'))`;

/** Starts a server on a machine, until its next end. */
async function serve(machine: NetnsMachine): Promise<void> {
  const server = await machine.start({ name: 'server', program: NODE, arguments: ['-e', SERVER] });
  await server.waitForLine(/^listening$/);
}

/** What a server says to somebody on another machine; empty if it cannot be reached for so long. */
function ask(from: NetnsMachine, to: string, limitS = 60): Promise<string> {
  return from.run('timeout', `${limitS}`, 'bash', '-c', `cat </dev/tcp/${to}/5000`).catch(() => '');
}

function machinesOf(kind: string, userNamespace: UserNamespace): void {
  const test = suite<Context>(`machines that are namespaces, made by ${kind}`);

  test.before(async (context) => {
    context.folder = join(mkdtempSync(join(tmpdir(), 'netns-test-')), 'machines');
    context.machines = await netnsMachines(context.folder, ['one', 'two', 'three'], { userNamespace });
    const [one, two, three] = context.machines.machines as readonly [
      NetnsMachine,
      NetnsMachine,
      NetnsMachine,
    ];
    Object.assign(context, { one, two, three });
  });
  test.after(async ({ machines, folder }) => {
    await machines[Symbol.asyncDispose]();
    assert.not.ok(existsSync(folder));
    rmSync(join(folder, '..'), { recursive: true });
  });

  test('each has a hostname, an address, a folder and a process tree of its own', async ({ one, two }) => {
    assert.is(await one.run('hostname'), 'one\n');
    assert.is(await two.run('hostname'), 'two\n');
    assert.match(await two.run('ip', '-4', '-o', 'addr', 'show', 'eth0'), /inet 10\.77\.0\.2\/16/);
    assert.is(await one.run('pwd'), `${one.folder}\n`);
    assert.is(await one.run('cat', '/proc/1/comm'), 'sh\n');
  });

  test('they reach each other by name, until they are on different sides of a partition', async (context) => {
    const { machines, one, two, three } = context;
    await serve(two);
    assert.is(await ask(one, 'two'), 'hello');
    await machines.cutOff([one, three]);
    assert.is(await ask(one, two.ip, 0.5), '');
    await machines.heal();
    assert.is(await ask(one, two.ip), 'hello');
  });

  test('a machine that is switched off has nothing left on it, and comes back with its name and address', async ({
    one,
    two,
  }) => {
    const kept = await two.start({ name: 'sleep', program: 'sleep', arguments: ['1000'] });
    await two.power.off();
    assert.equal(await kept.exited, { code: null, signal: 'SIGKILL' });
    await two.run('true').then(assert.unreachable, (error: Error) => assert.is(error.message, 'two is off'));
    await two.power.on();
    assert.is(await two.run('hostname'), 'two\n');
    await serve(two);
    assert.is(await ask(one, 'two'), 'hello');
  });

  test('a process is signalled, alone or with its group, and its end is told as it was', async ({ one }) => {
    const trap = 'trap "echo asked; exit 7" TERM; echo ready; while :; do sleep 0.01; done';
    const shell = await one.start({ name: 'shell', program: 'sh', arguments: ['-c', trap] });
    await shell.waitForLine(/^ready$/);
    await shell.stop();
    assert.equal(await shell.exited, { code: 7, signal: null });
    const paused = await one.start({ name: 'paused', program: 'sleep', arguments: ['1000'] });
    paused.signalAlone('SIGSTOP');
    await until(() => readFileSync(`/proc/${paused.pid}/stat`, 'utf8').includes(') T '));
    paused.signalAlone('SIGKILL');
    assert.equal(await paused.exited, { code: null, signal: 'SIGKILL' });
  });

  test('a program that is not there is named', async ({ one }) => {
    const spec = { name: 'nothing', program: 'no-such-program', arguments: [] };
    const message = await one.start(spec).then(
      () => '',
      (error: Error) => error.message,
    );
    assert.is(message, 'no-such-program cannot be started: it is not there');
  });

  test.run();
}

machinesOf('root', 'none');
machinesOf('a user who is not', 'own');

const test = suite('networks of namespaces');

test('this machine reaches them where it is joined to their switch, each network in a subnet of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netns-test-'));
  await using first = await netnsMachines(join(folder, 'first'), ['one'], { uplink: true });
  await using second = await netnsMachines(join(folder, 'second'), ['one'], { uplink: true });
  const machines = [...first.machines, ...second.machines];
  assert.is(new Set(machines.map(({ ip }) => ip)).size, 2);
  for (const machine of machines) {
    await serve(machine);
    assert.is(
      execFileSync('bash', ['-c', `cat </dev/tcp/${machine.ip}/5000`], { encoding: 'utf8' }),
      'hello',
    );
  }
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('they end with the process that made them, also if that is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netns-test-'));
  const module = JSON.stringify(join(import.meta.dirname, 'machines.ts'));
  const script = `
    import { netnsMachines } from ${module};
    const { machines: [machine] } = await netnsMachines(${JSON.stringify(join(folder, 'machines'))}, ['one']);
    const { pid } = await machine.start({ name: 'sleep', program: 'sleep', arguments: ['1000'] });
    console.log(String(pid));
  `;
  const owner = spawn(NODE, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number((await once(owner.stdout, 'data'))[0]);
  assert.ok(isAlive(pid));
  owner.kill('SIGKILL');
  await until(() => !isAlive(pid));
  rmSync(folder, { recursive: true });
});

test.run();
