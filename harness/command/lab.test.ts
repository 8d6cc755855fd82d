/** The lab command as its users call it: what it says, and with which exit code. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine } from '../../infra/machine.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import type { CellResult } from '../result.ts';
import { assertRefused } from './testRefusal.ts';

const test = suite<{ folder: string }>('the lab command');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-command-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const NODE = join(dirname(LAB), 'node');
const lab = $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });

/** Everything that it may say about a mistake: one line, no stack. */
function assertOneSentence(stderr: string, pattern: RegExp): void {
  const lines = stderr.trim().split('\n');
  assert.is(lines.length, 1, stderr);
  assert.match(lines[0] ?? '', pattern);
}

test('tells what it can do', async () => {
  const { stdout, exitCode } = await lab`${LAB} --help`;
  assert.is(exitCode, 0);
  for (const command of ['run', 'list', 'report', 'doctor', 'master', 'slave', 'framework', 'zookeeper'])
    assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
});

test('tells its version without loading any of its commands', async ({ folder }) => {
  const cache = join(folder, 'cache');
  const { stdout, exitCode } = await $({
    quiet: true,
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  })`${LAB} --version`;
  assert.is(exitCode, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  assert.ok(filesIn(cache) < 30, `${filesIn(cache)} files compiled`);
});

test('what the user has in a variable of his own is no flag of Node', () => {
  for (const command of ['--version', 'slave'])
    assert.is(
      spawnSync(LAB, [command, '--help'], { env: { PATH: process.env.PATH, flags: '--nonsense' } }).status,
      0,
    );
});

test('what it says to the memory of a daemon goes no further, but what the user has said does', () => {
  const environmentAtEnd = `data:text/javascript,${encodeURIComponent(
    'process.on("exit", () => process.stderr.write(JSON.stringify(process.env)))',
  )}`;
  const atEnd = (variables: NodeJS.ProcessEnv, command = 'slave'): readonly string[] => {
    const { stderr } = spawnSync(LAB, [command, '--help'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_OPTIONS: `--import ${environmentAtEnd}`, ...variables },
    });
    return Object.entries(JSON.parse(stderr)).flatMap(([name, value]) =>
      /MALLOC|OWN/.test(name) ? [`${name}=${value}`] : [],
    );
  };
  assert.equal(atEnd({}), []);
  assert.equal(atEnd({}, 'run'), []);
  assert.equal(atEnd({ MALLOC_ARENA_MAX: '2' }), ['MALLOC_ARENA_MAX=2']);
});

test('threads of tasks may collect garbage, which Node has to be told before it starts', () => {
  const tell = `data:text/javascript,${encodeURIComponent('console.error(typeof globalThis.gc)')}`;
  const gc = (framework: string): string =>
    spawnSync(LAB, ['executor', framework, '--help'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_OPTIONS: `--import ${tell}` },
    }).stderr;
  assert.equal([gc('spark'), gc('hadoop')], ['function\n', 'function\n']);
});

test('lists the experiments, for people and for programs', async () => {
  assert.match((await lab`${LAB} list`).stdout, /^macro$/m);
  const rows = JSON.parse((await lab`${LAB} list --json`).stdout);
  assert.is(rows[0].id, 'macro');
});

test('refuses what it does not understand with one sentence and exit code 1', async () => {
  const refused = [
    [['nonsense'], /unknown command 'nonsense'/],
    [['run', 'nonsense'], /no experiment 'nonsense'; there is: macro/],
    [['run', 'mix'], /no experiment 'mix'; it is 'macro' now/],
    [['run', 'macro', '--seed', 'x'], /--seed must be a whole number/],
    [['run', 'macro', '--clock', 'sundial'], /sundial/],
    [['run', 'macro', '--large'], /--large goes with --paper: .* leave it out/],
    [
      ['run', 'recovery', '--only', 'netns-62-10s', '--clock', 'virtual'],
      /nothing of this runs on the clock virtual/,
    ],
    [['run', 'macro', '--out', '/dev/null'], /--out: \/dev\/null is no folder/],
    [['run', 'macro', '--out', ''], /--out is empty: name a folder/],
    [['compare', '.', '.', '--out', '/dev/null'], /--out: \/dev\/null is no folder/],
    [['gate', '--out', '/dev/null'], /--out: \/dev\/null is no folder/],
    [['gate', '--head', 'nowhere'], /'nowhere' is no commit/],
    [['slave'], /--master/],
    [['slave', '--master', 'nowhere'], /--master: masters are named by zk:/],
    [['slave', '--master', 'h:5050', '--resources', 'lots'], /--resources: 'lots' is not a scalar resource/],
    [['slave', '--master', 'h:5050', '--attributes', 'rack'], /--attributes: 'rack' is not NAME:TEXT/],
    [['slave', '--master', 'h:5050', '--isolation', 'magic'], /no module 'magic'/],
    [['master', '--port', '70000'], /--port must be a whole number from 0 to 65535/],
    [['master', '--weights', 'gold'], /'gold' is not ROLE=WEIGHT/],
    [['master', '--offer_timeout', '5'], /--offer_timeout must be a time/],
    [['master', '--secret_file', '/no/such/file'], /secret file \/no\/such\/file cannot be read/],
    [['framework', 'mpi', '--config', '/dev/null'], /either --master HOST:PORT or --slaves N/],
    [['zookeeper', '--servers', '2'], /--servers must be 1, 3 or 5, not '2'/],
    [['executor', 'mpi'], /started by a slave/],
  ] as const;
  for (const [args, complaint] of refused) await assertRefused(args, 1, complaint);
});

test('refuses a malformed configuration of a framework', async ({ folder }) => {
  const config = join(folder, 'config.json');
  for (const [text, complaint] of [
    ['{', /is not JSON/],
    ['{}', /Torque configuration: .*name/],
    ['{"name":"x","jobs":[]}', /Torque configuration: slot/],
  ] as const) {
    writeFileSync(config, text);
    await assertRefused(['framework', 'mpi', '--config', config, '--slaves', '1'], 1, complaint);
  }
});

test('listens to nobody but this machine unless there is a secret', async () => {
  await assertRefused(['master', '--ip', '0.0.0.0', '--port', '0'], 5, /secret/);
});

test('what a daemon has compiled is there for those that start while it runs', async ({ folder }) => {
  const cache = join(folder, 'cache');
  await using machines = await localMachines(join(folder, 'machines'), ['one']);
  const [machine] = machines.machines as [Machine];
  await machine.start({
    name: 'master',
    program: LAB,
    arguments: ['master', '--port', '0', '--quiet'],
    environment: { NODE_COMPILE_CACHE: cache },
  });
  await until(() => filesIn(cache) > 200);
});

const filesIn = (path: string): number =>
  existsSync(path) ? readdirSync(path, { recursive: true }).length : 0;

test('the same seed twice gives histories of the same bytes; what was run before is not run again, and its report can be drawn again', async ({
  folder,
}) => {
  const run = (out: string, ...more: readonly string[]) =>
    lab`${LAB} run macro --clock virtual --only mesos static --scale 0.02 --seed 7 --out ${join(folder, out)} ${more}`;
  const [first, second] = await Promise.all([run('a', '--json'), run('b')]);
  assert.is(first.exitCode, 0, first.stderr);
  assert.match(second.stdout, /[^\n]\n\nReport: .*\n$/);
  const cellsOf = (json: string) => JSON.parse(json).experiments[0].cells;
  const cells = cellsOf(first.stdout);
  const others = cellsOf(readFileSync(join(folder, 'b', 'report.json'), 'utf8'));
  assert.is(cells.length, 2);
  for (const [index, { harness }] of cells.entries()) {
    const other = others[index].harness;
    assert.is(harness.historySha256, other.historySha256);
    const [one, two] = [join(folder, 'a', harness.historyFile), join(folder, 'b', other.historyFile)];
    assert.ok(readFileSync(one).equals(readFileSync(two)));
  }
  const again = await run('a', '--json');
  assert.match(again.stderr, /virtual mesos seed 7: was run before/);
  assert.equal(cellsOf(again.stdout), cells);
  const [stored = ''] = cells.map(({ provenance }: CellResult) =>
    join(folder, 'a', 'cells', provenance.cellId, 'result.json'),
  );
  const { frameworks: _, ...damaged } = JSON.parse(readFileSync(stored, 'utf8'));
  writeFileSync(stored, JSON.stringify(damaged));
  const mended = await run('a', '--json');
  assert.is(mended.exitCode, 0, mended.stderr);
  const warnings = mended.stderr.split('\n').filter((line) => /^lab: /.test(line));
  assert.is(warnings.length, 1, mended.stderr);
  assert.match(
    warnings[0] ?? '',
    /^lab: .*result\.json is damaged \(frameworks: .*\): its cell is run again$/,
  );
  assert.is(JSON.parse(readFileSync(stored, 'utf8')).harness.historySha256, cells[0].harness.historySha256);
  const report = join(folder, 'a', 'report.html');
  const drawn = readFileSync(report);
  rmSync(report);
  const redrawn = await lab`${LAB} report ${join(folder, 'a')}`;
  assert.is(redrawn.exitCode, 0, redrawn.stderr);
  assert.match(redrawn.stdout, /report\.html/);
  assert.ok(readFileSync(report).equals(drawn));
  const data = join(folder, 'a', 'report.json');
  writeFileSync(data, readFileSync(data, 'utf8').replace('"makespanS":', '"makespan":'));
  for (const args of [
    ['report', join(folder, 'a')],
    ['compare', join(folder, 'b'), join(folder, 'a'), '--out', join(folder, 'compared')],
    ['record', join(folder, 'a'), '--records', join(folder, 'records.ndjson')],
  ])
    await assertRefused(
      args,
      1,
      /a\/report\.json is damaged \(experiments\.0\.cells\.0\.makespanS: .*\): run it again/,
    );
});

test('results that cannot be written are told in one sentence', async ({ folder }) => {
  const file = join(folder, 'in-the-way');
  writeFileSync(file, '');
  const { stderr, exitCode } =
    await lab`${LAB} run macro --clock virtual --scale 0.1 --out ${join(file, 'out')}`;
  assert.is(exitCode, 5);
  assertOneSentence(stderr, /results cannot be written/);
});

test('output that a full disk does not take is told, and by the exit code', () => {
  for (const args of [['list'], ['list', '--json'], ['run', '--help']]) {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(LAB, args, { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    assert.is(status, 5, args.join(' '));
    assertOneSentence(stderr, /the output cannot be written: the disk is full/);
  }
});

test('says so where no results are', async ({ folder }) => {
  await assertRefused(
    ['report', folder],
    1,
    /no results in .*: name a folder in which 'lab run' has put a report\.json/,
  );
  mkdirSync(join(folder, 'cells'));
  await assertRefused(['report', folder], 1, /the run has not ended: the same 'lab run' goes on/);
  writeFileSync(join(folder, 'report.json'), '{');
  await assertRefused(['report', folder], 1, /report\.json cannot be read: .*JSON/);
});

test('the doctor tells what the machine can do, also as JSON', async () => {
  const { stdout } = await lab`${LAB} doctor --json`;
  const { findings } = JSON.parse(stdout);
  assert.ok(findings.some(({ id, state }: { id: string; state: string }) => id === 'node' && state === 'ok'));
});

test('finds the tools of administrators for users whose PATH does not lead to them, once', () => {
  // Without a shell between, which may read a profile that changes the path.
  const found = (path: string): string =>
    execFileSync(NODE, ['-p', 'process.env.PATH'], { env: { ...process.env, PATH: path }, encoding: 'utf8' });
  const path = found('/usr/bin:/bin');
  assert.is(path, '/usr/bin:/bin:/usr/sbin:/sbin\n');
  assert.is(found(path.trim()), path);
});

test.run();
