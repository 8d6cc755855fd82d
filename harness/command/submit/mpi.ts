/** `lab submit mpi`: jobs of ranks that run at the same time. */
import { Command, Option } from 'commander';
import type { MpiProgram } from '../../../frameworks/mpi/program.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { type MpiFlags, mpiSubmission } from './mpiSubmission.ts';
import { submitting } from './submitting.ts';

const RANKS_MAX = 4096;
const PIXELS_MAX = 8192;

/** What of a program's command line is its own. */
interface ProgramCommand<F> {
  readonly name: string;
  readonly description: string;
  options(command: Command): Command;
  program(flags: F & MpiFlags, args: readonly unknown[]): unknown;
}

/** The command. */
export const mpiCommand = new Command('mpi').description('a job of ranks that run at the same time');

function add<F>({ name, description, options, program }: ProgramCommand<F>): void {
  const command = options(new Command(name).description(description))
    .option('-n <ranks>', 'number of ranks', wholeNumber('-n', 1, RANKS_MAX), 1)
    .option('--per_slave <n>', 'most ranks on one slave', wholeNumber('--per_slave', 1, RANKS_MAX))
    .option(
      '--wall_time <duration>',
      'end it if it takes longer; backfilling counts on it',
      duration('--wall_time'),
    );
  mpiCommand.addCommand(
    submitting<F & MpiFlags>(command, (flags, args) =>
      mpiSubmission(flags, name, program(flags, args) as MpiProgram),
    ),
  );
}

const pixels = (command: Command): Command =>
  command
    .option('--width <pixels>', 'of the picture', wholeNumber('--width', 1, PIXELS_MAX), 512)
    .option('--height <pixels>', 'of the picture', wholeNumber('--height', 1, PIXELS_MAX), 384)
    .option('--output <file>', 'where to put the picture, as PPM')
    .option('--overwrite', 'replace a file that is there');

/** A command of the user's, with what it is given. */
const command = (own: Command): Command =>
  own
    .argument('<program>', 'where it is on the slaves, or its name if their PATH has it')
    .argument('[arguments...]', 'what it is given; write -- before the first that begins with -')
    .option('--dir <folder>', 'where it runs (default: in the sandbox of its rank)');
const given = (type: string, { dir }: { readonly dir?: string }, args: readonly unknown[]): object => ({
  type,
  program: args[0],
  arguments: args[1] ?? [],
  ...(dir !== undefined && { workingDirectory: dir }),
});

add<{ readonly grid: number; readonly repeats: number }>({
  name: 'poisson',
  description: "solve Poisson's equation on the unit square",
  options: (own) =>
    own
      .option('--grid <n>', 'inner grid points per side', wholeNumber('--grid', 2, 8192), 256)
      .option('--repeats <n>', 'how often to solve it', wholeNumber('--repeats', 1, 1e6), 1),
  program: ({ grid, repeats }) => ({ type: 'poisson', gridSize: grid, repeats }),
});
add<{ readonly width: number; readonly height: number; readonly samples: number; readonly output?: string }>({
  name: 'raytrace',
  description: 'draw a picture by tracing rays',
  options: (own) =>
    pixels(own).option(
      '--samples <n>',
      'rays along each side of a pixel',
      wholeNumber('--samples', 1, 16),
      1,
    ),
  program: ({ width, height, samples, output }) => ({
    type: 'raytrace',
    width,
    height,
    samples,
    ...(output !== undefined && { picture: 'picture.ppm' }),
  }),
});
add<{ readonly size: number; readonly nb: number; readonly seed: number }>({
  name: 'lu',
  description: 'solve a dense system of random linear equations',
  options: (own) =>
    own
      .option('--size <n>', 'unknowns', wholeNumber('--size', 1, 20_000), 1000)
      .option('--nb <n>', 'columns of a block', wholeNumber('--nb', 1, 256), 64)
      .option('--seed <n>', 'of the equations', wholeNumber('--seed', 0, 2 ** 31), 1),
  program: ({ size, nb, seed }) => ({ type: 'lu', n: size, nb, seed }),
});
add<{ readonly width: number; readonly height: number; readonly samples: number; readonly scene?: string }>({
  name: 'tachyon',
  description: 'draw a picture with Tachyon and MPICH (Debian: tachyon-bin-nox, libtachyon-mpich-0, mpich)',
  options: (own) =>
    pixels(own)
      .option('--samples <n>', 'antialiasing samples of a pixel', wholeNumber('--samples', 0, 256), 0)
      .option('--scene <file>', 'a scene that there is wherever a rank runs (default: one of ours)'),
  program: ({ width, height, samples, scene }) => ({
    type: 'tachyon',
    width,
    height,
    samples,
    ...(scene !== undefined && { scene }),
  }),
});
add<{ readonly size: number; readonly nb: number; readonly p?: number; readonly n: number }>({
  name: 'hpl',
  description: 'High-Performance LINPACK with Open MPI (Debian: hpcc, openmpi-bin)',
  options: (own) =>
    own
      .option('--size <n>', 'unknowns', wholeNumber('--size', 1, 200_000), 1000)
      .option('--nb <n>', 'size of a block', wholeNumber('--nb', 1, 1024), 128)
      .option(
        '--p <n>',
        'rows of the grid of ranks (default: as square as it can be)',
        wholeNumber('--p', 1, RANKS_MAX),
      ),
  program: ({ size, nb, n, p = rowsOf(n) }) => ({ type: 'hpl', n: size, nb, p, q: Math.ceil(n / p) }),
});
for (const [name, what] of [
  ['mpich', 'MPICH (Debian: mpich)'],
  ['openmpi', 'Open MPI (Debian: openmpi-bin)'],
] as const)
  add<{ readonly dir?: string }>({
    name,
    description: `run a program with ${what}`,
    options: command,
    program: (flags, args) => given(name, flags, args),
  });
add<{ readonly dir?: string; readonly on: 'first' | 'all' }>({
  name: 'command',
  description:
    'run any command, as Torque does: on the first rank while the others hold their slots, or on all',
  options: (own) =>
    command(own).addOption(new Option('--on <ranks>', 'which').choices(['first', 'all']).default('first')),
  program: (flags, args) => ({ ...given('command', flags, args), on: flags.on }),
});

/** The largest number of rows that divides the ranks and is not larger than the number of columns. */
function rowsOf(ranks: number): number {
  let rows = Math.floor(Math.sqrt(ranks));
  while (ranks % rows !== 0) rows--;
  return rows;
}
