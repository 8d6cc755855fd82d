/** Machines that are namespaces, of a user who is not root: they are in a user namespace, where the kernel gives any. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../infra/local.ts';
import { processesIn } from './testLab.ts';

/** Whom Debian calls nobody. */
const USER = 65_534;
const AS_USER = ['--reuid', `${USER}`, '--regid', `${USER}`, '--clear-groups', '--'] as const;
const PROJECT = join(LAB, '..', '..');

// The user need not be let into the folder that holds the project: where commands look, it is elsewhere too.
const MOUNT = 'mount --bind "$0" "$1" && cd "$2" && shift 2 && exec setpriv "$@"';

/** Whether the kernel gives this user namespaces: judged apart from the code that is tested. */
const mayHaveNamespaces =
  spawnSync('setpriv', [...AS_USER, 'unshare', '--user', '--map-root-user', '--net', 'true']).status === 0;

interface Made {
  readonly folder: string;
  /** Runs `lab` as that user. */
  run(...args: readonly string[]): ReturnType<typeof told>;
  /** Runs lines of a shell. */
  type(lines: string): ReturnType<typeof told>;
}

function made(): Made {
  const folder = mkdtempSync(join(tmpdir(), 'lab-user-test-'));
  chmodSync(folder, 0o755);
  const [project, home] = [join(folder, 'project'), join(folder, 'home')];
  for (const path of [project, home]) mkdirSync(path);
  chownSync(home, USER, USER);
  const harness = join(project, 'harness');
  return {
    folder,
    run: (...args) => told(project, home, [join(harness, 'lab'), ...args]),
    type: (lines) => told(project, home, ['sh', '-c', lines]),
  };
}

async function told(project: string, home: string, args: readonly string[]) {
  const { XDG_STATE_HOME: _, XDG_CACHE_HOME: __, ...variables } = process.env;
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', MOUNT, PROJECT, project, home, ...AS_USER, ...args],
    {
      env: { ...variables, HOME: home, TMPDIR: home, NODE_COMPILE_CACHE: join(home, 'compiled') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, out, err };
}

test('as root, namespaces can be made for another user to try', () => {
  assert.is(process.getuid?.(), 0);
  assert.is(execFileSync('setpriv', [...AS_USER, 'id', '-u'], { encoding: 'utf8' }), `${USER}\n`);
});

if (mayHaveNamespaces)
  test('a cluster comes up in namespaces without root, is looked at, tells its logs and goes down', async () => {
    const { folder, run, type } = made();
    try {
      const up = await run('up', '--netns', '2');
      assert.is(up.code, 0, up.err);
      assert.match(up.out, /'netns' runs on 2 of 2 machines: 1 master, 1 slave\./);
      const status = await run('status', '--json');
      assert.is(status.code, 0, status.out + status.err);
      const { master, machines } = JSON.parse(status.out);
      assert.is(master.slaves, 1);
      assert.equal(
        machines.map(({ is }: { is: string }) => is),
        ['up', 'up'],
      );
      assert.match((await run('logs', 'netns', 'slave-node2')).out, /^listening on .*\nregistered as /);
      // What it says of how to use it works.
      const [cluster = ''] = /^ {2}export MESOS_LAB_CLUSTER=.*$/m.exec(up.out) ?? [];
      const [jobs = ''] = /^ {2}nsenter .* jobs$/m.exec(up.out) ?? [];
      const listed = await type(`${cluster}\n${jobs}`);
      assert.is(listed.code, 0, listed.err);
      const down = await run('down');
      assert.is(down.out, 'netns is down; nothing of it is left\n', down.err);
      assert.equal(processesIn(folder), []);
      const home = join(folder, 'home', '.local', 'state', 'mesos-lab');
      assert.equal(readdirSync(home), []);
    } finally {
      await run('down', '--all');
      rmSync(folder, { recursive: true, force: true });
    }
  });
else
  test('where the kernel gives other users no namespaces, they are told so in one sentence', async () => {
    const { folder, run } = made();
    try {
      const { code, err } = await run('up', '--netns', '2');
      assert.is(code, 5);
      assert.match(err, /^lab: 'netns' cannot be brought up: .*become root, or take --local N; /m);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

test('over ssh they take root, which is said before anything is made', async () => {
  const { folder, run } = made();
  try {
    const { code, err } = await run('up', '--netns', '2', '--over', 'ssh');
    assert.is(code, 5);
    assert.match(
      err,
      /^lab: 'netns' cannot be brought up: machines of kind netns are reached by ssh only if/m,
    );
    assert.not.ok(existsSync(join(folder, 'home', '.local', 'state', 'mesos-lab', 'netns')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
