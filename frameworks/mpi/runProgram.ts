/** What a rank does for each kind of program. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Millis } from '../../mesos/driver/actor.ts';
import { runCommand, type Surroundings } from './commandJob.ts';
import type { Communicator } from './communicator.ts';
import { runHpl } from './hpl.ts';
import { solveLinear } from './kernels/lu.ts';
import { solvePoisson } from './kernels/poisson.ts';
import { raytrace } from './kernels/raytrace.ts';
import { type MpiRun, runMpi } from './mpiRun.ts';
import type { MpiProgram } from './program.ts';
import type { RankResult } from './result.ts';
import { runTachyon } from './tachyon.ts';

/** A program that is not only modelled. */
export type RealProgram = Exclude<MpiProgram, { type: 'model' }>;
/** What came of it, on rank 0; the others may have nothing to tell. */
export type Found = Unfinished<Exclude<RankResult, { type: 'model' }>>;
type Unfinished<R> = R extends unknown ? Omit<R, 'seconds'> : never;

/** What a program may need of its rank. */
export interface RankSurroundings extends Surroundings {
  readonly now: () => Millis;
}

/** Runs this rank's part of it. Rejects, on all ranks, if it fails on one. */
export async function runProgram(
  communicator: Communicator,
  program: RealProgram,
  surroundings: RankSurroundings,
): Promise<Found | undefined> {
  const { folder, now } = surroundings;
  switch (program.type) {
    case 'poisson':
      return solvePoisson(communicator, program);
    case 'lu':
      return solveLinear(communicator, program, now);
    case 'raytrace': {
      const { result, file } = await raytrace(communicator, program);
      if (program.picture === undefined || file === undefined) return result;
      const picture = resolve(folder, program.picture);
      await writeFile(picture, file).catch((error: Error) => {
        throw new Error(`the picture cannot be written: ${error.message}`);
      });
      return { ...result, picture };
    }
    case 'mpich':
    case 'openmpi':
      return runOther(communicator, { ...program, flavour: program.type }, surroundings);
    case 'tachyon':
      return runTachyon(communicator, program, surroundings);
    case 'hpl':
      return runHpl(communicator, program, surroundings);
    case 'command':
      return runCommand(communicator, program, surroundings);
    default:
      return program satisfies never;
  }
}

async function runOther(
  communicator: Communicator,
  run: MpiRun,
  surroundings: RankSurroundings,
): Promise<Found | undefined> {
  const outcome = await runMpi(communicator, run, surroundings);
  if (outcome === undefined) return undefined;
  const { wallSeconds, output } = outcome;
  return { type: run.flavour, ranks: communicator.size, wallSeconds, output: output.path, tail: output.tail };
}
