/** `lab up`, `status`, `logs` and `down` as their users call them, on machines that are folders of this one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../infra/local.ts';
import { ended } from '../../mesos/isolation/testContainers.ts';
import {
  assertNothingLeft,
  type LabFolders,
  lab,
  makeLabFolders,
  removeLabFolders,
  type Seen,
  statusOf,
  well,
} from './testLab.ts';
import { assertRefused } from './testRefusal.ts';

const test = suite<LabFolders>('lab up');

test.before.each(makeLabFolders);
test.after.each(removeLabFolders);

test('a cluster stays when the command ends, is looked at, repaired and taken down', async ({
  folder,
  home,
}) => {
  const said = await well(folder, 'up', '--local', '2', '--name', 'one');
  assert.match(said, /'one' runs on 2 of 2 machines: 1 master, 1 slave\./);
  assert.match(said, new RegExp(`export MESOS_LAB_CLUSTER=${home}/one`));
  const before = await statusOf(folder);
  assert.is(before.code, 0);
  assert.is(before.master.slaves, 1);
  assert.equal(
    before.machines.map(({ is, processes }: { is: string; processes: readonly Seen[] }) => [
      is,
      processes.map(({ name }) => name).sort(),
    ]),
    [
      ['up', ['master1', 'namenode']],
      ['up', ['fileserver-node2', 'slave-node2']],
    ],
  );
  assert.is(JSON.parse(await well(folder, 'jobs', '--cluster', join(home, 'one'), '--json')).length, 0);
  assert.match(await well(folder, 'logs', 'one', 'slave-node2'), /^listening on .*\nregistered as /);

  const slave: Seen = before.machines[1].processes.find(({ name }: Seen) => name === 'slave-node2');
  process.kill(slave.pid, 'SIGKILL');
  await ended(slave.pid);
  const broken = await lab(folder, 'status').ended;
  assert.is(broken.code, 5);
  assert.match(broken.out, /slave-node2 on node2 has ended \(SIGKILL\)/);
  for (const how of [[], ['--follow']])
    assert.match(
      await well(folder, 'logs', 'one', 'slave-node2', ...how),
      /\nregistered as \S+\n\[slave-node2 was ended by SIGKILL\]\n$/,
    );
  await well(folder, 'up', '--local', '2', '--name', 'one');
  const after = await statusOf(folder);
  const pidOf = (look: typeof after, machine: number, name: string): number =>
    look.machines[machine].processes.find((one: Seen) => one.name === name).pid;
  assert.is.not(pidOf(after, 1, 'slave-node2'), slave.pid);
  for (const [machine, name] of [
    [0, 'master1'],
    [0, 'namenode'],
    [1, 'fileserver-node2'],
  ] as const)
    assert.is(pidOf(after, machine, name), pidOf(before, machine, name));

  const interrupted = lab(folder, 'up', '--local', '2', '--name', 'one');
  await interrupted.said('2 machines are there');
  interrupted.child.kill('SIGINT');
  const { code, err } = await interrupted.ended;
  assert.is(code, 130, err);
  assert.match(err, /lab: stopped; it was up before, so nothing is taken down: /);
  const killed = lab(folder, 'up', '--local', '2', '--name', 'one');
  await killed.said('2 machines are there');
  killed.child.kill('SIGKILL');
  await killed.ended;
  assert.is(JSON.parse(readFileSync(join(home, 'one', 'deployment.json'), 'utf8')).state, 'running');
  const still = await statusOf(folder);
  assert.is(still.code, 0);
  assert.is(pidOf(still, 0, 'master1'), pidOf(before, 0, 'master1'));

  const other = await lab(folder, 'up', '--local', '3', '--name', 'one').ended;
  assert.is(other.code, 1);
  assert.match(other.err, /^lab: there is another deployment 'one': [^\n]*\n$/);
  assert.is(await well(folder, 'down', 'two'), "'two' is not up; there is: one\n");
  assert.is(await well(folder, 'down'), 'one is down; nothing of it is left\n');
  for (const again of [[], ['one'], ['--all']])
    assert.match(await well(folder, 'down', ...again), /^nothing is up\n/);
  await assertNothingLeft({ folder, home });
});

test('after kill -9 of all daemons a cluster is brought up again with nothing old beside it, and taken down from within the folder of a machine', async ({
  folder,
  home,
}) => {
  await well(folder, 'up', '--local', '2');
  const { machines } = JSON.parse(readFileSync(join(home, 'local', 'deployment.json'), 'utf8'));
  for (const { daemon } of machines) process.kill(daemon.pid, 'SIGKILL');
  const silent = await lab(folder, 'status').ended;
  assert.is(silent.code, 5);
  assert.match(silent.out, /node1 +127\.0\.0\.1 +silent +/);
  const old = spawn('sleep', ['600'], { cwd: join(home, 'local', 'machines', 'node2'), stdio: 'ignore' });
  const oldEnded = once(old, 'exit');
  await well(folder, 'up', '--local', '2');
  assert.equal(await oldEnded, [null, 'SIGKILL']);
  assert.is((await statusOf(folder)).code, 0);
  const again = JSON.parse(readFileSync(join(home, 'local', 'deployment.json'), 'utf8')).machines;
  for (const { daemon } of again) process.kill(daemon.pid, 'SIGKILL');
  const down = spawn(LAB, ['down', 'local'], {
    cwd: join(home, 'local', 'machines', 'node1'),
    env: { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder },
    stdio: 'ignore',
  });
  assert.equal(await once(down, 'close'), [0, null]);
  await assertNothingLeft({ folder, home });
});

test('lab down can be interrupted and called again', async ({ folder, home }) => {
  await well(folder, 'up', '--local', '2');
  const recordOf = () => JSON.parse(readFileSync(join(home, 'local', 'deployment.json'), 'utf8'));
  const pids: readonly number[] = recordOf().machines.map(({ daemon }: { daemon: Seen }) => daemon.pid);
  // One that is stopped does not answer, so that there is time.
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const down = lab(folder, 'down');
  while (recordOf().state !== 'tearing down') await setImmediate();
  down.child.kill('SIGINT');
  const { code, err } = await down.ended;
  assert.is(code, 130, err);
  assert.is(err, "lab: interrupted: what is left is removed by 'lab down local'\n");
  assert.is(await well(folder, 'down'), 'local is down; nothing of it is left\n');
  await assertNothingLeft({ folder, home });
});

test('machines of an inventory come up, and down after kill -9 of what ran on them and of their holders', async ({
  folder,
  home,
}) => {
  const inventory = join(folder, 'Two Hosts.yaml');
  writeFileSync(inventory, 'kind: netns\nmachines:\n  - name: n[1-2]\n');
  const said = await well(folder, 'up', inventory);
  assert.match(said, /'two-hosts' runs on 2 of 2 machines: 1 master, 1 slave\./);
  const { machines } = JSON.parse(readFileSync(join(home, 'two-hosts', 'deployment.json'), 'utf8'));
  assert.is(new Set(machines.map(({ ip }: { ip: string }) => ip)).size, 2);
  process.kill(Number(readFileSync(join(home, 'two-hosts', 'netns', 'n2.pid'), 'utf8')), 'SIGKILL');
  await well(folder, 'down');
  await assertNothingLeft({ folder, home });
});

for (const [ctrlC, kill] of [
  ['2 machines are there', 'a daemon runs on 2 of them'],
  ['the master is at', '2 machines are there'],
] as const)
  test(`nothing is left after Ctrl-C at '${ctrlC}', nor after kill -9 at '${kill}' and 'lab down'`, async ({
    folder,
    home,
  }) => {
    const interrupted = lab(folder, 'up', '--local', '2', '--name', 'a');
    const killed = lab(folder, 'up', '--local', '2', '--name', 'b');
    await Promise.all([
      interrupted.said(ctrlC).then(() => interrupted.child.kill('SIGINT')),
      killed.said(kill).then(() => killed.child.kill('SIGKILL')),
    ]);
    const { code, err } = await interrupted.ended;
    assert.is(code, 130, err);
    assert.match(err, /lab: stopped; nothing of it is left\n/);
    assert.not.ok(existsSync(join(home, 'a')));
    await killed.ended;
    assert.ok(existsSync(join(home, 'b', 'deployment.json')));
    await well(folder, 'down');
    await assertNothingLeft({ folder, home });
  });

test('a machine that fails is named, and the others go on, unless all are required or too few are left', async ({
  folder,
  home,
}) => {
  const spoil = (name: string, machine: string): void => {
    mkdirSync(join(home, name, 'machines'), { recursive: true });
    writeFileSync(join(home, name, 'machines', machine), '');
  };
  spoil('some', 'node3');
  spoil('all', 'node3');
  spoil('few', 'node1');
  const up = (name: string, ...flags: readonly string[]) =>
    lab(folder, 'up', '--local', '3', '--name', name, ...flags).ended;
  const [some, all, few] = await Promise.all([up('some'), up('all', '--require-all'), up('few')]);
  assert.is(some.code, 0, some.err);
  assert.match(some.err, /^machine node3 failed: /m);
  assert.match(some.out, /'some' runs on 2 of 3 machines: 1 master, 1 slave\./);
  assert.is(all.code, 5);
  assert.match(
    all.err,
    /^lab: 'all' cannot be brought up: machine node3: .*; all machines were to be there/m,
  );
  assert.is(few.code, 5);
  assert.match(
    few.err,
    /^lab: 'few' cannot be brought up: machine node1: .*; no machine is left that can run a master/m,
  );
  assert.equal(readdirSync(home), ['some']);

  // It is mended; as long as nothing runs there, the record says so.
  rmSync(join(home, 'some', 'machines', 'node3'));
  const interrupted = lab(folder, 'up', '--local', '3', '--name', 'some');
  await interrupted.said('3 machines are there');
  interrupted.child.kill('SIGINT');
  assert.is((await interrupted.ended).code, 130);
  const failures = (): readonly string[] =>
    JSON.parse(readFileSync(join(home, 'some', 'deployment.json'), 'utf8')).machines.flatMap(
      ({ name, failure }: { name: string; failure?: object }) => (failure === undefined ? [] : name),
    );
  assert.equal(failures(), ['node3']);
  assert.match(await well(folder, 'up', '--local', '3', '--name', 'some'), /on 3 of 3 machines/);
  assert.equal(failures(), []);
});

test('a machine that cannot be written to is left out; when it can again, nothing old runs beside what is new', async ({
  folder,
  home,
}) => {
  const up = () => lab(folder, 'up', '--local', '3').ended;
  assert.match((await up()).out, /on 3 of 3 machines/);
  const secret = join(home, 'local', 'machines', 'node3', 'cluster-secret');
  rmSync(secret);
  mkdirSync(secret);
  const without = await up();
  assert.is(without.code, 0, without.err);
  assert.match(without.err, /^machine node3 failed: .*cluster-secret/m);
  assert.match(without.out, /'local' runs on 2 of 3 machines: 1 master, 1 slave\./);
  rmSync(secret, { recursive: true });
  assert.match((await up()).out, /on 3 of 3 machines/);
  const { code, master } = await statusOf(folder);
  assert.equal({ code, slaves: master.slaves }, { code: 0, slaves: 2 });
  await well(folder, 'down');
  await assertNothingLeft({ folder, home });
});

test('what is asked for wrongly is told in one sentence', async ({ folder }) => {
  const variables = { XDG_STATE_HOME: folder };
  for (const [args, sentence] of [
    [['up'], /^lab: say on which machines: /],
    [['up', '--local', '0'], /^lab: --local must be /],
    [['up', '--local', '2', '--name', 'A/B'], /^lab: a deployment cannot be called 'A\/B'/],
    [['status', 'nothing'], /^lab: there is no deployment 'nothing'; there is none/],
    [['down', 'nothing', '--all'], /^lab: --all means all/],
    [['logs', 'nothing'], /^lab: there is no deployment 'nothing'/],
    [['doctor', '--remove'], /^lab: --remove is for what --leftovers finds/],
  ] as const)
    await assertRefused(args, 1, sentence, variables);
  const { code, err } = await lab(folder, 'down', 'A/B').ended;
  assert.is(code, 1);
  assert.match(err, /^lab: a deployment cannot be called 'A\/B'.*\n$/);
});

test.run();
