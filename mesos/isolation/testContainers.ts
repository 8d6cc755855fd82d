/** What the tests of isolation need: executors to run, and ways to wait for what they do. */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from '../protocol/resources.ts';
import { hierarchies } from './hierarchies.ts';
import type { Container, ContainerSpec, Exit, Isolation } from './isolation.ts';
import { isEnded, processEntry } from './processTable.ts';
import { sandboxOf } from './sandbox.ts';

/** An executor that is a line of shell. */
export function shellSpec(value: string, resources: Resources = {}, containerId = 'c1'): ContainerSpec {
  return {
    containerId,
    frameworkId: 'f1',
    slaveId: 's1',
    slave: 'slave@127.0.0.1:5051',
    executorInfo: {
      executorId: 'e1',
      name: 'test',
      command: { shell: true, value, arguments: [], environment: { COLOUR: 'blue' } },
      resources,
    },
    shutdownGraceMs: 5_000,
  };
}

/** An executor that is a program. */
export function programSpec(value: string, ...argv: readonly string[]): ContainerSpec {
  const spec = shellSpec(value);
  const command = { shell: false, value, arguments: argv, environment: {} };
  return { ...spec, executorInfo: { ...spec.executorInfo, command } };
}

/** A container that runs, and its end. */
export interface Running {
  readonly container: Container;
  readonly exit: Promise<Exit>;
  /** Waits until it has written this many lines to its standard output. */
  lines(count: number): Promise<readonly string[]>;
}

/** Starts a container in a work folder. */
export function start(isolation: Isolation, workDir: string, spec: ContainerSpec): Running {
  const { promise: exit, resolve } = Promise.withResolvers<Exit>();
  const container = isolation.launch(spec, { exited: resolve });
  return { container, exit, lines: (count) => linesOf(sandboxOf(workDir, spec), count) };
}

/** Waits until an executor has written this many lines to its standard output. */
export async function linesOf(sandbox: string, count: number): Promise<readonly string[]> {
  const file = join(sandbox, 'stdout');
  let lines: readonly string[] = [];
  await until(() => {
    if (existsSync(file)) lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.length >= count;
  }, `it has written ${count} lines to ${file}`);
  return lines;
}

/** The first line that a process says, as JSON. */
export async function firstSaid(output: Readable): Promise<unknown> {
  for await (const line of createInterface({ input: output })) return JSON.parse(line);
  throw new Error('it said nothing');
}

/** Longest wait for anything: so long only where it would be for ever. */
const LIMIT_MS = 60_000;

/**
 * Waits until something holds; looks at it every few milliseconds. Rejects with what it waited for: the code, unless told. What is
 * under way may take as long as it likes: the limit begins anew whenever its progress is another.
 */
export async function until(
  holds: () => boolean,
  what = `${holds}`,
  progress: () => unknown = () => undefined,
): Promise<void> {
  let limit = performance.now() + LIMIT_MS;
  let last = progress();
  while (!holds()) {
    const now = progress();
    if (now !== last) limit = performance.now() + LIMIT_MS;
    else if (performance.now() > limit) throw new Error(`waited in vain until ${what}`);
    last = now;
    await sleep(5);
  }
}

/** Waits until a process has ended. */
export async function ended(pid: number): Promise<void> {
  await until(() => !isAlive(pid), `process ${pid} has ended`);
}

/** Is there a process of this number that has not ended? */
export function isAlive(pid: number): boolean {
  const entry = processEntry(pid);
  return entry !== undefined && !isEnded(entry);
}

/**
 * May this user make control groups with a limit of memory? Judged apart from the code that is tested: such a group can be made,
 * and of version 2, which a container may have without its controllers, those are switched on.
 */
export function mayMakeGroups(root: string): boolean {
  const memory = hierarchies().find(({ controllers }) => controllers.includes('memory'));
  if (memory === undefined) return false;
  try {
    mkdirSync(join(memory.mount, root));
    rmdirSync(join(memory.mount, root));
    return (
      memory.version === 1 ||
      readFileSync(join(memory.mount, 'cgroup.subtree_control'), 'utf8').includes('memory')
    );
  } catch {
    return false;
  }
}
