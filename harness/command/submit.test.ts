/** `lab cluster` and `lab submit` as their users type them: real processes on this machine, real text, exact results. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import type { Dfs } from '../../frameworks/dfs/dfs.ts';
import { openDfs } from '../../frameworks/dfs/openDfs.ts';
import { runReference } from '../../frameworks/hadoop/reference.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../infra/machine.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { processes, startVariable } from '../../mesos/isolation/processTable.ts';
import { findCorpus, readBlocks } from '../../workloads/corpus.ts';
import { realClock } from './realClock.ts';
import { assertRefused } from './testRefusal.ts';

interface Context {
  readonly folder: string;
  readonly machines: Machines;
  readonly head: Machine;
  readonly cluster: RunningProcess;
  /** The cluster's own folder. */
  readonly own: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The cluster's block store. */
  readonly dfs: Dfs;
  /** Folder with the text, and the text. */
  readonly input: string;
  readonly text: Buffer;
}

const test = suite<Context>('lab submit');

const PARTS = 3;

test.before(async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-submit-'));
  const machines = await localMachines(join(folder, 'machines'), ['head']);
  const head = machines.machines[0] as Machine;
  const own = join(folder, 'cluster');
  const environment = { XDG_STATE_HOME: join(folder, 'state'), MESOS_LAB_CLUSTER: own };
  const input = join(folder, 'mail');
  mkdirSync(input);
  const text: Buffer[] = [];
  for await (const block of readBlocks(await findCorpus(), { blockBytes: 1 << 20, blocks: 4 })) {
    // The last line of a file need not end.
    const lines = Buffer.concat([block, Buffer.from('the last')]);
    writeFileSync(join(input, `${text.length}.txt`), lines);
    text.push(lines, Buffer.from('\n'));
  }
  writeFileSync(join(input, '_left-out'), 'no\n');
  const cluster = await head.start({
    name: 'cluster',
    program: LAB,
    arguments: ['cluster', '--slaves', '3', '--port', '0', '--folder', own, '--replication', '2'],
  });
  Object.assign(context, { folder, machines, head, cluster, own, environment, input });
  Object.assign(context, { text: Buffer.concat(text) });
  await cluster.waitForLine(/^ {2}\S+\/harness\/lab jobs$/);
  const { namenode, dfsSecretFile } = JSON.parse(readFileSync(join(own, 'cluster.json'), 'utf8'));
  const secret = readFileSync(dfsSecretFile, 'utf8').trim();
  Object.assign(context, { dfs: openDfs({ url: namenode, secret, clock: realClock() }) });
});
test.after(async ({ folder, machines, dfs }) => {
  dfs?.close();
  await machines?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** `lab`, as its user types it. */
async function lab({ environment }: Context, ...args: string[]) {
  const env = { ...process.env, ...environment };
  return $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'], env })`${LAB} ${args}`;
}

/** The same as a process that can be watched. */
const start = ({ head, environment }: Context, name: string, ...args: string[]): Promise<RunningProcess> =>
  head.start({ name, program: LAB, arguments: args, environment });

/** All lines of an output, in the order of its parts. */
function linesOf(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('part-'));
  return names.sort().flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1));
}

async function counted({ text }: Context): Promise<readonly string[]> {
  const parts = await runReference({ type: 'wordcount' }, [text], PARTS);
  return parts.flatMap(({ bytes }) => bytes.toString('utf8').split('\n').slice(0, -1));
}

/** What tasks have left on the nodes. */
function leftOn({ own }: Context): readonly string[] {
  const nodes = readdirSync(join(own, 'machines')).filter((name) => name.startsWith('slave'));
  return nodes.flatMap((node) =>
    ['intermediate', 'unfinished', 'output'].flatMap((name) => {
      const folder = join(own, 'machines', node, 'work', 'files', name);
      return existsSync(folder) ? readdirSync(folder) : [];
    }),
  );
}

async function assertNothingLeft(context: Context): Promise<void> {
  assert.equal(leftOn(context), []);
  const stored = (await context.dfs.list('/')).map(({ path }) => path);
  assert.not(stored.includes('/tmp'), `${stored}`);
}

test('words of a folder are counted, and the output is as Hadoop writes it', async (context) => {
  const output = join(context.folder, 'counts');
  const { exitCode, stdout, stderr } = await lab(
    context,
    ...['submit', 'hadoop', 'wordcount', '--input', context.input, '--output', output],
    ...['--reduces', `${PARTS}`, '--block_size', '512KiB', '--json'],
  );
  assert.is(exitCode, 0, stderr);
  assert.equal(readdirSync(output).sort(), ['_SUCCESS', ...[0, 1, 2].map((part) => `part-r-0000${part}`)]);
  assert.equal(linesOf(output), await counted(context));
  const { job, parts } = JSON.parse(stdout);
  assert.is(job.counters.mapInputBytes, context.text.length - 1);
  assert.is(parts.length, PARTS);
  await assertNothingLeft(context);
});

test('in the block store too, --overwrite replaces the output of an earlier job, and nothing else', async (context) => {
  const { dfs, environment } = context;
  const text = readFileSync(join(context.input, '0.txt'));
  await dfs.write('/precious/0.txt', [text]);
  const grep = [
    'submit',
    'hadoop',
    'grep',
    'Subject: ',
    '--input',
    'dfs:/precious',
    '--overwrite',
    '--output',
  ];
  for (const [output, why] of [
    ['dfs:/precious', /dfs:\/precious is not the output of a job/],
    ['dfs:/', /dfs:\/ is not the output of a job/],
    ['dfs:/precious/0.txt', /dfs:\/precious\/0\.txt is there already, and is no folder/],
  ] as const)
    await assertRefused([...grep, output], 1, why, environment);
  assert.ok(Buffer.concat(await Array.fromAsync(dfs.read('/precious/0.txt'))).equals(text));
  await dfs.remove('/precious', { recursive: true });
  await assertNothingLeft(context);
});

test('what is in the block store is searched there, and stays there', async (context) => {
  const { dfs, input, environment } = context;
  const text = readFileSync(join(input, '0.txt'), 'utf8');
  await dfs.write('/mail/0.txt', [Buffer.from(text)]);
  const grep = ['submit', 'hadoop', 'grep', 'Subject: ', '--input', 'dfs:/mail', '--output', 'dfs:/subjects'];
  assert.match((await lab(context, ...grep)).stdout, /^dfs:\/subjects: 1 part, /);
  await assertRefused(grep, 1, /the output dfs:\/subjects is there already: give --overwrite/, environment);
  assert.is((await lab(context, ...grep, '--overwrite')).exitCode, 0);
  const parts = (await dfs.list('/subjects')).filter(({ path }) => path.includes('/part-'));
  const found = await Promise.all(parts.map(({ path }) => Array.fromAsync(dfs.read(path))));
  assert.equal(
    Buffer.concat(found.flat()).toString().split('\n').slice(0, -1),
    text.split('\n').filter((line) => line.includes('Subject: ')),
  );
  await assertNothingLeft(context);
});

test('ranks that compute together say what they found, and a job that runs is seen by others', async (context) => {
  const running = await start(
    context,
    'mpi',
    'submit',
    'mpi',
    'poisson',
    '-n',
    '3',
    '--grid',
    '64',
    '--repeats',
    '200',
  );
  await running.waitForLine(/ running$/);
  const [list] = JSON.parse((await lab(context, 'jobs', '--json')).stdout);
  assert.is(list.jobs[0].kind, 'poisson');
  assert.is(list.jobs[0].tasks.total, 3);
  assert.is((await lab(context, 'jobs', 'delete', list.jobs[0].id)).exitCode, 0);
  assert.is((await running.exited).code, 2);
  assert.match(running.lastLines().join('\n'), /lab: job poisson-\w+ was deleted$/m);
  const picture = join(context.folder, 'picture.ppm');
  const { stdout } = await lab(
    context,
    ...[
      'submit',
      'mpi',
      'raytrace',
      '-n',
      '2',
      '--width',
      '64',
      '--height',
      '48',
      '--output',
      picture,
      '--json',
    ],
  );
  const { pictureSha256 } = JSON.parse(stdout).job.result;
  assert.is(createHash('sha256').update(readFileSync(picture)).digest('hex'), pictureSha256);
  const failing = await lab(context, 'submit', 'mpi', 'command', 'sh', '--', '-c', 'echo last words; exit 3');
  assert.match(failing.stdout, /^last words$/m);
  assert.match(failing.stderr, /ended with exit code 3$/m);
  assert.is(failing.exitCode, 2);
});

test('the same text, by a queue that runs already, by Spark and by Dryad', async (context) => {
  const { folder, input, text } = context;
  const queue = await start(context, 'queue', 'framework', 'hadoop', '--serve', '--quiet');
  await queue.waitForLine(/^jobs at /);
  const output = join(folder, 'queued');
  const args = ['--input', input, '--output', output, '--reduces', `${PARTS}`];
  const queued = await lab(context, 'submit', 'hadoop', 'wordcount', ...args, '--queue', 'hadoop');
  assert.is(queued.exitCode, 0, queued.stderr);
  assert.equal(linesOf(output), await counted(context));
  queue.signal('SIGTERM');
  const spark = await lab(
    context,
    'submit',
    'spark',
    'wordcount',
    '--input',
    input,
    '--arg',
    'top=1',
    '--json',
  );
  const words =
    text
      .toString('utf8')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  assert.is(JSON.parse(spark.stdout).result.different, new Set(words).size, spark.stderr);
  const without = await lab(context, 'submit', 'spark', 'wordcount');
  assert.is(without.exitCode, 1);
  assert.is(without.stderr, "lab: the application needs 'input': give --input\n");
  const graph = join(folder, 'sort.json');
  const all = {
    id: 'all',
    program: { type: 'merge' },
    inputs: [{ stage: 'lines', connect: 'complete' }],
    vertices: 1,
  };
  writeFileSync(graph, JSON.stringify({ stages: [{ id: 'lines', program: { type: 'lines' } }, all] }));
  const sorted = join(folder, 'sorted');
  const dryad = await lab(context, 'submit', 'dryad', graph, '--input', `lines=${graph}`, '--output', sorted);
  assert.is(dryad.exitCode, 0, dryad.stderr);
  assert.equal(linesOf(sorted), readFileSync(graph, 'utf8').split('\n'));
  await queue.exited;
});

test('an executor and a slave are killed, and the result is exact all the same', async (context) => {
  const output = join(context.folder, 'under-fire');
  const running = await start(
    context,
    ...(['fire', 'submit', 'hadoop', 'wordcount', '--input', context.input, '--output', output] as const),
    ...['--reduces', `${PARTS}`, '--block_size', '128KiB'],
  );
  await running.waitForLine(/ [1-9]\d* of \d+ tasks, [1-9]\d* running$/);
  const executors = pidsOf(
    ({ pid }) => startVariable(pid, 'MESOS_SANDBOX')?.startsWith(context.own) ?? false,
  );
  assert.ok(executors.length > 0);
  process.kill(executors[0] as number, 'SIGKILL');
  const work = join(context.own, 'machines', 'slave3', 'work', 'slave');
  const [slave] = pidsOf(({ pid }) => commandLine(pid).includes(work));
  process.kill(slave as number, 'SIGKILL');
  assert.is((await running.exited).code, 0, running.lastLines().join('\n'));
  assert.equal(linesOf(output), await counted(context));
  await context.cluster.waitForLine(/slave-slave3 was ended by SIGKILL/);
});

test('Ctrl-C ends the framework, and leaves nothing', async (context) => {
  const output = join(context.folder, 'interrupted');
  const running = await start(
    context,
    ...(['ctrl-c', 'submit', 'hadoop', 'wordcount', '--input', context.input, '--output', output] as const),
    ...['--block_size', '128KiB'],
  );
  await running.waitForLine(/ running$/);
  running.signal('SIGINT');
  assert.is((await running.exited).code, 130);
  assert.is(running.lastLines().at(-1), 'lab: interrupted');
  assert.not(existsSync(output));
  assert.match((await lab(context, 'jobs')).stdout, /^no jobs$/m);
  await assertNothingLeft(context);
});

test('what one that was killed has left, the next one removes', async (context) => {
  const args = ['submit', 'hadoop', 'wordcount', '--input', context.input, '--block_size', '128KiB'];
  const killed = await start(context, 'killed', ...args, '--output', join(context.folder, 'killed'));
  await killed.waitForLine(/ [1-9]\d* of \d+ tasks, [1-9]\d* running$/);
  process.kill(killed.pid, 'SIGKILL');
  await killed.exited;
  assert.ok(leftOn(context).length > 0);
  const next = await lab(context, ...args, '--output', join(context.folder, 'next'));
  assert.is(next.exitCode, 0, next.stderr);
  await assertNothingLeft(context);
});

test('two at the same time do not know of each other', async (context) => {
  const search = async (pattern: string) => {
    const output = join(context.folder, `two-${pattern}`);
    const args = [
      'submit',
      'hadoop',
      'grep',
      pattern,
      '--input',
      context.input,
      '--output',
      output,
      '--quiet',
    ];
    const { exitCode, stderr } = await lab(context, ...args, '--name', 'the-same');
    assert.is(exitCode, 0, stderr);
    return linesOf(output);
  };
  const found = await Promise.all(['spam', 'ham'].map(search));
  const lines = context.text.toString('latin1').split('\n');
  assert.equal(
    found.map((each) => each.length),
    ['spam', 'ham'].map((pattern) => lines.filter((line) => line.includes(pattern)).length),
  );
});

test('who waits is told why', async (context) => {
  const output = join(context.folder, 'never');
  const running = await start(
    context,
    ...(['waits', 'submit', 'hadoop', 'wordcount', '--input', context.input, '--output', output] as const),
    ...['--cpus', '64', '--patience', '300ms'],
  );
  await running.waitForLine(
    /nothing has run for 0.3 s: a task needs cpus:64;mem:1024 and no slave with a file server is so large/,
  );
  const clock = wallClock();
  running.signal('SIGTERM');
  assert.is((await running.exited).code, 130);
  // Not as long as a scheduler that does not end is waited for.
  assert.ok(clock.stop().wallSeconds < 3);
});

test('who waits for more ranks at a time than there is room for is told so', async (context) => {
  const job = ['submit', 'mpi', 'poisson', '-n', '4', '--per_slave', '1', '--patience', '300ms'];
  const running = await start(context, 'too-many', ...job);
  await running.waitForLine(
    /its 4 ranks run at the same time, each with cpus:1;mem:1024, and the slaves have room for [23], at most 1 on each: /,
  );
  running.signal('SIGTERM');
  assert.is((await running.exited).code, 130);
});

test('who sends such a job to a queue is told so too, with what its server has for a slot', async (context) => {
  const config = join(context.folder, 'queue.json');
  const command = { shell: true, value: 'exec sleep 1000', arguments: [], environment: {} };
  const executor = { name: 'rank', command };
  const slot = { cpus: 0.5, mem: 64 };
  writeFileSync(config, JSON.stringify({ name: 'few', jobs: [], slot, executor, slotsPerSlaveMax: 2 }));
  const queue = await start(context, 'few', 'framework', 'torque', '--serve', '--config', config, '--quiet');
  await queue.waitForLine(/^jobs at /);
  const job = ['submit', 'mpi', 'poisson', '-n', '7', '--queue', 'few', '--patience', '300ms', '--quiet'];
  const running = await start(context, 'too-many-for-few', ...job);
  await running.waitForLine(
    /its 7 ranks run at the same time, each with cpus:0.5;mem:64, and the slaves have room for [46], at most 2 on each: ask for fewer with -n, take a queue with smaller slots, or add slaves$/,
  );
  running.signal('SIGTERM');
  assert.is((await running.exited).code, 130);
  queue.signal('SIGTERM');
  await queue.exited;
});

test('so is who sends a queue a job whose tasks are larger than any slave', async (context) => {
  const config = join(context.folder, 'large.json');
  const command = { shell: true, value: 'exec sleep 1000', arguments: [], environment: {} };
  const executor = { command, resources: { mem: 64 } };
  writeFileSync(config, JSON.stringify({ name: 'large', jobs: [], slot: { cpus: 64 }, executor }));
  const server = ['framework', 'hadoop', '--serve', '--config', config, '--quiet'];
  const queue = await start(context, 'large', ...server);
  await queue.waitForLine(/^jobs at /);
  const job = [
    'hadoop',
    'wordcount',
    '--input',
    context.input,
    '--output',
    join(context.folder, 'too-large'),
  ];
  const where = ['--queue', 'large', '--patience', '300ms', '--quiet'];
  const running = await start(context, 'too-large', 'submit', ...job, ...where);
  await running.waitForLine(
    /nothing has run for 0\.3 s: a task needs cpus:64 beside mem:64 for its executor and no slave with a file server is so large, the largest has cpus:\S+;mem:\d+: take a queue with smaller slots$/,
  );
  running.signal('SIGTERM');
  assert.is((await running.exited).code, 130);
  queue.signal('SIGTERM');
  await queue.exited;
  await assertNothingLeft(context);
});

test('mistakes are told in one sentence, before anything is stored', async (context) => {
  const { folder, input, environment } = context;
  const there = join(folder, 'there');
  mkdirSync(there);
  writeFileSync(join(there, 'thesis.txt'), 'all of it');
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  const hadoop = ['submit', 'hadoop'];
  const count = [...hadoop, 'wordcount', '--output', join(folder, 'none')];
  const cases = [
    [[...count, '--input', '/no/such'], 1, /there is no input: \/no\/such does not exist/],
    [[...count, '--input', join(folder, '*.nothing')], 1, /fits no file/],
    [[...count, '--input', empty], 1, /the input is empty/],
    [[...count, '--input', 'dfs:mail'], 1, /--input must be dfs:\/path or dfs:\/\/HOST:PORT\/path/],
    [[...count, '--input', 'dfs:/no/such'], 1, /\/no\/such/],
    [[...count, '--input', input, '--reduces', '0'], 1, /--reduces must be a whole number from 1/],
    [[...count, '--input', input, '--name', '../x'], 1, /--name must be 1 to 100 letters/],
    [[...count, '--input', input, '--master', '127.0.0.1:1'], 5, /nobody answers/],
    [[...count, '--input', input, '--namenode', '127.0.0.1:1'], 5, /start one with 'lab namenode/],
    [[...count, '--input', input, '--queue', 'nobody'], 1, /no framework 'nobody' runs/],
    [
      [...count, '--input', input, '--queue', 'nobody', '--mem', '64'],
      1,
      /--mem is not for a job that goes to a queue/,
    ],
    [[...hadoop, 'wordcount', '--input', input, '--output', there], 1, /is there already: give --overwrite/],
    [
      [...hadoop, 'wordcount', '--input', input, '--output', there, '--overwrite'],
      1,
      /there is not the output of a job: remove it yourself/,
    ],
    [[...hadoop, 'grep', '', '--input', input, '--output', join(folder, 'none')], 1, /the pattern must be/],
    [[...hadoop, 'join', '--rankings', input, '--output', join(folder, 'none')], 1, /--uservisits/],
    [['submit', 'mpi', 'poisson', '-n', '4', '--grid', '3'], 1, /each rank needs a row/],
    [['submit', 'mpi', 'poisson', '--master', '127.0.0.1:1'], 5, /nobody answers at 127\.0\.0\.1:1/],
    [['submit', 'mpi', 'raytrace', '--output', 'picture.png'], 1, /pictures are PPM: --output must end/],
    [['submit', 'mpi', 'poisson', '--cluster', folder], 1, /no cluster runs in/],
  ] as const;
  for (const [args, exitCode, complaint] of cases)
    await assertRefused(args, exitCode, complaint, environment);
  assert.is(readFileSync(join(there, 'thesis.txt'), 'utf8'), 'all of it');
  await assertNothingLeft(context);
});

test('a cluster that is ended leaves nothing', async ({ cluster, own }) => {
  cluster.signal('SIGINT');
  assert.is((await cluster.exited).code, 0, cluster.lastLines().join('\n'));
  assert.not(existsSync(own));
  assert.equal(
    pidsOf(({ pid }) => commandLine(pid).includes(own)),
    [],
  );
});

function pidsOf(fits: (entry: { readonly pid: number }) => boolean): readonly number[] {
  return processes()
    .filter(fits)
    .map(({ pid }) => pid);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test.run();
