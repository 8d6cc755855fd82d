/** The ray tracer Tachyon, the MPI program of the paper's evaluation (NSDI'11 §6.1.1), on the slots of a gang. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Communicator } from './communicator.ts';
import { makeWorld } from './kernels/world.ts';
import { type MpiSurroundings, runMpi } from './mpiRun.ts';
import type { MpiProgram } from './program.ts';
import type { RankResult } from './result.ts';
import { tachyonScene } from './tachyonScene.ts';

/** What to draw. */
export type TachyonProgram = Extract<MpiProgram, { type: 'tachyon' }>;
/** What came out; undefined but on rank 0. */
export type TachyonResult = Omit<Extract<RankResult, { type: 'tachyon' }>, 'seconds'>;

const PACKAGES = 'tachyon-bin-nox libtachyon-mpich-0 mpich';
/** What each process says that thinks it is alone, or is the first. */
const BANNER = /^Tachyon Parallel/gm;

/** The arguments of Tachyon; without `samples` the picture does not depend on the number of ranks. */
export function tachyonArguments(
  { width, height, samples }: Pick<TachyonProgram, 'width' | 'height' | 'samples'>,
  scene: string,
  picture: string,
): readonly string[] {
  return [
    scene,
    ...['-res', String(width), String(height), '-fullshade'],
    ...(samples > 0 ? ['-aasamples', String(samples)] : []),
    ...['-format', 'PPM', '-o', picture],
  ];
}

/** Draws it. Rejects with a sentence if Tachyon is not there, or not the one that uses MPI. */
export async function runTachyon(
  communicator: Communicator,
  program: TachyonProgram,
  surroundings: MpiSurroundings,
): Promise<TachyonResult | undefined> {
  const { folder } = surroundings;
  const { width, height } = program;
  // Every rank reads the scene, in the folder of its slot.
  const scene = typeof program.scene === 'string' ? program.scene : 'scene.dat';
  if (typeof program.scene !== 'string')
    await writeFile(join(folder, scene), tachyonScene(makeWorld(program.scene), { width, height }));
  const picture = resolve(folder, program.picture);
  const outcome = await runMpi(
    communicator,
    {
      flavour: 'mpich',
      program: 'tachyon',
      arguments: tachyonArguments(program, scene, picture),
      environment: {},
      debianPackages: PACKAGES,
      // It waits for ever then.
      isFailure: (line) => line.startsWith('Parser failed'),
    },
    surroundings,
  );
  if (outcome === undefined) return undefined;
  const { wallSeconds, output } = outcome;
  const { tail, path } = output;
  if ((tail.match(BANNER)?.length ?? 0) > 1)
    throw new Error(
      'this Tachyon does not use MPICH, each rank has drawn the whole picture: install libtachyon-mpich-0 (Debian)',
    );
  const [, seconds] = /Ray Tracing Time:\s+([\d.]+) seconds/.exec(tail) ?? [];
  if (seconds === undefined)
    throw new Error(`Tachyon did not say that it has drawn the picture${output.lastLine}`);
  return {
    type: 'tachyon',
    ranks: communicator.size,
    wallSeconds,
    output: path,
    tail,
    width,
    height,
    rayTracingSeconds: Number(seconds),
    picture,
    pictureSha256: await sha256Of(picture),
  };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
