/** Chains of jobs at real work, disturbed: their output is still that of one process, to the byte. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExamples, train } from '../../workloads/logisticRegression.ts';
import { seededUniform } from '../../workloads/random.ts';
import { GREP, GREP_PATTERN, grepTable } from '../../workloads/tables/grep.ts';
import { rankingsTable } from '../../workloads/tables/rankings.ts';
import { DELIMITER } from '../../workloads/tables/table.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import type { Block, Node } from '../files/block.ts';
import { cutBlocks } from '../files/blocks.ts';
import { type FileServer, startFileServer } from '../files/fileServer.ts';
import { storeBlocks } from '../files/testBlocks.ts';
import { type HadoopConfig, type HadoopJob, readHadoopConfig } from './job.ts';
import type { HadoopSummary } from './jobSummary.ts';
import { readLoss, readWeights } from './program/gradientStep.ts';
import { joinQuery, trainingJobs } from './queries.ts';
import { type ReferencePart, runReference, type TaggedText } from './reference.ts';
import { COMMAND } from './testJobs.ts';
import { readPart } from './testParts.ts';
import { type Meddle, runWork } from './testWork.ts';

const SECRET = 'of these tests';
const HOSTS = ['a', 'b', 'c'];
const CPUS = { a: 2, b: 2, c: 2 };
const AT_ONCE = { when: 'at', ms: 0 } as const;

interface Setting {
  dir: string;
  servers: FileServer[];
  nodes: Record<string, Node>;
  /** By the id of the block. */
  texts: Map<string, Buffer>;
  rankings: readonly Block[];
  userVisits: readonly Block[];
}

const test = suite<Setting>('queries');
const uniform = seededUniform('queries');
const random = { uniform, uint32: () => Math.floor(uniform() * 2 ** 32) };

/**
 * Runs a chain of jobs, each after those that it reads from. `textOf` gives the blocks. Resolves to the output of each job, by its id.
 */
async function runReferenceChain(
  jobs: readonly HadoopJob[],
  textOf: (block: Block) => Uint8Array | Promise<Uint8Array>,
): Promise<ReadonlyMap<string, readonly ReferencePart[]>> {
  const outputs = new Map<string, readonly ReferencePart[]>();
  const outputOf = (id: string): readonly ReferencePart[] => {
    const parts = outputs.get(id);
    if (parts === undefined) throw new Error(`Job '${id}' has to come before those that read its output.`);
    return parts;
  };
  for (const { id, program, input, reduces, side = [] } of jobs) {
    async function* texts(): AsyncGenerator<TaggedText, void, void> {
      for (const each of input) {
        const tag = each.tag === undefined ? {} : { tag: each.tag };
        if ('outputOf' in each) for (const { bytes } of outputOf(each.outputOf)) yield { bytes, ...tag };
        else yield { bytes: Buffer.from(await textOf(each)), ...tag };
      }
    }
    const files = side.map((file): [string, Buffer] => [
      file.name,
      'text' in file
        ? Buffer.from(file.text)
        : Buffer.concat(outputOf(file.outputOf).map(({ bytes }) => bytes)),
    ]);
    outputs.set(id, await runReference(program, texts(), reduces, new Map(files)));
  }
  return outputs;
}

async function store(
  { nodes, texts }: Setting,
  name: string,
  table: Iterable<Buffer>,
  blockBytes: number,
): Promise<readonly Block[]> {
  const blocks = await Array.fromAsync(cutBlocks(table, blockBytes));
  const stored = await storeBlocks({ name, blocks, nodes, replication: 2, random, secret: SECRET });
  for (const [at, { id }] of stored.entries()) texts.set(id, blocks[at] as Buffer);
  return stored;
}

test.before(async (context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'mesos-lab-queries-'));
  context.servers = [];
  context.nodes = {};
  context.texts = new Map();
  for (const host of HOSTS) {
    const server = await startFileServer({ dir: join(context.dir, host), secret: SECRET });
    context.servers.push(server);
    context.nodes[host] = { url: server.url, dir: join(context.dir, host) };
  }
  context.rankings = await store(context, 'rankings', rankingsTable({ rows: 2000, seed: 1 }), 50_000);
  const visits = userVisitsTable({ rows: 8000, seed: 1, pages: 2000 });
  context.userVisits = await store(context, 'uservisits', visits, 250_000);
});

test.after(async ({ dir, servers }) => {
  for (const server of servers) await server.close();
  rmSync(dir, { recursive: true });
});

async function run(
  { nodes }: Setting,
  jobs: readonly HadoopJob[],
  meddle?: Meddle,
  more: Partial<HadoopConfig> = {},
): Promise<HadoopSummary> {
  const config = readHadoopConfig({
    name: 'h',
    jobs,
    slot: { cpus: 1 },
    nodes,
    executor: { command: COMMAND },
  });
  const work = runWork({ ...config, ...more }, CPUS, SECRET, meddle);
  const summary = await work.summary;
  work.close();
  for (const job of summary.jobs) assert.is(job.outcome, 'finished', `${job.id}: ${job.message}`);
  return summary;
}

/** Every part of every job is what one process makes of it. */
async function assertExact(
  setting: Setting,
  jobs: readonly HadoopJob[],
  summary: HadoopSummary,
): Promise<void> {
  const wanted = await runReferenceChain(jobs, ({ id }) => setting.texts.get(id) as Buffer);
  const files = { nodes: setting.nodes, space: summary.space, secret: SECRET };
  for (const { id, parts } of summary.jobs) {
    const own = wanted.get(id) ?? [];
    assert.equal(
      parts.map(({ name }) => name),
      own.map(({ name }) => name),
    );
    for (const [at, part] of parts.entries())
      assert.ok(own[at]?.bytes.equals(await readPart(files, id, part)), `${part.name} of ${id}`);
  }
}

/** Does something before the first task whose id begins so. */
function once(begin: string, act: Meddle): Meddle {
  let done = false;
  return (taskId, work) => {
    if (done || !taskId.startsWith(begin)) return 'run';
    done = true;
    return act(taskId, work);
  };
}

const all =
  (...each: readonly Meddle[]): Meddle =>
  (taskId, work) =>
    each.map((meddle) => meddle(taskId, work)).includes('fail') ? 'fail' : 'run';

test('the four queries of the Hive benchmark are exact, and count', async (setting) => {
  const grep = await store(setting, 'grep', grepTable({ rows: 5000, seed: 1, rowsPerMatch: 500 }), 200_000);
  const { rankings, userVisits } = setting;
  const jobs: readonly HadoopJob[] = [
    {
      ...{ id: 'search', kind: 'text search', submission: AT_ONCE, input: grep, reduces: 0 },
      program: {
        type: 'textsearch',
        pattern: GREP_PATTERN,
        within: { delimiter: DELIMITER, field: GREP.field },
      },
    },
    {
      ...{ id: 'select', kind: 'selection', submission: AT_ONCE, input: rankings, reduces: 0 },
      program: { type: 'selection', pageRankAbove: 3 },
    },
    {
      ...{ id: 'sum', kind: 'aggregation', submission: AT_ONCE, input: userVisits, reduces: 3 },
      program: { type: 'aggregation' },
    },
    ...joinQuery({ rankings, userVisits }, { id: 'q', reduces: 3 }),
  ];
  const summary = await run(setting, jobs);
  await assertExact(setting, jobs, summary);
});

test('the join is exact though tasks fail, and map outputs and parts of its steps vanish', async (setting) => {
  const jobs = joinQuery(setting, { id: 'q', reduces: 3, visitedAfter: '1991-01-01', limit: 5 });
  const vanish = (area: string): void => {
    for (const host of ['a', 'c']) rmSync(join(setting.dir, host, area), { recursive: true, force: true });
  };
  const launched: string[] = [];
  const summary = await run(
    setting,
    jobs,
    all(
      (taskId) => {
        launched.push(taskId);
        return 'run';
      },
      once('q-join_m_1_', () => 'fail'),
      once('q-group_r_0_', () => 'fail'),
      once('q-join_r_', () => {
        vanish('intermediate');
        return 'run';
      }),
      once('q-group_m_', () => {
        vanish('output');
        return 'run';
      }),
    ),
    { failuresPerTaskMax: 10, failuresPerNodeMax: 100 },
  );
  await assertExact(setting, jobs, summary);
  const again = (begin: string): number =>
    launched.filter((id) => id.startsWith(begin) && !id.endsWith('_0')).length;
  assert.ok(again('q-join_m') > 1, 'maps of the join ran again');
  assert.ok(again('q-join_r') > 0, 'reduces of the join ran again, after it had ended');
  assert.ok(again('q-group') > 0);
});

test('the join is exact though a slave is lost in its middle, with all that it held', async (setting) => {
  const jobs = joinQuery(setting, { id: 'q', reduces: 3, visitedBefore: '2009-01-01' });
  const summary = await run(
    setting,
    jobs,
    once('q-group_m_1', (_, work) => {
      for (const area of ['intermediate', 'output'])
        rmSync(join(setting.dir, 'b', area), { recursive: true, force: true });
      work.lose('b');
      return 'run';
    }),
  );
  await assertExact(setting, jobs, summary);
  for (const { parts } of summary.jobs) for (const { hosts } of parts) assert.not(hosts.includes('b'));
});

test('training as a chain of jobs finds the bits of the direct computation, also when weights are lost', async (setting) => {
  const dimensions = 3000;
  const lines = Array.from({ length: 300 }, (_, n) => {
    const features = Array.from({ length: 30 }, (_, at) => 1 + at * 99 + Math.floor(uniform() * 99));
    return Buffer.from(
      `${n % 3 === 0 ? 1 : 0} ${features.map((index) => `${index}:${uniform().toFixed(3)}`).join(' ')}\n`,
    );
  });
  const blocks = await store(setting, 'examples', lines, 20_000);
  const training = { dimensions, iterations: 4, rate: 1.5, l2: 0.001 };
  const jobs = trainingJobs(blocks, { id: 'train', reduces: 2, ...training });
  const summary = await run(
    setting,
    jobs,
    once('train-00002_m_', () => {
      for (const host of HOSTS) rmSync(join(setting.dir, host, 'output'), { recursive: true, force: true });
      return 'run';
    }),
    { failuresPerNodeMax: 100, failuresPerTaskMax: 20 },
  );
  const texts = blocks.map(({ id }) => setting.texts.get(id) as Buffer);
  const direct = train(
    texts.map((text) => readExamples(text, dimensions)),
    training,
  );
  const files = { nodes: setting.nodes, space: summary.space, secret: SECRET };
  const last = summary.jobs.at(-1);
  const parts = await Promise.all((last?.parts ?? []).map((part) => readPart(files, last?.id ?? '', part)));
  const output = Buffer.concat(parts);
  assert.equal([...readWeights(output, dimensions)], [...direct.weights]);
  assert.is(readLoss(output), direct.losses.at(-1));
});

test('a side file that is something else says so', async (setting) => {
  const jobs = trainingJobs(setting.rankings, {
    id: 'w',
    reduces: 1,
    dimensions: 10,
    iterations: 2,
    rate: 1,
    l2: 0,
  });
  const large = { ...(jobs[0] as HadoopJob), program: { type: 'sort' } as const };
  const config = readHadoopConfig({
    ...{ name: 'h', slot: { cpus: 1 }, nodes: setting.nodes, executor: { command: COMMAND } },
    jobs: [large, jobs[1]],
  });
  const work = runWork(config, CPUS, SECRET);
  const summary = await work.summary;
  work.close();
  assert.is(summary.jobs[0]?.outcome, 'finished', summary.jobs[0]?.message);
  assert.match(summary.jobs[1]?.message ?? '', /weights have a line 'http:.*, which is none of 10 weights/);
});

test.run();
