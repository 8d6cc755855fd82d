/** Who broke something is killed: nothing stays broken. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const NODE = join(import.meta.dirname, '../../harness/node');

const test = suite<{ folder: string }>('faults whose owner vanished');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'vanished-test-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** Runs a script that breaks something and says so, and kills it then. */
async function breakAndDie(folder: string, script: string): Promise<string> {
  const module = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  const preamble = `
    import { localMachines } from ${module('../local.ts')};
    import { holding } from ${module('hold.ts')};
    import { faultsOn } from ${module('faults.ts')};
    import { subjects } from ${module('targets.ts')};
    const { machines: [machine] } = await localMachines(${JSON.stringify(join(folder, 'run'))}, ['node1']);
  `;
  const owner = spawn(NODE, ['--input-type=module', '-e', preamble + script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(createInterface({ input: owner.stdout }), 'line');
  owner.kill('SIGKILL');
  return said;
}

test('what is held on a machine is healed by its holder', async ({ folder }) => {
  const path = join(folder, 'broken');
  const healed = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      // It is there first, and then no more.
      if (existsSync(path)) return;
      if (!existsSync(join(folder, 'done'))) return;
      watcher.close();
      resolve();
    });
  });
  await breakAndDie(
    folder,
    `const held = holding('test', [{
      machine,
      inject: "touch '${path}'",
      heal: ["rm '${path}'", "touch '${join(folder, 'done')}'"],
    }]);
    await held.inject();
    console.log('broken');`,
  );
  await healed;
});

test('a process that is paused goes on, and so notices that it has to end', async ({ folder }) => {
  const path = join(folder, 'ended');
  const ended = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    });
  });
  const state = await breakAndDie(
    folder,
    `const [node] = await subjects([machine], []);
    const process = await node.start({
      name: 'reader',
      program: 'sh',
      arguments: ['-c', "echo ready; while read -r line; do :; done; echo ended >'${path}'"],
    });
    await process.waitForLine(/ready/);
    const fault = await faultsOn({ subjects: [node] }).inject({ kind: 'pause', machine: 'node1', process: 'reader' });
    await fault.visible();
    console.log('paused');`,
  );
  assert.is(state, 'paused');
  await ended;
});

test.run();
