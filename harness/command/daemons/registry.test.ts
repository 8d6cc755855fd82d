/** What operators order of `lab master` outlives it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB, localMachines } from '../../../infra/local.ts';
import { listening } from '../../run/deployment.ts';

test('a master that is killed is followed by one that knows what was ordered; a damaged registry ends the next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-registry-'));
  const machines = await localMachines(join(folder, 'machines'), ['node']);
  try {
    const [machine] = machines.machines;
    if (machine === undefined) throw new Error('there is no machine');
    const registry = join(folder, 'kept', 'registry.json');
    const start = () =>
      machine.start({
        name: 'master',
        program: LAB,
        arguments: ['master', '--port', '0', '--quiet', '--registry', registry],
      });
    const first = await start();
    const weights = async (address: string, init: RequestInit = {}): Promise<string> => {
      const answer = await fetch(`http://${address}/weights`, init);
      assert.is(answer.status, 200);
      return answer.text();
    };
    const body = JSON.stringify([{ role: 'gold', weight: 2 }]);
    await weights(await listening(first), { method: 'PUT', body });
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start();
    assert.is(await weights(await listening(second)), body);
    await second.stop();

    writeFileSync(registry, readFileSync(registry, 'utf8').slice(0, 20));
    const third = await start();
    const { code } = await third.exited;
    assert.is(code, 1);
    assert.match(third.lastLines().join('\n'), /--registry: the registry .* cannot be read: .*; restore it/);
  } finally {
    await machines[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
});

test.run();
