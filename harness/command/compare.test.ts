/** `lab compare` as its users call it, on stored runs. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import { LAB } from '../../infra/local.ts';
import type { ComparisonData } from '../comparison.ts';
import type { ReportData, RunCell } from '../result.ts';
import { assertRefused } from './testRefusal.ts';

const test = suite<{ folder: string }>('lab compare');
const lab = $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });

test.before(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-compare-test-'));
  const out = join(context.folder, 'a');
  const { exitCode, stderr } =
    await lab`${LAB} run macro --clock virtual --only mesos --scale 0.02 --seed 7 --out ${out}`;
  assert.is(exitCode, 0, stderr);
});
test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const compare = (folder: string, base: string, head: string) =>
  lab`${LAB} compare ${join(folder, base)} ${join(folder, head)} --json --out ${join(folder, 'compared')}`;

/** The run once more, with a cell that is not what it was. */
function altered(folder: string, name: string, alter: (cell: RunCell) => object): RunCell {
  cpSync(join(folder, 'a'), join(folder, name), { recursive: true });
  const file = join(folder, name, 'report.json');
  const data = JSON.parse(readFileSync(file, 'utf8')) as ReportData;
  const [experiment] = data.experiments;
  const cell = experiment?.cells[0] as RunCell;
  const experiments = [{ ...experiment, cells: [{ ...cell, ...alter(cell) }] }];
  writeFileSync(file, JSON.stringify({ ...data, experiments }));
  return cell;
}

test('a run compared with itself is the same to the bit', async ({ folder }) => {
  const { stdout, stderr, exitCode } = await compare(folder, 'a', 'a');
  assert.is(exitCode, 0, stderr);
  const data = JSON.parse(stdout) as ComparisonData;
  assert.ok(data.figures.length > 10);
  assert.ok(data.figures.every(({ verdict }) => verdict === 'same'));
  assert.equal(JSON.parse(readFileSync(join(folder, 'compared', 'comparison.json'), 'utf8')), data);
});

test('one more offer in a hundred is worse, told by its own exit code and explained by the first event that differs', async ({
  folder,
}) => {
  const { harness } = altered(folder, 'more', (cell) => ({
    offers: { ...cell.offers, sent: Math.ceil((cell.offers?.sent ?? 0) * 1.01) },
    harness: { ...cell.harness, historySha256: 'another' },
  }));
  const history = join(folder, 'more', harness.historyFile ?? '');
  const lines = readFileSync(history, 'utf8').split('\n');
  writeFileSync(history, lines.with(4, '{"event":"another"}').join('\n'));
  const { stdout, exitCode } = await compare(folder, 'a', 'more');
  assert.is(exitCode, 3);
  const figures = (JSON.parse(stdout) as ComparisonData).figures;
  const offers = figures.find(({ id }) => id === 'macro/mesos/offers sent');
  if (offers?.kind !== 'exact') throw new Error('there is no such figure');
  assert.is(offers.verdict, 'worse');
  assert.equal(offers.firstDifference, { seed: 7, line: 5, base: lines[4], head: '{"event":"another"}' });
  assert.equal(
    figures.filter(({ verdict }) => verdict !== 'same').map(({ id }) => id),
    ['macro/mesos/offers sent', 'macro/mesos/all that happened'],
  );
});

test('the same numbers of other events differ, and where no history was kept that is said', async ({
  folder,
}) => {
  const { harness } = altered(folder, 'other', (cell) => ({
    harness: { ...cell.harness, historySha256: 'another' },
  }));
  assert.ok(harness.historyLines > 0);
  const of = async (base: string, head: string) =>
    (JSON.parse((await compare(folder, base, head)).stdout) as ComparisonData).figures.find(
      ({ id }) => id === 'macro/mesos/all that happened',
    );
  assert.is((await of('a', 'other'))?.verdict, 'differs');
  altered(folder, 'old', (cell) => ({ harness: { ...cell.harness, historySha256: null } }));
  const unknown = await of('old', 'a');
  assert.is(unknown?.verdict, 'same');
  assert.match(unknown?.why ?? '', /^as far as is known: of the base no history was kept/);
  const { stdout } =
    await lab`${LAB} compare ${join(folder, 'a')} ${join(folder, 'old')} --out ${join(folder, 'compared')}`;
  assert.match(stdout, /Of 1 scenarios it is the same as far as is known: of the head no history was kept/);
});

test('of stored runs by the clock of the wall, what is 0 somewhere is told and not dropped', async ({
  folder,
}) => {
  for (const [name, lost] of [
    ['wall-a', 0],
    ['wall-b', 3],
  ] as const)
    altered(folder, name, (cell) => ({
      provenance: { ...cell.provenance, clock: 'real' },
      tasks: { ...cell.tasks, lost, failed: 0 },
    }));
  const { stdout } = await compare(folder, 'wall-a', 'wall-b');
  const of = (name: string) =>
    (JSON.parse(stdout) as ComparisonData).figures.find(({ id }) => id === `macro/mesos/real/${name}`);
  assert.is(of('tasks that failed')?.verdict, 'not judged');
  assert.is(of('tasks lost')?.verdict, 'inconclusive');
  assert.match(of('tasks lost')?.why ?? '', /1 of 1 runs of the base and 0 of 1 of the head/);
});

test('fewer offers are better, and nothing to worry about', async ({ folder }) => {
  altered(folder, 'fewer', (cell) => ({ offers: { ...cell.offers, sent: 1 } }));
  const { stdout, exitCode } = await compare(folder, 'a', 'fewer');
  assert.is(exitCode, 0);
  assert.match(stdout, /"verdict":"better"/);
});

test('what was run otherwise is not compared, and it is said why', async ({ folder }) => {
  altered(folder, 'larger', ({ provenance }) => ({
    provenance: { ...provenance, parameters: { ...provenance.parameters, slaves: 1000 } },
  }));
  const { stdout, exitCode } = await compare(folder, 'a', 'larger');
  assert.is(exitCode, 4);
  assert.match(
    (JSON.parse(stdout) as ComparisonData).incomparable.join(),
    /macro\/mesos: slaves is \d+ on one side and 1000/,
  );
});

test('a cell that failed fails the comparison', async ({ folder }) => {
  altered(folder, 'failed', () => ({ state: 'failed', cause: 'system', reason: 'nobody knows' }));
  const { stdout, exitCode } = await compare(folder, 'a', 'failed');
  assert.is(exitCode, 2);
  assert.match(stdout, /seed 7: nobody knows/);
});

test('what is of another version or damaged is refused by its name', async ({ folder }) => {
  altered(folder, 'damaged', () => ({ provenance: undefined }));
  const damaged = await compare(folder, 'a', 'damaged');
  assert.is(damaged.exitCode, 1);
  assert.match(damaged.stderr, /damaged\/report\.json is damaged \(experiments\.0\.cells\.0\.provenance: /);
  const file = join(folder, 'damaged', 'report.json');
  writeFileSync(file, JSON.stringify({ schemaVersion: 3, experiments: [] }));
  const newer = await compare(folder, 'a', 'damaged');
  assert.is(newer.exitCode, 1);
  assert.match(newer.stderr, /damaged\/report\.json is no result of this version of lab/);
});

test('refuses what it does not understand with one sentence and exit code 1', async ({ folder }) => {
  const a = join(folder, 'a');
  const refused = [
    [['no-such-commit', '.'], /'no-such-commit' is no commit, and no folder with a report\.json/],
    [[a, '.'], /one side is a stored run and the other is code/],
    [[a, 'no-such-folder'], /'no-such-folder' is no commit, and no folder with a report\.json/],
    [['.', '.', '--bench', 'nonsense'], /no benchmark 'nonsense'/],
    [['.', '.', '--experiments', 'nonsense'], /no experiment 'nonsense'/],
    [
      ['.', '.', '--experiments', 'overhead'],
      /no scenario of the experiment 'overhead' runs in virtual time/,
    ],
    [
      ['.', '.', '--bench', 'launch', '--only', 'mesos'],
      /--only chooses among the scenarios of --experiments/,
    ],
    [
      ['.', '.', '--experiments', 'macro', '--only', 'mesos', 'nonsense'],
      /no scenario 'nonsense' in virtual time; there is: mesos/,
    ],
    [['.', '.', '--budget', 'soon'], /--budget must be a time such as 90s/],
    [[a, a, '--bench', 'launch'], /stored runs are compared as they are/],
  ] as const;
  for (const [args, complaint] of refused)
    await assertRefused(['compare', ...args, '--out', join(folder, 'refused')], 1, complaint);
});

test.run();
