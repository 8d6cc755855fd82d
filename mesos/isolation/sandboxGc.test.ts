import { spawn } from 'node:child_process';
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSandbox } from './sandbox.ts';
import { type SandboxGc, type SandboxGcOptions, sandboxGc } from './sandboxGc.ts';
import { shellSpec } from './testContainers.ts';

const HOUR_MS = 3_600_000;

interface World {
  workDir: string;
  logged: string[];
  collectors: SandboxGc[];
  /** Makes a sandbox that was last written to so long ago. */
  sandbox(containerId: string, ageMs: number): string;
  collect(options: Partial<SandboxGcOptions>): Promise<number>;
}

const test = suite<World>('garbage collection of sandboxes');

test.before.each((world) => {
  const workDir = mkdtempSync(join(tmpdir(), 'gc-'));
  const collectors: SandboxGc[] = [];
  const logged: string[] = [];
  const own: World = {
    workDir,
    collectors,
    logged,
    sandbox(containerId, ageMs) {
      const folder = makeSandbox(workDir, shellSpec('', {}, containerId));
      const seconds = (Date.now() - ageMs) / 1_000;
      for (const name of ['stdout', 'stderr']) {
        writeFileSync(join(folder, name), 'text');
        lutimesSync(join(folder, name), seconds, seconds);
      }
      lutimesSync(folder, seconds, seconds);
      return folder;
    },
    collect(options) {
      // As if the disk were empty, whatever it is here.
      const gc = sandboxGc({
        workDir,
        delayMs: HOUR_MS,
        diskHeadroom: -1,
        log: (line) => logged.push(line),
        ...options,
      });
      collectors.push(gc);
      return gc.first;
    },
  };
  Object.assign(world, own);
});
test.after.each(async ({ workDir, logged, collectors }) => {
  for (const gc of collectors) await gc.close();
  rmSync(workDir, { recursive: true });
  assert.equal(logged, []);
});

test('what earlier slaves left and is older than the delay goes at once, the rest stays', async (world) => {
  const [old, young] = [world.sandbox('c1', 3 * HOUR_MS), world.sandbox('c2', HOUR_MS / 2)];
  assert.is(await world.collect({}), 1);
  assert.equal([old, young].map(existsSync), [false, true]);
  assert.equal(readdirSync(join(young, '..')).sort(), ['c2', 'latest']);
});

test('a sandbox is as old as the last that was written to it', async (world) => {
  const folder = world.sandbox('c1', 3 * HOUR_MS);
  writeFileSync(join(folder, 'stdout'), 'more');
  assert.is(await world.collect({}), 0);
  assert.ok(existsSync(folder));
});

test('with the last sandbox go the link to it and the folders above', async (world) => {
  world.sandbox('c1', 3 * HOUR_MS);
  assert.is(await world.collect({}), 1);
  assert.equal(readdirSync(join(world.workDir, 'slaves')), []);
});

test('beyond a number of them, the oldest go whatever their age', async (world) => {
  const folders = [3, 1, 2, 4].map((age) => world.sandbox(`c${age}`, age * 1_000));
  assert.is(await world.collect({ countMax: 2 }), 2);
  assert.equal(folders.map(existsSync), [false, true, true, false]);
});

test('on a disk without headroom nothing is kept', async (world) => {
  const folder = world.sandbox('c1', 1_000);
  assert.is(await world.collect({ diskHeadroom: 1 }), 1);
  assert.not(existsSync(folder));
});

test('a sandbox in which a process lives stays, whoever started it', async (world) => {
  const folder = world.sandbox('c1', 3 * HOUR_MS);
  const child = spawn('sleep', ['1000'], { env: { MESOS_SANDBOX: folder }, stdio: 'ignore' });
  assert.is(await world.collect({}), 0);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  assert.is(await world.collect({}), 1);
});

test('a sandbox that is in use without a process stays, though there is no room', async (world) => {
  const folder = world.sandbox('c1', 1_000);
  assert.is(await world.collect({ diskHeadroom: 1, othersInUse: () => [folder] }), 0);
  assert.is(await world.collect({ diskHeadroom: 1, othersInUse: () => [] }), 1);
});

test('a collector that is closed goes no further', async (world) => {
  for (const n of [1, 2, 3]) world.sandbox(`c${n}`, (2 + n) * HOUR_MS);
  const swept = world.collect({});
  await world.collectors[0]?.close();
  assert.is(await swept, 1, 'what it had begun with');
});

test('links that an executor made lead to no harm', async (world) => {
  const victim = join(world.workDir, 'victim');
  mkdirSync(victim);
  writeFileSync(join(victim, 'precious'), '');
  const folder = world.sandbox('c1', 0);
  rmSync(join(folder, 'stdout'));
  symlinkSync(victim, join(folder, 'stdout'));
  symlinkSync(victim, join(folder, '..', 'c2'));
  symlinkSync(victim, join(folder, 'inner'));
  assert.is(await world.collect({ countMax: 0 }), 1);
  assert.equal(readdirSync(victim), ['precious']);
  assert.not(existsSync(folder));
});

test.run();
