/** A place for tests: a folder of this machine, reached by a shell. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAB } from '../local.ts';
import type { Place } from '../place.ts';
import { connect, type RemoteMachine } from './connect.ts';
import { type DeploymentKeys, deploymentKeys } from './keys.ts';
import { startDaemon } from './start.ts';

/** A place that is removed when it is disposed of. */
export async function testPlace(name = 'node1'): Promise<Place & AsyncDisposable> {
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
): Promise<RemoteMachine & { readonly keys: DeploymentKeys }> {
  const keys = await deploymentKeys();
  const record = await startDaemon(place, { keys, idleMs: 60_000, lab: LAB });
  const machine = await connect(record, keys, { silenceMs });
  return { ...machine, keys, [Symbol.asyncDispose]: () => machine.shutdown().catch(() => {}) };
}
