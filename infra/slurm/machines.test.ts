/** A real Slurm: its nodes are namespaces of this machine. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SlurmAsked } from '../deployments/asked.ts';
import { mendPlaces, placesOf, provision, removeMachines } from '../deployments/provision.ts';
import { LAB } from '../local.ts';
import { connect } from '../nodeDaemon/connect.ts';
import { deploymentKeys } from '../nodeDaemon/keys.ts';
import { startDaemon } from '../nodeDaemon/start.ts';
import type { Place } from '../place.ts';
import { startSlurm, type TestSlurm } from './testSlurm.ts';

interface World {
  /** Of the deployment. */
  folder: string;
}

/** One allocation for all of its tests; the last one ends it. */
const shared = suite<World & { places: readonly [Place, Place] }>('machines of an allocation of Slurm');
const test = suite<World>('machines of kind slurm');
const ASKED: SlurmAsked = {
  kind: 'slurm',
  names: ['head', 'node1'],
  minutes: 5,
};

let slurm: TestSlurm;

function makeFolder(world: World): void {
  world.folder = mkdtempSync(join(tmpdir(), 'slurm-deployment-'));
}
async function removeAll({ folder }: World): Promise<void> {
  await removeMachines(ASKED, folder);
  assert.equal(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
}
shared.before(async (world) => {
  slurm = await startSlurm(2);
  makeFolder(world);
  world.places = (await placesFor(world)) as [Place, Place];
});
shared.after(removeAll);
test.before.each(makeFolder);
test.after.each(removeAll);
test.after(async () => {
  await slurm[Symbol.asyncDispose]();
});

async function placesFor({ folder }: World, asked: Partial<SlurmAsked> = {}): Promise<readonly Place[]> {
  const provisioned = await provision({ ...ASKED, ...asked }, folder);
  return provisioned.flatMap((one) => (one.is === 'there' ? [one.place] : []));
}

/** Runs a script on a place. */
function told({ shell: [program, ...args] }: Place, script: string, input: string | Buffer = '') {
  const { status, stdout, stderr } = spawnSync(program, [...args, script], { input });
  return { status, out: stdout.toString(), err: stderr.toString() };
}

/** Names of the jobs that there are. */
const jobs = (): readonly string[] =>
  execFileSync('squeue', ['--noheader', '--format=%j']).toString().split('\n').filter(Boolean);

/** Waits until a line of shell succeeds. */
function until(line: string): string {
  return execFileSync('timeout', ['60', 'sh', '-c', `until ${line}; do sleep 0.1; done`])
    .toString()
    .trim();
}

shared('each name gets a node, which has its address and a shell', ({ places }) => {
  assert.equal(
    places.map(({ name }) => name),
    ['head', 'node1'],
  );
  assert.equal(
    places.map((place) => told(place, 'hostname').out.trim()),
    slurm.nodes,
  );
  const [head] = places;
  assert.match(told(head, 'ip -4 addr show').out, `inet ${head.ip}/`);
});

shared('a shell passes on what goes in and comes out, and the exit code', ({ places: [place] }) => {
  assert.is(told(place, 'sha256sum', Buffer.alloc(1_000_000)).out, `${MILLION_ZEROES}  -\n`);
  assert.equal(told(place, 'echo out; echo "it is wrong" >&2; exit 7'), {
    status: 7,
    out: 'out\n',
    err: 'it is wrong\n',
  });
});

const MILLION_ZEROES = 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025';

shared('a daemon runs on a node and is reached from here', async ({ places: [place] }) => {
  const keys = await deploymentKeys();
  const record = await startDaemon(place, { keys, lab: LAB });
  await using machine = await connect(record, keys);
  assert.is((await machine.run('hostname')).trim(), slurm.nodes[0]);
  assert.is(await machine.run('sh', '-c', 'env | grep ^SLURM_ || echo none'), 'none\n');
  await machine.shutdown();
  told(place, `rm -rf ${place.folder}`);
});

shared('who provisions again finds the job that there is', async (world) => {
  const { places } = world;
  assert.equal(await placesFor(world), places);
  assert.equal(await placesOf(ASKED, world.folder), places);
  assert.is(jobs().length, 1);
  assert.match(jobs()[0] ?? '', basename(world.folder).slice(0, 30));
});

shared(
  'what a shell leaves running stays until the machines are removed',
  async ({ folder, places: [place] }) => {
    const pid = told(place, 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!').out.trim();
    assert.is(told(place, `kill -0 ${pid}`).status, 0);
    const running = (): boolean => spawnSync('pgrep', ['-f', `^sleep 1000$`]).status === 0;
    assert.ok(running());
    await removeMachines(ASKED, folder);
    assert.not(running());
    assert.equal(jobs(), []);
    assert.equal(
      readdirSync('/tmp').filter((name) => slurm.nodes.some((node) => name === `mesos-slurm-1-${node}`)),
      [],
    );
  },
);

test('of a job that has ended there are no machines, and their shells say so', async (world) => {
  const [place] = (await placesFor(world)) as [Place, Place];
  execFileSync('scancel', [`--name=${jobs()[0]}`]);
  const { status, err } = told(place, 'echo here');
  assert.is.not(status, 0);
  assert.match(err, /the allocation \(job \d+\) is over: it was cancelled\n$/);
  assert.equal(await placesOf(ASKED, world.folder), []);
});

test('in an allocation its nodes are the machines, and it goes on without them', async (world) => {
  const name = 'somebody';
  execFileSync('sbatch', [`--job-name=${name}`, '--nodes=2', '--output=/dev/null', '--wrap=sleep 1000']);
  process.env.SLURM_JOB_ID = until('squeue --noheader --states=RUNNING --format=%i | grep .');
  try {
    const [, place] = (await placesFor(world)) as [Place, Place];
    assert.is(told(place, 'hostname; sleep 1000.5 </dev/null >/dev/null 2>&1 &').out, 'n2\n');
    await removeMachines(ASKED, world.folder);
    assert.is(spawnSync('pgrep', ['-f', '^sleep 1000.5$']).status, 1);
    assert.equal(jobs(), [name]);
    await rejects(
      placesFor(world, { names: ['a', 'b', 'c'] }),
      /^the allocation \(job \d+\) has 2 nodes, and 3 are needed$/,
    );
  } finally {
    delete process.env.SLURM_JOB_ID;
    execFileSync('scancel', [`--name=${name}`]);
    until('[ -z "$(squeue --noheader)" ]');
  }
});

test('who is told to stop while the queue is waited for cancels the job, whose id is written down', async (world) => {
  const name = 'somebody';
  execFileSync('sbatch', [`--job-name=${name}`, '--nodes=2', '--output=/dev/null', '--wrap=sleep 1000']);
  until('squeue --noheader --states=RUNNING --format=%i | grep .');
  try {
    const stopping = new AbortController();
    const provisioned = provision(ASKED, world.folder, stopping.signal);
    provisioned.catch(() => {});
    const journal = join(world.folder, 'slurm.json');
    await promisify(execFile)('timeout', [
      '60',
      'sh',
      '-c',
      `until grep -qs jobId ${journal}; do sleep 0.1; done`,
    ]);
    const { jobId } = JSON.parse(readFileSync(journal, 'utf8'));
    assert.is(until(`squeue --noheader --jobs=${jobId} --format=%T`), 'PENDING');
    stopping.abort(new Error('enough'));
    await rejects(provisioned, 'enough');
    assert.equal(jobs(), [name]);
  } finally {
    execFileSync('scancel', [`--name=${name}`]);
    until('[ -z "$(squeue --noheader)" ]');
  }
});

test('a keeper that was killed is told of at once, and started again when its nodes are asked for again', async (world) => {
  const name = 'somebody';
  execFileSync('sbatch', [`--job-name=${name}`, '--nodes=2', '--output=/dev/null', '--wrap=sleep 1000']);
  process.env.SLURM_JOB_ID = until('squeue --noheader --states=RUNNING --format=%i | grep .');
  try {
    const [, place] = (await placesFor(world)) as [Place, Place];
    const keeper = told(place, 'echo "$MESOS_LAB_KEEPER"').out.trim();
    told(place, `kill -KILL "$(cat '${keeper}/pid')"`);
    assert.match(
      told(place, 'echo here').err,
      /the step that runs scripts on it was killed: 'lab up', as it was said before, starts it again/,
    );
    await placesFor(world);
    assert.is(told(place, 'echo here; echo "$MESOS_LAB_KEEPER"').out, `here\n${keeper}\n`);
  } finally {
    delete process.env.SLURM_JOB_ID;
    execFileSync('scancel', [`--name=${name}`]);
    until('[ -z "$(squeue --noheader)" ]');
  }
});

test('a keeper of a job that was submitted is started again, and what it had left running ends before', async (world) => {
  const [, place] = (await placesFor(world)) as [Place, Place];
  const keeper = told(place, 'sleep 1000.7 </dev/null >/dev/null 2>&1 & echo "$MESOS_LAB_KEEPER"').out.trim();
  const before = jobs();
  told(place, `kill -KILL "$(cat '${keeper}/pid')"`);
  await mendPlaces(ASKED, world.folder);
  assert.is(told(place, 'hostname').out, `${slurm.nodes[1]}\n`);
  assert.is(spawnSync('pgrep', ['-f', '^sleep 1000.7$']).status, 1);
  assert.equal(jobs(), before);
});

const REFUSED: readonly (readonly [what: string, asked: Partial<SlurmAsked>, why: RegExp])[] = [
  [
    'a partition that is not there',
    { partition: 'nope' },
    /^slurm has no partition 'nope'; it has: main, short$/,
  ],
  [
    'more nodes than there are',
    { names: ['a', 'b', 'c'] },
    /^slurm will never give these nodes: the partition has fewer/,
  ],
  [
    'more time than is allowed',
    { partition: 'short' },
    /^slurm will never give these nodes: the partition allows less time/,
  ],
  ['flags that Slurm does not know', { flags: ['--nonsense'] }, /^slurm refuses: .*nonsense/],
];
for (const [what, asked, why] of REFUSED)
  test(`who asks for ${what} is told so, and nothing is left`, async (world) => {
    await rejects(placesFor(world, asked), why);
    await removeMachines(ASKED, world.folder);
    assert.equal(jobs(), []);
  });

test('without Slurm one is told what is missing', async (world) => {
  const { PATH } = process.env;
  process.env.PATH = world.folder;
  try {
    await rejects(placesFor(world), 'there is no sbatch here: machines of kind slurm need Slurm’s commands');
    assert.not(existsSync(join(world.folder, 'slurm.json')));
  } finally {
    process.env.PATH = PATH;
  }
});

async function rejects(work: Promise<unknown>, why: RegExp | string): Promise<void> {
  const { message = 'it did not fail' } = await work.then(
    () => ({}) as { message?: string },
    (error: Error) => error,
  );
  assert.match(message, why);
}

shared.run();
test.run();
