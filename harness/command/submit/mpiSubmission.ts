/** An MPI job from its command line to what its ranks have found. */
import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { MpiProgram } from '../../../frameworks/mpi/program.ts';
import { printable } from '../../jobs/jobTable.ts';
import { writeWhole } from '../../run/wholeFile.ts';
import { infrastructureError, usageError } from '../exit.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import { sandboxFile } from './sandboxFile.ts';
import type { Collected, Submission, Surroundings } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf } from './submitting.ts';

/** Flags of all MPI jobs. */
export interface MpiFlags extends OwnFlags {
  readonly n: number;
  readonly per_slave?: number;
  /** In milliseconds. */
  readonly wall_time?: number;
  /** Where to put the picture of those that draw one. */
  readonly output?: string;
  readonly overwrite?: boolean;
}

/** What of a TorqueJobSummary is told. */
const EndedSchema = v.looseObject({
  id: v.string(),
  outcome: v.string(),
  result: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** Makes a submission of it. Throws, in one sentence, what is wrong with the command line. */
export function mpiSubmission(flags: MpiFlags, kind: string, program: MpiProgram): Submission {
  const { n: ranks, per_slave, wall_time, output, overwrite } = flags;
  if (output !== undefined && !/\.ppm$/i.test(output))
    throw usageError(`pictures are PPM: --output must end with .ppm, not be '${output}'`);
  if (output !== undefined && !overwrite && existsSync(output))
    throw usageError(`the output ${output} is there already: give --overwrite, or another --output`);
  const id = nameOf(flags, kind);
  const slot = slotOf(flags);
  const job = {
    id,
    kind,
    ranks,
    submission: { when: 'at', ms: 0 },
    program,
    ...(per_slave !== undefined && { slotsPerSlaveMax: per_slave }),
    ...(wall_time !== undefined && { wallTimeMs: wall_time }),
  };
  const executor = { name: 'mpi-rank', command: executorCommand(flags, 'mpi') };
  return {
    async prepare(surroundings) {
      const framework = await FRAMEWORKS.torque({ name: id, jobs: [job], slot, executor }, {}).catch(
        (error: Error) => {
          throw usageError(error.message);
        },
      );
      return {
        ...framework,
        job,
        collect: (ended) => collect(v.parse(EndedSchema, ended), output, surroundings),
        cleanUp: async () => [],
      };
    },
  };
}

async function collect(
  job: v.InferOutput<typeof EndedSchema>,
  output: string | undefined,
  { reader }: Surroundings,
): Promise<Collected> {
  const { type: _, tail, ...found } = job.result;
  if (output !== undefined) {
    if (typeof found.picture !== 'string') throw infrastructureError(`job ${job.id} has written no picture`);
    const picture = await sandboxFile(reader, found.picture);
    await writeWhole(output, (file) => file.appendFile(picture)).catch((error: Error) => {
      throw infrastructureError(`the output ${output} cannot be written: ${error.message}`, error);
    });
  }
  const told = Object.entries({ ...found, ...(output !== undefined && { picture: output }) });
  const { exitCode = 0 } = found;
  return {
    ...(exitCode !== 0 && { failure: `the command of job ${job.id} ended with exit code ${exitCode}` }),
    lines: [
      ...(typeof tail === 'string' && tail !== '' ? tail.trimEnd().split('\n').map(printable) : []),
      ...told.map(([name, value]) => `${`${inWords(name)}:`.padEnd(22)} ${printable(String(value))}`),
    ],
    json: { job, ...(output !== undefined && { output }) },
  };
}

/** `gridSize` as `grid size`. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
