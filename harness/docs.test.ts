/** Holds the pages in docs/ to the code: what they show runs, what they name is there. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDryadConfig } from '../frameworks/dryad/job.ts';
import { createSleepers, sleeper } from '../frameworks/example/sleepers.ts';
import { readLoadConfig } from '../frameworks/load/config.ts';
import { readServiceConfig } from '../frameworks/service/config.ts';
import type { AllocationFactory } from '../mesos/allocation/allocation.ts';
import { loadAllocation } from '../mesos/allocation/load.ts';
import { AllocationOptionsSchema, checkedOptions, OPTION_FIELDS } from '../mesos/allocation/options.ts';
import { schedulerActor } from '../mesos/driver/schedulerActor.ts';
import { emulated } from '../mesos/isolation/emulated.ts';
import { master } from '../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../mesos/master/options.ts';
import type { HistoryLine } from '../mesos/protocol/history.ts';
import { seededRandom } from '../mesos/runtime/random.ts';
import { VirtualCluster } from '../mesos/runtime/virtual.ts';
import { slave } from '../mesos/slave/slave.ts';
import { COMMANDS } from './command/commands.ts';
import { EXPERIMENTS } from './experiments/catalogue.ts';
import { type Experiment, type Scenario, scenariosOf } from './experiments/experiment.ts';
import { macro } from './experiments/macro.ts';
import type { RealFramework } from './experiments/realScenario.ts';
import type { VirtualFramework } from './experiments/virtualScenario.ts';
import { fold } from './measure/fold.ts';
import { invariants } from './measure/invariants.ts';

const PROJECT = join(import.meta.dirname, '..');
const ROOMS = ['mesos', 'frameworks', 'workloads', 'infra', 'reports', 'harness', 'docs'];
/** Files that a page tells its reader to write. */
const TO_BE_WRITTEN = ['noWait.ts', 'firstCome.ts'];

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const pages = new Map(
  ['README.md', ...readdirSync(join(PROJECT, 'docs')).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, read(path)]),
);
const page = (name: string): string => pages.get(`docs/${name}.md`) ?? '';

/** The code blocks of a language in a text. */
const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code as string);

/** Writes code of a page to a file, with imports as if it were in a folder of the project. */
async function asFile<T>(code: string, folder: string, use: (path: string) => Promise<T>): Promise<T> {
  const own = mkdtempSync(join(tmpdir(), 'docs-'));
  try {
    const base = pathToFileURL(join(PROJECT, folder, '/'));
    const absolute = code.replaceAll(/ from '(\.[^']+)'/g, (_, path) => ` from '${new URL(path, base)}'`);
    const file = join(own, 'page.ts');
    writeFileSync(file, absolute);
    return await use(file);
  } finally {
    rmSync(own, { recursive: true });
  }
}

test('the table of the history has every event, with every field', () => {
  const declared = [
    ...read('mesos/protocol/history.ts').matchAll(/\{\s*readonly event: '([a-z-]+)';(.*?)\}/gs),
  ].map(([, event, body]) => [
    event,
    [...(body as string).matchAll(/readonly (\w+)\??:/g)].map(([, name]) => name).sort(),
  ]);
  const written = [...page('history').matchAll(/^\| `([a-z]+-[a-z]+)` *\|(.*?)\|/gm)].map(
    ([, event, cell]) => [event, [...(cell as string).matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()],
  );
  assert.ok(declared.length > 10);
  assert.equal(written, declared);
});

test('the checks that the page on the history names are those that there are', () => {
  const checks = fold([], invariants());
  for (const { id } of checks) assert.match(page('history'), `\`${id}\``);
});

test('the framework of the page is the file that is tested, in under 80 lines', () => {
  const code = read('frameworks/example/sleepers.ts');
  assert.is(blocks(page('add-a-framework'), 'ts')[0], code);
  assert.ok(code.split('\n').length <= 80);
});

test('the program of the page on Hadoop is the file that is tested', () => {
  assert.is(blocks(page('hadoop'), 'ts')[0], read('frameworks/hadoop/program/sort.ts'));
});

test('the configurations of the page on frameworks are read as they stand', () => {
  const [service, load, dryad, ...more] = blocks(page('frameworks'), 'json').map((text) => JSON.parse(text));
  assert.is(readServiceConfig(service).services.length, 1);
  assert.is(readLoadConfig(load).arrivals.type, 'open');
  assert.is(readDryadConfig(dryad).jobs[0]?.stages.length, 4);
  assert.equal(more, []);
  const manners = [...page('frameworks').matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
  for (const name of Object.keys(readLoadConfig(load).manners)) assert.ok(manners.includes(name), name);
});

type Framework = VirtualFramework | RealFramework;

test('the experiment of the page is the macrobenchmark without a wait for locality, and nothing else differs', async () => {
  const [code = '', register = ''] = blocks(page('add-an-experiment'), 'ts');
  const { noWait } = (await asFile(code, 'harness/experiments', (path) => import(path))) as {
    noWait: Experiment;
  };
  const lines = register.split('\n');
  const registered = read('harness/experiments/register.ts');
  for (const id of [EXPERIMENTS[0]?.id, EXPERIMENTS.at(-1)?.id]) {
    const line = lines.find((one) => one.startsWith(`  ${id}: `));
    assert.ok(line !== undefined && registered.includes(`${line}\n`), id);
  }
  const last = `  '${noWait.id}': async () => (await import('./noWait.ts')).noWait,`;
  assert.is(register.trimEnd().split('\n').at(-2), last);
  assert.not(EXPERIMENTS.some(({ id }) => id === noWait.id));
  const of = (scenarios: readonly Scenario[]): readonly Framework[] =>
    scenarios.flatMap((one): readonly Framework[] => (one.kind === 'trial' ? [] : one.cluster.frameworks));
  const expected = of(macro.scenarios);
  for (const [index, framework] of of(noWait.scenarios).entries()) {
    const was = expected[index];
    assert.equal(framework, was?.kind === 'hadoop' ? { ...was, localityWaitMs: 0 } : was);
  }
  const waits = of(scenariosOf(noWait, { scale: 0.1 })).flatMap((framework) =>
    framework.kind === 'hadoop' ? [framework.localityWaitMs] : [],
  );
  assert.ok(waits.length > 0);
  assert.ok(waits.every((wait) => wait === 0));
});

/** Two frameworks on four slaves of two CPUs, in virtual time, with this allocation. */
function simulate(allocation: AllocationFactory, seed: number, crashes: number): readonly HistoryLine[] {
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed, history: (line) => history.push(line) });
  const random = seededRandom(`crashes/${seed}`);
  const address = virtual.process('master:5050').spawn('master', master({ ...MASTER_DEFAULTS, allocation }));
  const command = { shell: false, value: 'modelled', arguments: [], environment: {} };
  let ended = 0;
  for (const name of ['first', 'second']) {
    const factory = createSleepers({ name, tasks: 20, sleepMs: 1_000, command }, () => ended++);
    const frameworkInfo = { user: 'test', name };
    const kind = schedulerActor({ master: address, frameworkInfo, factory, stopped: () => {} });
    virtual.at(name === 'first' ? 0 : 10, () => virtual.process(`${name}:0`).spawn('scheduler', kind));
  }
  const startSlave = (hostname: string): void => {
    const process = virtual.process(`${hostname}:5051`);
    const isolation = emulated(process, { sleeper }, (run) => virtual.at(virtual.now, run));
    const own = { hostname, resources: { cpus: 2, mem: 1024 }, attributes: {} };
    process.spawn('slave', slave({ master: address, ...own, isolation }));
  };
  const hostnames = ['node1', 'node2', 'node3', 'node4'];
  for (const hostname of hostnames) virtual.at(20, () => startSlave(hostname));
  for (let n = 0; n < crashes; n++) {
    const hostname = hostnames[Math.floor(random.uniform() * hostnames.length)] as string;
    const atMs = 2_000 * n + 100 + 1_000 * random.uniform();
    virtual.at(atMs, () => virtual.crash(`${hostname}:5051`));
    virtual.at(atMs + 500 * random.uniform(), () => startSlave(hostname));
  }
  assert.is(
    virtual.run(() => ended === 2, 3_600_000),
    'done',
    `seed ${seed} did not end`,
  );
  virtual.run(() => false, virtual.now + 1_000);
  return history;
}

const firstCome = (): Promise<AllocationFactory> =>
  asFile(blocks(page('add-an-allocation-module'), 'ts')[0] ?? '', 'mesos/allocation', (path) =>
    loadAllocation(path),
  );

test('the allocation module of the page serves first who came first', async () => {
  const launches = simulate(await firstCome(), 1, 0).flatMap((line) =>
    line.event === 'task-launched' ? line.frameworkId.slice(-1) : [],
  );
  assert.equal(launches.join(''), '0'.repeat(20) + '1'.repeat(20));
});

test('the allocation module of the page keeps all invariants on slaves that crash and come back', async () => {
  const allocation = await firstCome();
  for (let seed = 1; seed <= 50; seed++)
    for (const { id, verdict, detail } of fold(simulate(allocation, seed, 4), invariants()))
      assert.is(verdict, 'passed', `seed ${seed}, ${id}: ${detail}`);
});

test('the options of the page are those that all allocation modules have, and what it shows of them will do', () => {
  const [, table = ''] = page('add-an-allocation-module').split('| option ');
  const rows = [...table.matchAll(/^\| `(\w+)` *\|(.*)\|$/gm)].map(([, name, cell]) => [name, cell]);
  assert.equal(rows.map(([name]) => name).sort(), Object.keys(OPTION_FIELDS).sort());
  const shown = Object.fromEntries(
    rows.flatMap(([name, cell = '']) => {
      const [, json] = /`([[{].*?[\]}])`/.exec(cell) ?? [];
      return json === undefined ? [] : [[name, JSON.parse(json)]];
    }),
  );
  assert.equal(Object.keys(shown).length, 5);
  checkedOptions(AllocationOptionsSchema, 'page', shown);
});

test('every file that a page names is there', () => {
  const all = ROOMS.flatMap((room) =>
    readdirSync(join(PROJECT, room), { recursive: true, encoding: 'utf8' }),
  );
  const names = new Set(all.map((path) => basename(path)));
  const missing = [...pages].flatMap(([path, text]) =>
    [...text.matchAll(/`([\w./-]+)`/g)]
      .map(([, name]) => name as string)
      .filter((name) =>
        ROOMS.includes(name.split('/')[0] ?? '') && name.includes('/')
          ? !existsSync(join(PROJECT, name))
          : /^[\w./-]+\.(ts|svg)$/.test(name) && !names.has(basename(name)),
      )
      .filter((name) => !TO_BE_WRITTEN.includes(basename(name)))
      .map((name) => `${path}: ${name}`),
  );
  assert.equal(missing, []);
});

test('every link of a page leads somewhere, pictures aside', () => {
  const broken = [...pages].flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, to]) => to as string)
      .filter((to) => !to.endsWith('.png') && !existsSync(join(PROJECT, dirname(path), to)))
      .map((to) => `${path}: ${to}`),
  );
  assert.equal(broken, []);
});

test('every lab command that a page shows exists, with its flags', async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const [path, text] of pages)
    for (const [line, name = '', rest = ''] of blocks(text, 'sh')
      .join('\n')
      .matchAll(/(?:npx|harness\/)\s?lab (\w+)([^&#\n]*)/g)) {
      seen++;
      let command = await COMMANDS[name]?.();
      for (const word of rest.trim().split(' '))
        command = command?.commands.find((each) => each.name() === word) ?? command;
      const known = command?.options.map(({ long }) => long);
      // What comes behind is another program's.
      const flags = rest.split(' -- ')[0]?.match(/--[\w-]+/g) ?? [];
      if (known === undefined || !flags.every((flag) => known.includes(flag))) wrong.push(`${path}: ${line}`);
    }
  assert.ok(seen > 5);
  assert.equal(wrong, []);
});

test.run();
