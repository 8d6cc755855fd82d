/** The folder of a deployment: its name, its record, and who is at work on it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Place } from '../place.ts';
import { ownIdentity } from '../processIdentity.ts';
import { clearByShell } from './clearing.ts';
import { HeldError, hold, holderOf } from './holder.ts';
import { deploymentFolder, deploymentNames, deploymentsHome, nameFrom } from './home.ts';
import { type DeploymentRecord, forget, readRecord, writeRecord } from './record.ts';

const test = suite<{ folder: string }>('deployments');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'deployments-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const RECORD: DeploymentRecord = {
  schemaVersion: 1,
  name: 'one',
  madeAt: '2026-11-26T10:00:00.000Z',
  asked: { kind: 'local', names: ['node1', 'node2'] },
  plan: null,
  state: 'running',
  machines: [
    { name: 'node1', ip: '10.0.0.1' },
    { name: 'node2', failure: { stage: 'prepare', why: 'it is off' } },
  ],
  processes: [{ machine: 'node1', name: 'master1', part: 'master', address: '10.0.0.1:5050' }],
};

test('are kept where the XDG Base Directory Specification says, if that is an absolute path', () => {
  assert.is(deploymentsHome({ XDG_STATE_HOME: '/state' }), '/state/mesos-lab');
  for (const variables of [{}, { XDG_STATE_HOME: '' }, { XDG_STATE_HOME: 'state' }])
    assert.match(deploymentsHome(variables), /^\/.*\/\.local\/state\/mesos-lab$/);
});

test('have names that can be parts of paths and of names of namespaces', () => {
  assert.is(deploymentFolder('/home', 'rack-7'), '/home/rack-7');
  for (const name of ['', '..', 'a/b', '-a', 'A', 'a b', 'a'.repeat(32)])
    assert.throws(() => deploymentFolder('/home', name), /cannot be called/);
  assert.is(nameFrom('My Rack (7).v2'), 'my-rack-7-v2');
  assert.is(nameFrom('…'), 'cluster');
  assert.is(nameFrom(`${'a'.repeat(30)} b`), 'a'.repeat(30));
});

test('a record is read as it was written, and is for the eyes of its user only', ({ folder }) => {
  assert.equal(readRecord(folder), { is: 'missing' });
  writeRecord(folder, RECORD);
  assert.equal(readRecord(folder), { is: 'found', record: RECORD });
  assert.equal(readdirSync(folder), ['deployment.json']);
  assert.is(statSync(join(folder, 'deployment.json')).mode & 0o777, 0o600);
  writeFileSync(join(folder, 'deployment.json'), '{"schemaVersion":1');
  const damaged = readRecord(folder);
  assert.ok(damaged.is === 'damaged' && /deployment\.json cannot be understood: /.test(damaged.why));
  forget(folder);
  assert.equal(readRecord(folder), { is: 'missing' });
});

test('all are listed, in order, and nothing else that lies there', ({ folder }) => {
  assert.equal(deploymentNames(join(folder, 'nowhere')), []);
  for (const name of ['b', 'a', 'Not One']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'file'), '');
  assert.equal(deploymentNames(folder), ['a', 'b']);
});

const HOLDING = `
const { hold } = await import(${JSON.stringify(import.meta.resolve('./holder.ts'))});
hold(process.argv[1], 'lab up');
console.log('held');
setInterval(() => {}, 1e6);
`;

test('one process at a time is at work on one; who was killed is so no longer', async ({ folder }) => {
  const other = spawn(process.execPath, ['--input-type=module', '-e', HOLDING, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: other.stdout }), 'line');
  assert.is(holderOf(folder)?.pid, other.pid);
  try {
    hold(folder, 'lab down');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, HeldError);
    assert.is(
      (error as Error).message,
      `'lab up' is at work on it, process ${other.pid}: wait for it, or end it`,
    );
  }
  other.kill('SIGKILL');
  await once(other, 'exit');
  assert.is(holderOf(folder), undefined);
  {
    using _ = hold(folder, 'lab down');
    assert.is(holderOf(folder)?.work, 'lab down');
    // The same process may do one thing within another.
    hold(folder, 'lab run');
  }
  assert.is(holderOf(folder), undefined);
  writeFileSync(join(folder, 'at-work.json'), 'damaged');
  assert.is(holderOf(folder), undefined);
});

/** Takes hold of each folder that it is named, says how that went, and lets go when it is told to. */
const TRYING = `
const { hold, HeldError } = await import(${JSON.stringify(import.meta.resolve('./holder.ts'))});
let held;
console.log('ready');
for await (const line of (await import('node:readline')).createInterface({ input: process.stdin })) {
  if (line === '') held?.[Symbol.dispose]();
  else
    try {
      held = hold(line, 'lab up');
      console.log('won');
    } catch (error) {
      held = undefined;
      console.log(error instanceof HeldError ? 'lost' : error.message);
    }
}
`;

test('of many that take hold at once exactly one gets it, also when one that was killed had it before', async ({
  folder,
}) => {
  const crowd = Array.from({ length: 6 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', TRYING], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, said: async () => (await lines.next()).value };
  });
  const everybody = () => Promise.all(crowd.map(({ said }) => said()));
  const told = (line: string) => crowd.map(({ child }) => child.stdin.write(`${line}\n`));
  try {
    await everybody();
    for (let round = 1; round <= 40; round += 1) {
      const own = join(folder, `${round}`);
      mkdirSync(own);
      // Nobody, one that has ended, or what nobody understands.
      if (round % 3 === 1) writeFileSync(join(own, 'at-work.json'), JSON.stringify(ENDED));
      if (round % 3 === 2) writeFileSync(join(own, 'at-work.json'), '');
      told(own);
      assert.equal((await everybody()).sort(), ['lost', 'lost', 'lost', 'lost', 'lost', 'won']);
      told('');
      told(join(folder, 'nowhere'));
      assert.equal(new Set(await everybody()), new Set(['lost']));
      assert.equal(readdirSync(own), []);
    }
  } finally {
    for (const { child } of crowd) child.kill('SIGKILL');
  }
});

const ENDED = { ...ownIdentity(), pid: 4_194_304, bootId: 'before', work: 'lab up' };

for (const [where, changed] of [
  ['on another machine', { bootId: 'theirs', host: 'node7' }],
  ['in another container of this machine', { pidNamespace: 'pid:[1]', host: 'node7' }],
] as const)
  test(`who holds one ${where} may be at work, and is named`, ({ folder }) => {
    const file = join(folder, 'at-work.json');
    writeFileSync(file, JSON.stringify({ ...ownIdentity(), pid: 4711, work: 'lab up', ...changed }));
    assert.is(holderOf(folder)?.pid, 4711);
    assert.throws(
      () => hold(folder, 'lab down'),
      (error: Error) =>
        error instanceof HeldError &&
        error.message ===
          `it is held by node7, process 4711 ('lab up'), which cannot be seen from here: wait for it, or end it there; if that is gone, remove ${file}`,
    );
    rmSync(file);
    hold(folder, 'lab down')[Symbol.dispose]();
  });

test('a process of the same number in another container is not this one', ({ folder }) => {
  const identity = { ...ownIdentity(), pidNamespace: 'pid:[1]', work: 'lab up' };
  writeFileSync(join(folder, 'at-work.json'), JSON.stringify(identity));
  assert.throws(() => hold(folder, 'lab down'), /it is held by /);
});

test('who lets go leaves the hold of another one alone', ({ folder }) => {
  const file = join(folder, 'at-work.json');
  {
    using _ = hold(folder, 'lab down');
    rmSync(file);
    writeFileSync(file, JSON.stringify(ENDED));
  }
  assert.equal(JSON.parse(readFileSync(file, 'utf8')), ENDED);
});

test('a machine is cleared through its shell: all that works in its folder ends, and the folder is gone', async ({
  folder,
}) => {
  const own = join(folder, "it's a machine");
  mkdirSync(join(own, 'work'), { recursive: true });
  const inside = spawn('sleep', ['600'], { cwd: join(own, 'work'), stdio: 'ignore' });
  const beside = spawn('sleep', ['600'], { cwd: folder, stdio: 'ignore' });
  try {
    await Promise.all([once(inside, 'spawn'), once(beside, 'spawn')]);
    const place: Place = { name: 'node1', ip: '127.0.0.1', shell: ['sh', '-c'], folder: own, store: folder };
    const ended = once(inside, 'exit');
    await clearByShell(place);
    assert.equal(await ended, [null, 'SIGKILL']);
    assert.not.ok(existsSync(own));
    assert.is(beside.exitCode, null);
    assert.is(beside.signalCode, null);
    // Again, when there is nothing left to do.
    await clearByShell(place);
    try {
      await clearByShell({
        ...place,
        shell: ['sh', '-c', 'echo "welcome" >&2; echo "it is off" >&2; exit 255'],
      });
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, 'machine node1 cannot be cleared: it is off');
    }
  } finally {
    inside.kill('SIGKILL');
    beside.kill('SIGKILL');
  }
});

test.run();
