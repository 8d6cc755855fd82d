/** Machines that are reached by ssh: a real server, and all that can be wrong with it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachinesAsked } from '../deployments/asked.ts';
import { clearByShell } from '../deployments/clearing.ts';
import { placesOf, provision, removeMachines } from '../deployments/provision.ts';
import { endKeptMachines, keepMachines } from '../netns/keptMachines.ts';
import { prepareServers } from '../netns/sshd.ts';
import { OURS } from '../place.ts';
import { closeConnections, makeSshFolder, type SshMachine, sshPlace } from './machines.ts';
import { type SshSettings, socketFolder, sshShell } from './shell.ts';

interface Context {
  folder: string;
  machine: SshMachine;
  settings: SshSettings;
}

const test = suite<Context>('machines that are reached by ssh');

test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  const { services, target, settings } = await prepareServers(context.folder);
  const [machine] = await keepMachines({ names: ['one'], services }, context.folder);
  Object.assign(context, { settings, machine: { name: 'one', ...target(machine?.ip ?? '') } });
});
test.after(async ({ folder }) => {
  await closeConnections(folder);
  assert.not(existsSync(socketFolder(folder)));
  await endKeptMachines(folder);
  rmSync(folder, { recursive: true });
});

test('say where they can be reached by others, and where things are to be kept', async (context) => {
  const { folder, machine, settings } = context;
  const place = await sshPlace(machine, settings, folder);
  assert.is(place.ip, machine.host);
  assert.match(place.folder, /\/mesos-lab-0\/ssh-test-\w+\/one$/);
  assert.match(place.store, /\/mesos-lab$/);
  assert.not(existsSync(place.folder));
  const elsewhere = await sshPlace(
    { ...machine, ip: '192.0.2.7', folder: `${folder}/there` },
    settings,
    folder,
  );
  assert.is(elsewhere.ip, '192.0.2.7');
  assert.is(elsewhere.folder, `${folder}/there`);
  // Again, when there is something of ours in it.
  await makeSshFolder(machine, elsewhere);
  writeFileSync(join(folder, 'there', 'daemon.log'), '');
  await sshPlace({ ...machine, folder: `${folder}/there` }, settings, folder);
});

test('are written down before anything is made on them, and leave no empty folder', async (context) => {
  const { folder, machine, settings } = context;
  writeFileSync(join(folder, 'file'), '');
  const asked: MachinesAsked = {
    kind: 'ssh',
    machines: [machine, { ...machine, name: 'two', folder: join(folder, 'file', 'two') }],
    settings: { knownHosts: settings.knownHosts ?? '' },
  };
  const [one, two] = await provision(asked, folder);
  assert.ok(one?.is === 'there' && existsSync(join(one.place.folder, OURS)));
  assert.ok(two?.is === 'failed');
  assert.match(two.why, /^machine two \(\S+\) cannot be used: mkdir: .*file/);
  assert.equal(
    (await placesOf(asked, folder)).map(({ name }) => name),
    ['one', 'two'],
  );
  await clearByShell(one.place);
  await removeMachines(asked, folder);
  assert.not(existsSync(dirname(one.place.folder)));
});

test('do not give one folder to two deployments, of whatever controllers', async (context) => {
  const { folder, machine, settings } = context;
  const shared = { ...machine, folder: join(folder, 'shared') };
  const own = await sshPlace(shared, settings, folder);
  const other = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  try {
    // Both have found it free.
    const theirs = await sshPlace(shared, settings, other);
    await makeSshFolder(shared, own);
    const refusal = new RegExp(
      `^machine one \\(\\S+\\) cannot be used: ${shared.folder} is in use by the deployment \\S+@\\S+:${folder}: end that one, or give this one another name or folder; if that one is no more, remove ${shared.folder}$`,
    );
    for (const attempt of [() => makeSshFolder(shared, theirs), () => sshPlace(shared, settings, other)])
      await attempt().then(
        () => assert.unreachable('it is shared'),
        (error: Error) => assert.match(error.message, refusal),
      );
    await clearByShell(theirs);
    assert.ok(existsSync(shared.folder));
    await makeSshFolder(shared, own);
    await clearByShell(own);
    assert.not(existsSync(shared.folder));
    await makeSshFolder(shared, theirs);
    await clearByShell(theirs);
  } finally {
    await closeConnections(other);
    rmSync(other, { recursive: true });
  }
});

/** What is wrong, how it comes about, and what is said of it. */
const WRONG: readonly [string, (context: Context) => Partial<SshMachine> & SshSettings, RegExp][] = [
  [
    'a machine that is not there',
    () => ({ port: 9 }),
    /^machine one \(10\.\S+\) cannot be reached: .*Connection refused/,
  ],
  [
    'a host that nobody knows',
    () => ({ host: 'nowhere.invalid' }),
    /^machine one \(nowhere\.invalid\) cannot be reached: .*Could not resolve/,
  ],
  [
    'a key that is refused',
    ({ folder }) => ({ key: join(folder, 'netns-ssh', 'host_key') }),
    /^machine one \(\S+\) refuses the key: add the public key/,
  ],
  [
    'a key that is not there',
    () => ({ key: '/nowhere/key' }),
    /^machine one is reached with the key \/nowhere\/key, and there is no such file$/,
  ],
  [
    'a disk that is full',
    ({ folder, machine, settings }) => {
      const full = join(folder, 'full');
      const [program, ...args] = sshShell(machine, settings, folder);
      const script = `mkdir '${full}' && mount -t tmpfs -o size=4k full '${full}' && head -c 4096 /dev/zero >'${full}/fill'`;
      execFileSync(program, [...args, script]);
      return { folder: join(full, 'one') };
    },
    /^machine one \(\S+\) cannot be used: nothing can be written into \/\S+\/full\/one, whose disk has 0 KiB free$/,
  ],
  [
    'a host key that changed',
    ({ folder, machine }) => {
      const [kind, key] = readFileSync(join(folder, 'netns-ssh', 'user_key.pub'), 'utf8').split(' ');
      writeFileSync(join(folder, 'changed'), `${machine.host} ${kind} ${key}\n`);
      return { knownHosts: join(folder, 'changed') };
    },
    /^machine one \(\S+\) has another host key than before: .*ssh-keygen -R/,
  ],
  [
    'a host key that is not known',
    ({ folder }) => {
      writeFileSync(join(folder, 'nobody'), '');
      return { knownHosts: join(folder, 'nobody') };
    },
    /^machine one \(\S+\) has a host key that is not among the known ones/,
  ],
  [
    'a machine without a shell',
    () => ({ remoteShell: ['sh', '-c', 'echo sh: not found >&2; exit 127'] }),
    /^machine one \(\S+\) has no sh, or no base64, in the PATH of its shell: sh: not found$/,
  ],
  [
    'a client that is not installed',
    () => ({ remoteShell: ['no-such-client'] }),
    /^machine one is reached by no-such-client, which is not installed/,
  ],
  [
    'a folder that holds what is not ours',
    ({ folder }) => ({ folder: join(folder, 'netns-ssh') }),
    /^machine one \(\S+\) cannot be used: \/\S+\/netns-ssh holds files that are not ours: name another folder/,
  ],
  [
    'a folder that cannot be made',
    () => ({ folder: '/proc/nothing' }),
    /^machine one \(\S+\) cannot be used: .*\/proc\/nothing/,
  ],
];

for (const [what, change, sentence] of WRONG)
  test(`${what} is told in one sentence`, async (context) => {
    const { remoteShell, knownHosts, ...changed } = change(context);
    const machine = { ...context.machine, ...changed };
    const settings = {
      ...context.settings,
      ...(remoteShell && { remoteShell }),
      ...(knownHosts !== undefined && { knownHosts }),
    };
    await sshPlace(machine, settings, context.folder)
      .then((place) => makeSshFolder(machine, place))
      .then(
        () => assert.unreachable('it can be used'),
        (error: Error) => assert.match(error.message, sentence),
      );
  });

test('have their sockets elsewhere if the deployment has too long a path for that', () => {
  assert.is(socketFolder('/short'), '/short/ssh');
  const long = `/${'long'.repeat(30)}`;
  assert.ok(socketFolder(long).length < 74);
  const path = sshShell({ host: 'one' }, {}, long).find((word) => word.startsWith('ControlPath='));
  assert.ok(path?.includes(socketFolder(long)));
});

test.run();
