/** `lab submit mpi`: a job of several ranks that run at the same time. */
import { Command } from 'commander';
import { readTorqueConfig } from '../../../frameworks/torque/config.ts';
import { createTorqueScheduler } from '../../../frameworks/torque/scheduler.ts';
import type { TorqueSummary } from '../../../frameworks/torque/summary.ts';
import { wholeNumber } from '../daemon.ts';
import { usageError } from '../exit.ts';
import type { Submission } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, slotOf, submitting } from './submitting.ts';

interface MpiFlags extends OwnFlags {
  readonly n: number;
}

const RANKS_MAX = 4096;

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
  const config = checked({
    name: id,
    jobs: [{ id, kind, ranks: flags.n, submission: { when: 'at', ms: 0 }, program }],
    slot,
    executor: { name: 'mpi-rank', command: executorCommand(flags, 'mpi') },
  });
  let summary: TorqueSummary | undefined;
  return {
    prepare: async () => ({
      name: id,
      slot,
      scheduler: ({ done }) =>
        createTorqueScheduler(config, {
          onDone: (told) => {
            summary = told;
            done(told);
          },
        }),
      collect: async () => {
        const [job] = summary?.jobs ?? [];
        return { lines: [JSON.stringify(job?.result)], json: { job } };
      },
      cleanUp: async () => [],
    }),
  };
}

function checked(config: unknown): ReturnType<typeof readTorqueConfig> {
  try {
    return readTorqueConfig(config);
  } catch (error) {
    throw usageError((error as Error).message);
  }
}
