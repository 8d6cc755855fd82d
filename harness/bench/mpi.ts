/**
 * Rigid jobs through Mesos, beside the same without it: Tachyon and High-Performance LINPACK under a plain mpiexec of their own
 * MPI, our ray tracer and solver by a single rank. One after the other in turn, so that both have the same share of the machine.
 * Pictures and solutions must be the same.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hplInput, readHplReport } from '../../frameworks/mpi/hpl.ts';
import { makeWorld } from '../../frameworks/mpi/kernels/world.ts';
import type { MpiProgram, Scene } from '../../frameworks/mpi/program.ts';
import type { RankResult } from '../../frameworks/mpi/result.ts';
import { tachyonArguments } from '../../frameworks/mpi/tachyon.ts';
import { tachyonScene } from '../../frameworks/mpi/tachyonScene.ts';
import { type Measurement, measurement } from './measurement.ts';
import { type MpiCluster, startMpiCluster } from './mpiCluster.ts';

const REPETITIONS = 5;
const RANKS = 4;
/** Of two slots each. */
const SLAVES = 2;
const SCENE: Scene = { type: 'random', seed: 1, spheres: 300, triangles: 100 };
const PICTURE = { width: 1200, height: 900 };
const UNKNOWNS = 1500;

type Result<T extends MpiProgram['type']> = Extract<RankResult, { type: T }>;

/** What a job has found and how long it has taken, its gang held already. Throws if it has failed. */
async function run<T extends RankResult['type']>(
  cluster: MpiCluster,
  ranks: number,
  program: Extract<MpiProgram, { type: T }>,
): Promise<{ readonly result: Result<T>; readonly seconds: number }> {
  const { outcome, message, result, startedMs = 0, endedMs = 0 } = await cluster.run(ranks, program);
  if (outcome !== 'finished' || result?.type !== program.type)
    throw new Error(`the job of type '${program.type}' has failed: ${message ?? outcome}`);
  return { result: result as Result<T>, seconds: (endedMs - startedMs) / 1000 };
}

/** Wall seconds of a program without Mesos. */
async function timed(folder: string, program: string, given: readonly string[]): Promise<number> {
  const start = performance.now();
  await promisify(execFile)(program, given, { cwd: folder });
  return (performance.now() - start) / 1000;
}

/** Tachyon on four ranks. */
export async function benchTachyon(): Promise<readonly Measurement[]> {
  await using cluster = await startMpiCluster(SLAVES);
  const { folder } = cluster;
  const [scene, picture] = [join(folder, 'scene.dat'), join(folder, 'plain.ppm')];
  await writeFile(scene, tachyonScene(makeWorld(SCENE), PICTURE));
  const drawing = { type: 'tachyon', ...PICTURE, samples: 0, picture: 'picture.ppm' } as const;
  const given = tachyonArguments(drawing, scene, picture);
  const [plain, mesos, jobs]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < REPETITIONS; n++) {
    plain.push(
      await timed(folder, 'mpiexec.hydra', ['-launcher', 'fork', '-n', `${RANKS}`, 'tachyon', ...given]),
    );
    const { result, seconds } = await run(cluster, RANKS, { ...drawing, scene: SCENE });
    const expected = createHash('sha256')
      .update(await readFile(picture))
      .digest('hex');
    if (result.pictureSha256 !== expected) throw new Error('the pictures with and without Mesos differ');
    mesos.push(result.wallSeconds);
    jobs.push(seconds);
  }
  return [
    measurement('tachyon/plain-mpiexec-seconds', 's', 'lower', plain),
    measurement('tachyon/mesos-mpiexec-seconds', 's', 'lower', mesos),
    measurement('tachyon/mesos-job-seconds', 's', 'lower', jobs),
    measurement('tachyon/mesos-to-plain', 'ratio', 'lower', ratios(mesos, plain)),
  ];
}

/** High-Performance LINPACK on two ranks, as Debian's suite has it. */
export async function benchHpl(): Promise<readonly Measurement[]> {
  await using cluster = await startMpiCluster(SLAVES);
  const program = { type: 'hpl', n: UNKNOWNS, nb: 128, p: 1, q: 2 } as const;
  const folder = join(cluster.folder, 'plain');
  await mkdir(folder);
  await writeFile(join(folder, 'hpccinf.txt'), hplInput(program));
  const [plain, mesos, plainSuite, mesosSuite]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let n = 0; n < 3; n++) {
    const options = ['--allow-run-as-root', '--oversubscribe', '--bind-to', 'none', '-n', '2', 'hpcc'];
    plainSuite.push(await timed(folder, 'mpiexec.openmpi', options));
    // It adds to its report; the last one counts.
    plain.push(readHplReport(await readFile(join(folder, 'hpccoutf.txt'), 'utf8')).gflops);
    const { result } = await run(cluster, 2, program);
    mesos.push(result.gflops);
    mesosSuite.push(result.wallSeconds);
  }
  return [
    measurement('hpl/plain-gflops', 'GFLOPS', 'higher', plain),
    measurement('hpl/mesos-gflops', 'GFLOPS', 'higher', mesos),
    measurement('hpl/plain-suite-seconds', 's', 'lower', plainSuite),
    measurement('hpl/mesos-suite-seconds', 's', 'lower', mesosSuite),
  ];
}

/** Our own ray tracer: one rank, and as many as the machine has slots. */
export async function benchRaytrace(): Promise<readonly Measurement[]> {
  await using cluster = await startMpiCluster(SLAVES);
  const program = {
    type: 'raytrace',
    scene: SCENE,
    width: 480,
    height: 360,
    samples: 1,
    reflections: 4,
  } as const;
  const seconds = new Map(SIZES.map((ranks) => [ranks, [] as number[]]));
  const pictures = new Set<string>();
  for (let n = 0; n < REPETITIONS; n++)
    for (const ranks of SIZES) {
      const { result } = await run(cluster, ranks, program);
      seconds.get(ranks)?.push(result.seconds);
      pictures.add(result.pictureSha256);
    }
  if (pictures.size !== 1) throw new Error('the pictures of different numbers of ranks differ');
  return SIZES.map((ranks) =>
    measurement(`raytrace/${ranks}-ranks-seconds`, 's', 'lower', seconds.get(ranks) ?? []),
  );
}

/** Our own solver: one rank, and as many as the machine has slots. */
export async function benchLu(): Promise<readonly Measurement[]> {
  await using cluster = await startMpiCluster(SLAVES);
  const program = { type: 'lu', n: UNKNOWNS, nb: 64, seed: 1 } as const;
  const gflops = new Map(SIZES.map((ranks) => [ranks, [] as number[]]));
  const solutions = new Set<string>();
  for (let n = 0; n < REPETITIONS; n++)
    for (const ranks of SIZES) {
      const { result } = await run(cluster, ranks, program);
      gflops.get(ranks)?.push(result.gflops);
      solutions.add(result.solutionSha256);
    }
  if (solutions.size !== 1) throw new Error('the solutions of different numbers of ranks differ');
  return SIZES.map((ranks) =>
    measurement(`lu/${ranks}-ranks-gflops`, 'GFLOPS', 'higher', gflops.get(ranks) ?? []),
  );
}

const SIZES = [1, 2, 4] as const;

/** Repetition by repetition. */
function ratios(these: readonly number[], those: readonly number[]): readonly number[] {
  return these.map((value, at) => value / (those[at] ?? Number.NaN));
}
