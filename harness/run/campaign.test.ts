import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { childrenOf } from '../endToEnd/testDeployment.ts';
import { drf } from '../experiments/drf.ts';
import { type Experiment, type Scenario, scenariosOf } from '../experiments/experiment.ts';
import { locality } from '../experiments/locality.ts';
import { cellsOf, runCampaign } from './campaign.ts';
import { cellId, cellName, commandFor, provenanceOf } from './cell.ts';
import { setting as lookAround, type Setting } from './provenance.ts';

const trial = (id: string, clock: 'virtual' | 'real', seeds: number): Scenario => ({
  ...{ kind: 'trial', id, label: id, clock, seeds },
  parameters: { 'wait (s)': 1 },
  run: async () => ({ values: {} }),
});

const experiment: Experiment = {
  id: 'example',
  title: 'An example',
  question: 'Does it?',
  paper: 'It does not say.',
  claims: [],
  caveats: [],
  scenarios: [trial('one', 'real', 1), trial('one', 'virtual', 2), trial('two', 'virtual', 2)],
  scaled: (scale) => [trial(`part-${scale}`, 'virtual', 1)],
};

const setting: Setting = {
  ...{ commit: 'c', dirty: false, lockfileSha256: 'l', nodeVersion: 'v24', cpuModel: 'm', cores: 2 },
  ...{ memoryBytes: 1, kernel: 'k', code: 'code' },
};

const all = { experiments: [experiment], choices: {}, clocks: ['virtual', 'real'], seed: 1 } as const;
const names = (plan: Parameters<typeof cellsOf>[0]): readonly string[] => cellsOf(plan).map(cellName);

test('the cells of an experiment run seed by seed, those in virtual time first', () => {
  assert.equal(names(all), [
    'example virtual one seed 1',
    'example virtual two seed 1',
    'example virtual one seed 2',
    'example virtual two seed 2',
    'example real one seed 1',
  ]);
});

test('clock, scenario, seeds and scale can be chosen', () => {
  assert.equal(names({ ...all, clocks: ['real'] }), ['example real one seed 1']);
  assert.equal(names({ ...all, only: ['two'], seed: 7, seeds: 1 }), ['example virtual two seed 7']);
  assert.equal(names({ ...all, choices: { scale: 0.5 } }), ['example virtual part-0.5 seed 1']);
});

test('scenarios that take minutes can be left out', () => {
  const scenarios = experiment.scenarios.map((one) =>
    one.id === 'two' ? { ...one, isLarge: true as const } : one,
  );
  const plan = { ...all, experiments: [{ ...experiment, scenarios }], clocks: ['virtual'] } as const;
  assert.is(names(plan).length, 4);
  assert.equal(names({ ...plan, large: false }), [
    'example virtual one seed 1',
    'example virtual one seed 2',
  ]);
});

test('an experiment of one size refuses another', () => {
  const { scaled: _, ...rigid } = experiment;
  assert.throws(() => scenariosOf(rigid, { scale: 0.5 }), /one size only/);
});

test('a cell’s id depends on scenario, seed and code, and on the machine only where time is real', () => {
  const [virtual, other, , , real] = cellsOf(all);
  if (virtual === undefined || other === undefined || real === undefined) throw new Error('there are five');
  const elsewhere = { ...setting, cpuModel: 'other' };
  const ids = [
    cellId(virtual, setting),
    cellId(other, setting),
    cellId({ ...virtual, seed: 3 }, setting),
    cellId(virtual, { ...setting, code: 'changed' }),
    cellId(real, setting),
    cellId(real, elsewhere),
  ];
  assert.is(new Set(ids).size, ids.length);
  assert.is(cellId(virtual, setting), cellId(virtual, elsewhere));
});

test('the command of a cell says all that was chosen', () => {
  const [cell] = cellsOf({ ...all, choices: { scale: 0.5 } });
  if (cell === undefined) throw new Error('there is one');
  const { command } = provenanceOf(cell, setting, { startedAt: '', wallSeconds: 1 });
  assert.is(command, 'npx lab run example --scale 0.5 --clock virtual --only part-0.5 --seed 1');
  const [one, two] = experiment.scenarios as [Scenario, Scenario, Scenario];
  assert.is(
    commandFor(experiment, [one, two], { input: 'a.tsv' }),
    'npx lab run example --input a.tsv --clock real --only one one',
  );
});

const parametersOf = (experiment: Experiment, id: string) => {
  const cell = cellsOf({ ...all, experiments: [experiment], only: [id], seeds: 1 })[0];
  if (cell === undefined) throw new Error(`there is no ${id}`);
  return provenanceOf(cell, setting, { startedAt: '', wallSeconds: 1 }).parameters;
};

test('a wait that all frameworks have is told once', () => {
  const parameters = parametersOf(locality, 'wait-1s');
  assert.equal(
    Object.entries(parameters).filter(([name]) => name.startsWith('locality wait')),
    [['locality wait (s)', 1]],
  );
});

test('what slaves have is told as they have it', () => {
  const perSlave = (id: string) =>
    Object.keys(parametersOf(drf, id)).filter((name) => name.includes('per slave'));
  assert.equal(perSlave('slots-3'), ['slots per slave']);
  assert.equal(perSlave('drf'), ['CPUs per slave', 'memory per slave (MiB)']);
});

test('a cell that measures this machine has its memory for itself: the processes of those in virtual time are gone', async () => {
  const before = await childrenOf(process.pid);
  const out = mkdtempSync(join(tmpdir(), 'campaign-'));
  const stopping = new AbortController();
  const told: string[] = [];
  let left: readonly number[] | undefined;
  const measures: Scenario = {
    ...{ kind: 'trial', id: 'example', label: '', clock: 'real', seeds: 1, parameters: {} },
    run: async () => {
      left = await childrenOf(process.pid);
      // There is no report on what is no experiment of the house.
      stopping.abort();
      return { values: {} };
    },
  };
  await runCampaign({
    ...{ ...all, experiments: [drf, { ...experiment, scenarios: [measures] }], seeds: 1, only: ['example'] },
    ...{ out, fresh: true, stopping: stopping.signal },
    display: {
      expect() {},
      start: (name) => ({ report() {}, end: () => told.push(name), stop() {} }),
      log() {},
      close() {},
    },
  }).finally(() => rmSync(out, { recursive: true }));
  assert.equal(told, ['drf virtual example seed 1', 'example real example seed 1']);
  assert.equal(
    left?.filter((pid) => !before.includes(pid)),
    [],
  );
});

test('what is stored is not run again, unless it is damaged, or its history is wanted and not there', async () => {
  const out = mkdtempSync(join(tmpdir(), 'campaign-'));
  const plan = { ...all, experiments: [drf], clocks: ['virtual'], only: ['example'], seeds: 1 } as const;
  const [cell] = cellsOf(plan);
  if (cell === undefined) throw new Error('there is one');
  const result = join(out, 'cells', cellId(cell, lookAround()), 'result.json');
  const history = join(dirname(result), 'history.ndjson');
  const ranAgain = async (keepHistories: boolean): Promise<boolean> => {
    const told: string[] = [];
    const display = {
      ...{ expect() {}, log() {}, close() {} },
      start: () => ({ report() {}, stop() {}, end: (text: string) => void told.push(text) }),
    };
    await runCampaign({
      ...{ ...plan, out, fresh: false, keepHistories, display, stopping: new AbortController().signal },
    });
    return told[0] !== 'was run before';
  };
  try {
    assert.is(await ranAgain(false), true);
    assert.is(await ranAgain(false), false);
    assert.is(existsSync(history), false);
    assert.is(await ranAgain(true), true);
    assert.is(existsSync(history), true);
    assert.is(await ranAgain(true), false);
    writeFileSync(result, '{"state":"completed"}');
    assert.is(await ranAgain(false), true);
  } finally {
    rmSync(out, { recursive: true });
  }
});

test('when a result cannot be kept the whole campaign ends: no cell goes on, and none begins', async () => {
  const before = await childrenOf(process.pid);
  const out = mkdtempSync(join(tmpdir(), 'campaign-'));
  const plan = { ...all, experiments: [drf], clocks: ['virtual'], seeds: 1 } as const;
  const [first] = cellsOf(plan);
  if (first === undefined) throw new Error('there is one');
  mkdirSync(join(out, 'cells'));
  writeFileSync(join(out, 'cells', cellId(first, lookAround())), 'in the way');
  const running = new Set<string>();
  const ends: string[] = [];
  const error = await runCampaign({
    ...{ ...plan, out, fresh: true, stopping: new AbortController().signal },
    display: {
      expect() {},
      start(name) {
        running.add(name);
        const end = (result: string): void => {
          running.delete(name);
          ends.push(result);
        };
        return { report() {}, end, stop: () => void running.delete(name) };
      },
      log() {},
      close() {},
    },
  })
    .catch((thrown: NodeJS.ErrnoException) => thrown)
    .finally(() => rmSync(out, { recursive: true }));
  assert.match(String(error), /EEXIST/);
  assert.equal([...running], [cellName(first)]);
  assert.equal(ends, []);
  assert.equal(
    (await childrenOf(process.pid)).filter((pid) => !before.includes(pid)),
    [],
  );
});

test.run();
