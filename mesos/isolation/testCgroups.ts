/** What the tests of control groups need: groups of their own on this machine, and slaves that are processes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as plainTest, suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CgroupRoot, type CgroupsFound, findCgroups } from './cgroupRoot.ts';
import { type CgroupsIsolation, type CgroupsIsolationOptions, cgroupsIsolation } from './cgroups.ts';
import { hierarchies } from './hierarchies.ts';
import { mayMakeGroups } from './testContainers.ts';

/** A root group for these tests alone, even if they run twice at a time. */
export const ROOT = `mesos-test-${process.pid}`;
/** Whom Debian calls nobody. */
export const NOBODY = 65_534;
export const MIB = 1_048_576;

/** What a test has. */
export interface World {
  workDir: string;
  found: Extract<CgroupsFound, { is: 'usable' }>;
  root: CgroupRoot;
  isolation: CgroupsIsolation;
  logged: string[];
  opened: CgroupsIsolation[];
  open(more?: Partial<CgroupsIsolationOptions>): CgroupsIsolation;
}

/** Folders of a root group that are there, in any hierarchy. */
const leftOver = (root: string): readonly string[] =>
  hierarchies().flatMap(({ mount }) => (existsSync(join(mount, root)) ? join(mount, root) : []));
/** The one container's folder in a hierarchy. */
export const groupIn = ({ folder }: { folder: string }): string => {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.is(names.length, 1);
  return join(folder, names[0]?.name ?? '');
};
/** What a file says. */
export const read = (...path: string[]): string => readFileSync(join(...path), 'utf8').trim();

/** Tests in control groups of this machine, each of which leaves nothing there. */
export function inGroups(name: string): Test<World> {
  const test = suite<World>(name);
  test.before.each((world) => {
    const found = findCgroups(ROOT);
    if (found.is !== 'usable') throw new Error(found.why);
    const opened: CgroupsIsolation[] = [];
    const logged: string[] = [];
    const workDir = mkdtempSync(join(tmpdir(), 'cgroups-'));
    const log = (line: string): unknown => logged.push(line);
    const open: World['open'] = (more) => {
      const isolation = cgroupsIsolation({ workDir, root: found.root, log, ...more });
      opened.push(isolation);
      return isolation;
    };
    Object.assign(world, { found, root: found.root, workDir, logged, open, opened, isolation: open() });
  });
  test.after.each(async (world) => {
    for (const isolation of world.opened) await isolation.close();
    world.found.release();
    rmSync(world.workDir, { recursive: true });
    assert.equal(leftOver(ROOT), []);
    assert.equal(world.logged, []);
  });
  return test;
}

/** Runs them as root. As another user: that it is said what is missing. */
export function runWithGroups(test: Test<World>): void {
  if (mayMakeGroups(ROOT)) return test.run();
  plainTest('without rights, what is missing is told', () => {
    const found = findCgroups(ROOT);
    assert.is(found.is, 'unusable');
    assert.match(found.is === 'unusable' ? found.why : '', /start the slave as root|lack/);
  });
  plainTest.run();
}

/** A slave, in a process of its own: launches these lines of shell and says the states of their containers. */
const LAUNCHER = `
  const [, workDir, root, ...lines] = process.argv;
  const { findCgroups } = await import(${JSON.stringify(import.meta.resolve('./cgroupRoot.ts'))});
  const { cgroupsIsolation } = await import(${JSON.stringify(import.meta.resolve('./cgroups.ts'))});
  const { shellSpec } = await import(${JSON.stringify(import.meta.resolve('./testContainers.ts'))});
  const found = findCgroups(root);
  if (found.is === 'unusable') console.log(JSON.stringify(found.why));
  else {
    const isolation = cgroupsIsolation({ workDir, root: found.root, hasCpuQuota: true });
    const exits = lines.map((line, n) => {
      const { promise, resolve } = Promise.withResolvers();
      const { state } = isolation.launch(shellSpec(line, { cpus: 0.5, mem: 40 }, 'c' + n), { exited: resolve });
      return { state, promise };
    });
    console.log(JSON.stringify({ pid: process.pid, states: exits.map(({ state }) => state) }));
    console.log(JSON.stringify(await Promise.all(exits.map(({ promise }) => promise))));
    await isolation.close();
    found.release();
  }`;

/** Starts it, perhaps as another user. */
export function launcher(workDir: string, root: string, lines: readonly string[], uid?: number) {
  return spawn(process.execPath, ['--input-type=module', '--eval', LAUNCHER, workDir, root, ...lines], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
}
