/** `lab submit mpi`: a job of several ranks that run at the same time. */
import { Command } from 'commander';
import * as v from 'valibot';
import { wholeNumber } from '../daemon.ts';
import { usageError } from '../exit.ts';
import { FRAMEWORKS } from '../frameworks.ts';
import type { Submission } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf, submitting } from './submitting.ts';

interface MpiFlags extends OwnFlags {
  readonly n: number;
}

const RANKS_MAX = 4096;
/** What of a TorqueJobSummary is told. */
const EndedSchema = v.looseObject({ id: v.string(), outcome: v.string(), result: v.optional(v.unknown()) });

/** The command. */
export const mpiCommand = new Command('mpi')
  .description('a job of ranks that run at the same time')
  .addCommand(
    ranks(new Command('poisson'))
      .description("solve Poisson's equation on the unit square")
      .option('--grid <n>', 'inner grid points per side', wholeNumber('--grid', 2, 8192), 256)
      .option('--repeats <n>', 'how often to solve it', wholeNumber('--repeats', 1, 1e6), 1),
  );

function ranks(command: Command): Command {
  return submitting<MpiFlags & { readonly grid: number; readonly repeats: number }>(
    command.option('-n <ranks>', 'number of ranks', wholeNumber('-n', 1, RANKS_MAX), 1),
    (flags) =>
      mpiSubmission(flags, 'poisson', { type: 'poisson', gridSize: flags.grid, repeats: flags.repeats }),
  );
}

function mpiSubmission(flags: MpiFlags, kind: string, program: unknown): Submission {
  const id = nameOf(flags, kind);
  const slot = slotOf(flags);
  const job = { id, kind, ranks: flags.n, submission: { when: 'at', ms: 0 }, program };
  const executor = { name: 'mpi-rank', command: executorCommand(flags, 'mpi') };
  return {
    async prepare() {
      const framework = await FRAMEWORKS.torque({ name: id, jobs: [job], slot, executor }, {}).catch(
        (error: Error) => {
          throw usageError(error.message);
        },
      );
      return {
        ...framework,
        slot,
        job,
        async collect(result) {
          const ended = v.parse(EndedSchema, result);
          return { lines: [JSON.stringify(ended.result)], json: { job: ended } };
        },
        cleanUp: async () => [],
      };
    },
  };
}
