/** Commands that are killed in the middle of their work, which nothing can tell them: 'lab down' finds all that is left. As root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hierarchies } from '../../mesos/isolation/hierarchies.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import {
  assertNothingLeft,
  type Lab,
  type LabFolders,
  lab,
  makeLabFolders,
  processesIn,
  removeLabFolders,
  well,
} from './testLab.ts';

const test = suite<LabFolders>('after kill -9');

test.before.each(makeLabFolders);
test.after.each(removeLabFolders);

async function kill({ child, ended }: Lab): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** By name of the deployment: what is seen of it when it is killed. */
const MOMENTS: Readonly<Record<string, (up: Lab, folder: string) => Promise<void>>> = {
  'makes-machines': (_, folder) => until(() => existsSync(join(folder, 'netns', 'switch.json'))),
  'starts-daemons': (up) => up.said('2 machines are there'),
  'starts-slaves': (up) => up.said('the master is at'),
};

test("of a 'lab up' over ssh nothing is left by 'lab down', whatever it was at", async (folders) => {
  const { folder, home } = folders;
  for (const [name, moment] of Object.entries(MOMENTS)) {
    const up = lab(folder, 'up', '--netns', '2', '--over', 'ssh', '--name', name);
    await moment(up, join(home, name));
    await kill(up);
  }
  assert.equal(readdirSync(home).sort(), Object.keys(MOMENTS));
  assert.is.not(processesIn(folder).length, 0);
  await well(folder, 'down', '--all');
  await assertNothingLeft(folders);
});

/** Groups of the containers of a run, by which one sees that its tasks run. */
function groupsOf({ child }: Lab): readonly string[] {
  const mount = hierarchies().find(({ controllers }) => controllers.includes('memory'))?.mount ?? '';
  const root = join(mount, `mesos-lab-${child.pid}`);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('probe-'))
    .map(({ name }) => join(root, name));
}

const INVENTORY = 'kind: netns\nmachines:\n  - name: n[1-2]\n';

for (const [where, on] of [
  ['namespaces that it makes for itself', []],
  ['the machines of an inventory', ['--on', 'two.yaml']],
] as const)
  test(`of a 'lab run' on ${where}, whose tasks run in control groups, nothing is left by 'lab down'`, async (folders) => {
    const { folder } = folders;
    writeFileSync(join(folder, 'two.yaml'), INVENTORY);
    const run = lab(folder, 'run', 'isolation', '--only', 'cgroups', '--out', 'results', ...on);
    const isOver = run.ended.then(({ err }) => assert.unreachable(err));
    await Promise.race([until(() => groupsOf(run).length > 0), isOver]);
    run.child.kill('SIGKILL');
    await isOver.catch(() => {});
    await well(folder, 'down');
    assert.equal(groupsOf(run), []);
    await assertNothingLeft(folders);
  });

/** What commands make that have no deployment. */
const temporaries = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => /^(?:mesos-)?lab-/.test(name));

for (const [what, args] of [
  ["'lab cluster'", ['cluster', '--slaves', '1', '--port', '0']],
  ["'lab zookeeper'", ['zookeeper']],
  [
    "'lab run' with emulated slaves",
    ['run', 'scalability', '--scale', '0.01', '--only', 'idle', '--out', 'results'],
  ],
] as const)
  test(`of a ${what} nothing is left by 'lab down'`, async (folders) => {
    const { folder } = folders;
    const command = lab(folder, ...args);
    const isOver = command.ended.then(({ err }) => assert.unreachable(err));
    await Promise.race([until(() => temporaries(folder).length > 0), isOver]);
    command.child.kill('SIGKILL');
    await isOver.catch(() => {});
    await until(() => processesIn(folder).length === 0);
    assert.is.not(temporaries(folder).length, 0);
    await well(folder, 'down');
    assert.equal(temporaries(folder), []);
    await assertNothingLeft(folders);
  });

test("what 'lab down' cannot remove is told with the reason, and the rest is removed", async (folders) => {
  const { folder } = folders;
  const { pid } = spawnSync('true');
  const [first, ...others] = ['a', 'b', 'c'].map((end) =>
    join(folder, `mesos-lab-test-${pid}-${end.repeat(6)}`),
  ) as [string, ...string[]];
  for (const path of [first, ...others]) mkdirSync(join(path, 'inner'), { recursive: true });
  const mounted = join(first, 'inner');
  execFileSync('mount', ['-t', 'tmpfs', 'none', mounted]);
  try {
    const { code, out, err } = await lab(folder, 'down').ended;
    assert.is(code, 5, err);
    assert.is(out, 'nothing is up\n');
    assert.match(err, new RegExp(`^lab: folder ${first} is left: .*EBUSY.*\n$`));
    assert.equal(others.filter(existsSync), []);
    const told = await lab(folder, 'doctor', '--leftovers').ended;
    assert.is(told.code, 5, told.err);
    assert.match(told.out, new RegExp(`^folder ${first}: `, 'm'));
  } finally {
    execFileSync('umount', [mounted]);
  }
  assert.match(await well(folder, 'down'), 'is removed');
  await assertNothingLeft(folders);
});

test.run();
