/** Job servers and `lab jobs`, with real processes: a master, and a JobTracker that waits for jobs. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { $ } from 'zx';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import { LAB, localMachines } from '../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../infra/machine.ts';
import { type JobServerError, jobClient } from '../jobs/jobClient.ts';
import { ownKey } from '../jobs/jobKey.ts';
import { type TestCluster, testCluster } from './testCluster.ts';

interface Context {
  readonly cluster: TestCluster;
  readonly machines: Machines;
  readonly environment: Readonly<Record<string, string>>;
  readonly queue: RunningProcess;
  readonly url: URL;
}

const test = suite<Context>('job servers');

const CONFIG = {
  name: 'queue',
  jobs: [],
  executor: { command: { shell: true, value: 'exec sleep 1000', arguments: [], environment: {} } },
};

const job = (id: string) => ({
  id,
  kind: 'wordcount',
  submission: { when: 'at', ms: 0 },
  input: [{ id: 'block', bytes: 1, hosts: ['nobody'] }],
  reduces: 2,
  program: { type: 'wordcount' },
});

test.before(async (context) => {
  const cluster = await testCluster();
  const machines = await localMachines(join(cluster.folder, 'machines'), ['head']);
  const head = machines.machines[0] as Machine;
  const environment = { XDG_STATE_HOME: join(cluster.folder, 'state') };
  const config = join(cluster.folder, 'queue.json');
  writeFileSync(config, JSON.stringify(CONFIG));
  const queue = await head.start({
    name: 'queue',
    program: LAB,
    arguments: ['framework', 'hadoop', '--config', config, '--serve', '--master', cluster.master],
    environment,
  });
  const [, url = ''] = await queue.waitForLine(/^jobs at (\S+)$/);
  Object.assign(context, { cluster, machines, environment, queue, url: new URL(url) });
});
test.after(async ({ cluster, machines }) => {
  await machines?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

const client = ({ environment, url }: Context) => jobClient(url, keyIn(environment.XDG_STATE_HOME));
const keyIn = (state = ''): string => ownKey(join(state, 'mesos-lab', 'jobs_key'));

/** `lab jobs`, as its user types it. */
async function jobs({ cluster, environment }: Context, ...args: string[]) {
  const env = { ...process.env, ...environment };
  const own = $({ nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  return own`${LAB} jobs ${args} --master ${cluster.master}`;
}

async function refusal(work: Promise<unknown>): Promise<JobServerError> {
  return work.then(
    () => assert.unreachable('it was not refused'),
    (error: JobServerError) => error,
  ) as Promise<JobServerError>;
}

test('a job is sent, seen, held, released and deleted', async (context) => {
  const sent = await client(context).submit(job('one'));
  assert.is(sent.id, 'one');
  const list = JSON.parse((await jobs(context, '--json')).stdout);
  assert.equal(
    list.map(({ framework, jobs }: { framework: string; jobs: JobStatus[] }) => [
      framework,
      jobs.map(({ id, tasks }) => [id, tasks.total]),
    ]),
    [['queue', [['one', 3]]]],
  );
  for (const [order, phase] of [
    ['hold', 'held'],
    ['release', 'waiting'],
    ['delete', 'deleted'],
  ] as const) {
    const { exitCode, stdout, stderr } = await jobs(context, order, 'one', '--json');
    assert.is(exitCode, 0, stderr);
    assert.is(JSON.parse(stdout).phase, phase);
  }
  const { stdout } = await jobs(context);
  assert.match(stdout, /^ID +FRAMEWORK +KIND +STATE/);
  assert.match(stdout, /^one +queue +wordcount +deleted +0\/3/m);
  assert.match((await jobs(context, 'show', 'one')).stdout, /^state: +deleted$/m);
});

test('what cannot be done is said in one sentence, with the right exit code', async (context) => {
  await client(context).submit(job('two'));
  for (const [args, exitCode, complaint] of [
    [['show', 'three'], 1, /no framework that runs has a job 'three'/],
    [['delete', 'one'], 1, /'one' has ended already/],
    [['--framework', 'other'], 1, /no framework 'other' runs; there is: queue/],
    [['hold'], 1, /missing required argument 'id'/],
  ] as const) {
    const result = await jobs(context, ...args);
    const { stderr } = result;
    assert.is(result.exitCode, exitCode, args.join(' '));
    assert.match(stderr, complaint);
    assert.is(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('who has another key may look, and nothing else', async ({ url }) => {
  const stranger = jobClient(url, 'another key');
  assert.ok((await stranger.list()).jobs.length > 0);
  for (const order of [stranger.submit(job('bad')), stranger.delete('two'), stranger.hold('two')])
    assert.is((await refusal(order)).status, 401);
  assert.not((await stranger.list()).jobs.some(({ id }) => id === 'bad'));
});

test('what is no job is refused, and the server goes on', async (context) => {
  const own = client(context);
  for (const [sent, status, complaint] of [
    [{ ...job('x'), input: [] }, 400, /input: a job needs at least one block/],
    [{ ...job('x'), id: '../x' }, 400, /id: must be/],
    ['words', 400, /the job/],
    [{ ...job('two') }, 409, /There is a job 'two' already/],
    [{ ...job('x'), submission: { when: 'after', jobId: 'nobody', delayMs: 0 } }, 409, /not known here/],
    [{ ...job('x'), kind: 'k'.repeat(33 << 20) }, 413, /at most/],
  ] as const) {
    const { status: given, message } = await refusal(own.submit(sent));
    assert.is(given, status, message);
    assert.match(message, complaint);
  }
  assert.is((await refusal(own.show('../../etc/passwd'))).status, 404);
  const text = await (await fetch(new URL('jobs', context.url), { method: 'PUT' })).text();
  assert.match(text, /405/);
  assert.match(await (await fetch(context.url)).text(), /^two /m);
});

test('pages of other sites cannot command it', async ({ url }) => {
  const { status } = await fetch(new URL('jobs', url), {
    method: 'POST',
    headers: { origin: 'http://elsewhere.example' },
    body: '{}',
  });
  assert.is(status, 403);
});

test('the key is for its owner only', async ({ environment }) => {
  const file = join(environment.XDG_STATE_HOME ?? '', 'mesos-lab', 'jobs_key');
  assert.is(statSync(file).mode & 0o777, 0o600);
  const open = join(environment.XDG_STATE_HOME ?? '', 'open', 'jobs_key');
  mkdirSync(join(open, '..'));
  writeFileSync(open, readFileSync(file), { mode: 0o644 });
  assert.throws(() => ownKey(open), /nobody else may read it/);
});

test('a server that is told to end leaves no framework', async (context) => {
  context.queue.signal('SIGTERM');
  assert.is((await context.queue.exited).code, 130);
  assert.match((await jobs(context)).stdout, /no jobs/);
});

test.run();
