/** The machines of a deployment, as the cells of a campaign use them; also when the campaign is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Book, openBook } from '../../infra/deployments/book.ts';
import { placesOf } from '../../infra/deployments/provision.ts';
import { ended } from '../../mesos/isolation/testContainers.ts';
import { providerOn } from './campaignMachines.ts';
import { keysOf } from './secrets.ts';
import { takeDown } from './takeDown.ts';

const test = suite<{ folder: string; book: Book }>('machines of a campaign');

const NAMES = ['a', 'b'];

test.before.each((context) => {
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), 'campaign-machines-')));
  context.book = openBook(context.folder, {
    ...{ schemaVersion: 1, name: 'run', madeAt: '', state: 'running', plan: null, processes: [] },
    asked: { kind: 'local', names: NAMES },
    machines: NAMES.map((name) => ({ name })),
  });
});
test.after.each(async ({ folder, book }) => {
  if (existsSync(folder)) await takeDown(folder, book);
  rmSync(folder, { recursive: true, force: true });
});

async function provider(folder: string) {
  const places = await placesOf({ kind: 'local', names: NAMES }, folder);
  return providerOn({ kind: 'local', hardware: 'shared', places, keys: await keysOf(folder) });
}

test('each cell has the first of them, with folders of its own, of which nothing is left after it', async ({
  folder,
}) => {
  const provide = await provider(folder);
  const folders: string[] = [];
  for (const names of [['head', 'node1'], ['head']]) {
    await using cell = await provide('', names);
    assert.equal(
      cell.machines.map(({ name }) => name),
      NAMES.slice(0, names.length),
    );
    for (const machine of cell.machines) {
      assert.equal(await machine.clockOffset(), { offsetMs: 0, errorMs: 0 });
      assert.is((await machine.run('pwd')).trim(), machine.folder);
      assert.equal(
        (await machine.list('.')).filter((file) => file.startsWith('own')),
        [],
      );
      await machine.write('own', 'of this cell');
      folders.push(machine.folder);
    }
  }
  assert.is(new Set(folders).size, 3);
  for (const name of NAMES) assert.equal(readdirSync(join(folder, 'machines', name)), []);
});

test('cells of different campaigns have different folders, whatever process ids those have where they run', async ({
  folder,
}) => {
  await using one = await (await provider(folder))('', ['head']);
  await using other = await (await provider(folder))('', ['head']);
  assert.is.not(one.machines[0]?.folder, other.machines[0]?.folder);
});

test('too few machines are told in one sentence, and one that fails by its name', async ({ folder }) => {
  const provide = await provider(folder);
  const failure = async (names: readonly string[]): Promise<string> => {
    try {
      await using _ = await provide('', names);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(await failure(['head', 'node1', 'node2']), /^3 machines are needed, and there are 2: /);
  {
    await using _ = await provide('', ['head']);
  }
  rmSync(join(folder, 'machines', 'b'), { recursive: true, force: true });
  writeFileSync(join(folder, 'machines', 'b'), '');
  assert.match(await failure(['head', 'node1']), /^machine b: /);
  assert.equal(readdirSync(join(folder, 'machines', 'a')), []);
});

/** Runs a cell that is never done. */
const CAMPAIGN = `
const { placesOf } = await import(${JSON.stringify(import.meta.resolve('../../infra/deployments/provision.ts'))});
const { providerOn } = await import(${JSON.stringify(import.meta.resolve('./campaignMachines.ts'))});
const { keysOf } = await import(${JSON.stringify(import.meta.resolve('./secrets.ts'))});
const folder = process.argv[1];
const places = await placesOf({ kind: 'local', names: ['a', 'b'] }, folder);
const provide = providerOn({ kind: 'local', hardware: 'shared', places, keys: await keysOf(folder) });
const { machines } = await provide('', ['head', 'node1']);
const pids = [];
for (const machine of machines)
  pids.push((await machine.start({ name: 'careless', program: 'sleep', arguments: ['600'] })).pid);
console.log(JSON.stringify(pids));
`;

test('nothing is left when a campaign is killed in the middle of a cell and its machines are taken down', async ({
  folder,
  book,
}) => {
  const campaign = spawn(process.execPath, ['--input-type=module', '-e', CAMPAIGN, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: campaign.stdout }), 'line');
  campaign.kill('SIGKILL');
  await once(campaign, 'exit');
  const daemons = NAMES.flatMap((name) =>
    readdirSync(join(folder, 'machines', name)).map((cell): number => {
      const record = readFileSync(join(folder, 'machines', name, cell, 'daemon.json'), 'utf8');
      return JSON.parse(record).pid;
    }),
  );
  assert.is(daemons.length, 2);
  assert.equal(await takeDown(folder, book), []);
  assert.not.ok(existsSync(folder));
  await Promise.all([...JSON.parse(line), ...daemons].map(ended));
});

test.run();
