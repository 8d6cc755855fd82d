import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seededRandom } from '../runtime/random.ts';
import { loadAllocation } from './load.ts';

const test = suite<{ folder: string }>('load', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'allocation-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function complaint(loading: Promise<unknown>): Promise<string> {
  try {
    await loading;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was loaded');
}

test('the three modules have names', async () => {
  for (const name of ['fair', 'priority', 'lottery']) {
    const module = (await loadAllocation(name, { weights: { gold: 2 } }))(seededRandom(1));
    module.addFramework('f', { role: 'gold' });
    module.addSlave('s', { hostname: 'node', attributes: {}, total: { cpus: 1, mem: 64 } });
    assert.is(module.allocate(0).length, 1);
  }
});

test('a file is a module if its default export makes factories of options', async ({ folder }) => {
  const path = join(folder, 'own.ts');
  const fair = new URL('./fair.ts', import.meta.url).pathname;
  writeFileSync(
    path,
    `import { fair } from '${fair}';\nexport default ({ role }: { role: string }) => fair({ guarantees: { [role]: { cpus: 3 } } });\n`,
  );
  const module = (await loadAllocation(path, { role: 'gold' }))(seededRandom(1));
  module.addFramework('f', { role: 'gold' });
  assert.equal(module.guaranteeOf('f'), { cpus: 3 });
});

test('a name that no module has is refused, and the names that there are are told', async () => {
  for (const name of ['drf', 'constructor'])
    assert.match(
      await complaint(loadAllocation(name)),
      `no allocation module '${name}'; there is fair, priority, lottery`,
    );
});

test('a file that does not exist, does not load or exports nothing is refused in a sentence', async ({
  folder,
}) => {
  assert.match(await complaint(loadAllocation(join(folder, 'none.ts'))), /the file does not exist$/);
  assert.match(await complaint(loadAllocation('some/own.ts')), /e\.g\. \.\/some\/own\.ts$/);
  assert.match(await complaint(loadAllocation('./none.ts')), /no allocation module \.\/none\.ts/);
  const broken = join(folder, 'broken.ts');
  writeFileSync(broken, "import './gone.ts';\n");
  assert.match(await complaint(loadAllocation(broken)), /cannot be loaded: .*gone\.ts/);
  const empty = join(folder, 'empty.ts');
  writeFileSync(empty, 'export const options = {};\n');
  assert.match(await complaint(loadAllocation(empty)), /no default export/);
});

test('an option that will not do is named', async () => {
  for (const [name, options, path] of [
    ['fair', { wieghts: {} }, 'wieghts'],
    ['fair', { priorities: { gold: 1 } }, 'priorities'],
    ['lottery', { weights: { gold: 0 } }, 'weights.gold'],
    ['priority', { priorities: { gold: 'high' } }, 'priorities.gold'],
    ['fair', { revocation: { afterMs: 0, graceMs: 0 } }, 'revocation.afterMs'],
    ['fair', { minimumOffers: [{}] }, 'minimumOffers.0'],
    ['fair', { unansweredMax: 2 }, 'unansweredMax'],
    ['fair', { shortTasks: { reserve: { cpus: 1 } } }, 'shortTasks.maxTaskDurationMs'],
  ] as const)
    assert.match(
      await complaint(loadAllocation(name, options)),
      `option '${path}' of the allocation module '${name}' will not do: `,
    );
  assert.match(
    await complaint(loadAllocation('fair', 'weights')),
    /^the options of the allocation module 'fair'/,
  );
});

test.run();
