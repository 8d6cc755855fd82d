/** Real MPIs: those of Debian, their daemons started by ranks. Skipped where they are not installed, but not in CI. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isAlive, until } from '../../mesos/isolation/testContainers.ts';
import type { Communicator } from './communicator.ts';
import { findProgram, Processes } from './processes.ts';
import type { MpiProgram } from './program.ts';
import { type Found, type RealProgram, runProgram } from './runProgram.ts';
import { tachyonArguments } from './tachyon.ts';
import { onRanks } from './testRanks.ts';

interface World {
  folder: string;
  /** Runs a program on so many slots of this machine; what rank 0 says, or the sentence with which it fails. */
  run(size: number, program: RealProgram): Promise<Found | string>;
  /** Lines that all ranks have written so far, when there are so many. */
  lines(count: number): Promise<readonly string[]>;
}

const test = suite<World>('a real MPI on the slots of a gang');

test.before.each((world) => {
  const folder = mkdtempSync(join(tmpdir(), 'mpi-run-'));
  world.folder = folder;
  world.run = (size, program) =>
    onRanks(size, async (ranks) => {
      const processes = new Processes();
      try {
        return await work(ranks, program, processes, mkdtempSync(join(folder, `slot${ranks.rank}-`)));
      } catch (error) {
        ranks.abort(error as Error);
        throw error;
      } finally {
        processes.close();
      }
    }).then(
      ([found]) => found ?? 'nothing',
      (error) => error.message,
    );
  world.lines = async (count) => {
    for (;;) {
      const text = await promisify(execFile)('sh', ['-c', 'cat "$0"/said-* 2>/dev/null || true', folder]);
      const found = text.stdout.split('\n').slice(0, -1);
      if (found.length >= count) return found;
    }
  };
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

async function work(
  ranks: Communicator,
  program: RealProgram,
  processes: Processes,
  folder: string,
): Promise<Found | undefined> {
  const hosts = Array.from({ length: ranks.size }, () => '127.0.0.1');
  const now = () => performance.now();
  const found = await runProgram(ranks, program, { jobId: 'job', hosts, folder, processes, now });
  await ranks.barrier();
  return found;
}

/** A test that needs programs of Debian's. */
function real(name: string, programs: readonly string[], run: (world: World) => Promise<void>): void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0 || process.env.CI !== undefined) test(name, run);
  else test.skip(`${name} (no ${missing.join(', ')})`, run);
}

type Other = Extract<MpiProgram, { type: 'mpich' | 'openmpi' }>;
const MPIS = [
  { type: 'mpich', mpiexec: 'mpiexec.hydra', daemon: 'hydra_pmi_proxy', rank: '$PMI_RANK' },
  { type: 'openmpi', mpiexec: 'mpiexec.openmpi', daemon: 'orted', rank: '$OMPI_COMM_WORLD_RANK' },
] as const;

const sh = (type: Other['type'], script: string, more: Partial<Other> = {}): Other => ({
  type,
  program: 'sh',
  arguments: ['-c', script, ...(more.arguments ?? [])],
  environment: more.environment ?? {},
});

const tailOf = (found: Found | string): readonly string[] =>
  typeof found === 'string' || !('tail' in found)
    ? [JSON.stringify(found)]
    : found.tail.trim().split('\n').sort();

async function gone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isAlive));
}

for (const { type, mpiexec, daemon, rank } of MPIS) {
  real(
    `${type}: every rank runs in the sandbox of its slot, and no shell reads what it is given`,
    [mpiexec],
    async ({ run, folder }) => {
      const script = `echo ${rank} $(basename $PWD | cut -c 1-5) $(basename $MESOS_SANDBOX | cut -c 1-5) "$COLOUR" "$0"`;
      const environment = { COLOUR: 'a;b $(id)' };
      const found = await run(3, sh(type, script, { arguments: ['* "x"'], environment }));
      const line = (n: number) => `${n} slot${n} slot${n} a;b $(id) * "x"`;
      assert.equal(tailOf(found), [line(0), line(1), line(2)]);
      writeFileSync(join(folder, 'here'), '#!/bin/sh\npwd\n', { mode: 0o755 });
      const here = { ...sh(type, ''), program: './here', workingDirectory: folder };
      assert.equal(tailOf(await run(2, here)), [folder, folder]);
    },
  );

  real(
    `${type}: a rank that ends with an error fails the job, with its last words`,
    [mpiexec],
    async ({ run }) => {
      const told = await run(2, sh(type, `[ ${rank} = 0 ] || { echo out of luck >&2; exit 3; }`));
      assert.match(
        String(told),
        new RegExp(
          `^(rank \\d at .* gave up: )?(${mpiexec}|the ${daemon} of rank \\d) ended with exit code \\d+`,
        ),
      );
    },
  );

  for (const [what, victim] of [
    ['a rank', (_parent: number, pid: number) => pid],
    ['a daemon', (parent: number) => parent],
  ] as const)
    real(
      `${type}: when ${what} is killed, the job fails and nothing of it goes on`,
      [mpiexec],
      async (world) => {
        const { folder, run, lines } = world;
        const script = `echo ${rank} $PPID $$ > ${folder}/said-$$; exec sleep 1000`;
        const running = run(3, sh(type, script));
        const said = (await lines(3)).map((line) => line.split(' ').map(Number));
        const [, parent = 0, pid = 0] = said.find(([n]) => n === 1) ?? [];
        process.kill(victim(parent, pid), 'SIGKILL');
        assert.match(
          String(await running),
          new RegExp(
            `^((rank \\d at .* gave up: )?(${mpiexec}|the ${daemon} of rank \\d) (ended with exit code \\d+|was ended by SIGKILL))`,
          ),
        );
        await gone(said.flatMap(([, daemonPid = 0, rankPid = 0]) => [daemonPid, rankPid]));
      },
    );

  test(`${type}: where it is not installed, one is told which package has it`, async ({ run, folder }) => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      const remedy = `install it there \\(Debian: apt-get install ${type === 'mpich' ? 'mpich' : 'openmpi-bin'}\\)$`;
      assert.match(
        String(await run(2, sh(type, 'true'))),
        new RegExp(`there is no ${daemon} where rank \\d runs: ${remedy}`),
      );
    } finally {
      process.env.PATH = path;
    }
  });
}

real('a colon alone, which mpiexec takes for its own, is refused', ['mpiexec.hydra'], async ({ run }) => {
  const told = await run(1, { type: 'mpich', program: 'echo', arguments: [':'], environment: {} });
  assert.is(told, "an argument ':' would end the command for mpiexec.hydra");
});

const TACHYON = { type: 'tachyon', width: 160, height: 120, samples: 0, picture: 'picture.ppm' } as const;

real(
  'Tachyon draws the same picture as under a plain mpiexec',
  ['mpiexec.hydra', 'tachyon'],
  async (world) => {
    const { run, folder } = world;
    const found = await run(4, { ...TACHYON, scene: { type: 'random', seed: 1, spheres: 20, triangles: 5 } });
    if (typeof found === 'string' || found.type !== 'tachyon') throw new Error(JSON.stringify(found));
    const scene = found.picture.replace(/picture\.ppm$/, 'scene.dat');
    const plain = join(folder, 'plain.ppm');
    const given = ['-launcher', 'fork', '-n', '2', 'tachyon', ...tachyonArguments(TACHYON, scene, plain)];
    await promisify(execFile)('mpiexec.hydra', given);
    const bytes = readFileSync(plain);
    assert.is(bytes.length, 15 + 3 * 160 * 120);
    assert.is(found.pictureSha256, createHash('sha256').update(bytes).digest('hex'));
    assert.is(found.pictureSha256, createHash('sha256').update(readFileSync(found.picture)).digest('hex'));
    assert.ok(found.wallSeconds >= found.rayTracingSeconds);
  },
);

real(
  'a scene that Tachyon cannot read fails with its own words',
  ['mpiexec.hydra', 'tachyon'],
  async ({ run }) => {
    const told = await run(2, { ...TACHYON, scene: '/no/such/scene.dat' });
    assert.match(
      String(told),
      /^(rank 0 at \S+ gave up: )?tachyon has failed: Parser failed due to nonexistent input file: \/no\/such\/scene\.dat$/,
    );
  },
);

real(
  'High-Performance LINPACK runs on a grid, and its residual passes',
  ['mpiexec.openmpi', 'hpcc'],
  async ({ run }) => {
    const found = await run(2, { type: 'hpl', n: 100, nb: 16, p: 1, q: 2 });
    if (typeof found === 'string' || found.type !== 'hpl') throw new Error(JSON.stringify(found));
    assert.ok(found.residual > 0 && found.residual < 16);
    assert.ok(found.gflops > 0 && found.wallSeconds >= found.solveSeconds);
  },
);

test.run();
