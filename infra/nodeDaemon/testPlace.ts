/** A place for tests: a folder of this machine, reached by a shell. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { LAB } from '../local.ts';
import type { Place } from '../place.ts';
import { connect, type RemoteMachine } from './connect.ts';
import { type DeploymentKeys, deploymentKeys } from './keys.ts';
import { startDaemon } from './start.ts';

/** A folder, and its end. */
export type TestPlace = Place & AsyncDisposable;
/** A machine that runs, and how to reach it once more. */
export type TestMachine = RemoteMachine & { readonly keys: DeploymentKeys };

/** A place that is removed when it is disposed of. */
export async function testPlace(name = 'node1'): Promise<TestPlace> {
  const root = await mkdtemp(join(tmpdir(), 'mesos-lab-daemon-'));
  return {
    name,
    ip: '127.0.0.1',
    shell: ['sh', '-c'],
    folder: join(root, name),
    store: join(root, 'store'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** A machine with a daemon, connected. Disposing of it shuts the daemon down. */
export async function testMachine(
  place: Place,
  { silenceMs = 10_000 }: { readonly silenceMs?: number } = {},
): Promise<TestMachine> {
  const keys = await deploymentKeys();
  const record = await startDaemon(place, { keys, idleMs: 60_000, lab: LAB });
  const machine = await connect(record, keys, { silenceMs });
  return { ...machine, keys, [Symbol.asyncDispose]: () => machine.shutdown().catch(() => {}) };
}

/** Resolves when no such process runs; one that nobody has waited for yet runs no more. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (text === '' || /\) [ZX] /.test(text)) return;
    await after(10);
  }
}
