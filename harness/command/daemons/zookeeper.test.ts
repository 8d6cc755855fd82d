/** `lab zookeeper` as its users call it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../../../infra/local.ts';

const test = suite<{ folder: string }>('lab zookeeper');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-zookeeper-test-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** Starts it with its files in a folder; resolves with the line in which it says what it serves. */
async function start(folder: string, ...args: readonly string[]): Promise<readonly [ChildProcess, string]> {
  const lab = spawn(LAB, ['zookeeper', ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: lab.stdout as NodeJS.ReadableStream }))
    return [lab, line];
  throw new Error('lab zookeeper ended before it served');
}

/** Processes that have this text in their command lines. */
const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });

async function untilNone(text: string): Promise<void> {
  const limit = performance.now() + 10_000;
  while (processesWith(text).length > 0) {
    assert.ok(performance.now() < limit, `processes are left: ${processesWith(text)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('runs servers until it is told to end, and leaves nothing', async ({ folder }) => {
  const [lab, line] = await start(folder, '--servers', '3', '--tick_time', '200ms');
  assert.match(line, /^serving zk:\/\/127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\/mesos$/);
  assert.ok(processesWith(folder).length >= 3);
  lab.kill('SIGINT');
  const [code] = await once(lab, 'exit');
  assert.is(code, 0);
  await untilNone(folder);
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('lab-zookeeper-')),
    [],
  );
});

test('when it is killed its server ends, even a paused one', async ({ folder }) => {
  const [lab] = await start(folder);
  const java = processesWith(folder).filter(
    (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'java',
  );
  assert.is(java.length, 1);
  process.kill(java[0] as number, 'SIGSTOP');
  lab.kill('SIGKILL');
  await once(lab, 'exit');
  await untilNone(folder);
});

test('without java it says in one sentence what to install', ({ folder }) => {
  // Only what the launcher itself needs.
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['readlink', 'dirname']) symlinkSync(join('/usr/bin', name), join(bin, name));
  const { status, stderr } = spawnSync(LAB, ['zookeeper'], { env: { PATH: bin }, encoding: 'utf8' });
  assert.is(status, 5);
  assert.is(
    stderr,
    "lab: ZooKeeper needs java, which is not installed: install Debian's default-jre-headless\n",
  );
});

test('a port that is taken is told in one sentence', async ({ folder }) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    const { port } = taken.address() as AddressInfo;
    const { status, stderr } = spawnSync(LAB, ['zookeeper', '--port', String(port)], {
      env: { ...process.env, TMPDIR: folder },
      encoding: 'utf8',
    });
    assert.is(status, 5);
    assert.is(stderr, `lab: port ${port} of 127.0.0.1 is in use: choose another one for ZooKeeper\n`);
  } finally {
    taken.close();
  }
});

test.run();
