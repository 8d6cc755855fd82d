/** `lab submit hadoop`: MapReduce jobs on files of this machine or of the block store. */
import { Command } from 'commander';
import type { Program } from '../../../frameworks/hadoop/program/program.ts';
import { byteSize } from '../byteSize.ts';
import { duration, wholeNumber } from '../daemon.ts';
import { usageError } from '../exit.ts';
import { type HadoopFlags, hadoopSubmission, type TaggedInput } from './hadoopSubmission.ts';
import { readLocation } from './location.ts';
import { submitting } from './submitting.ts';

const BLOCK_BYTES_MAX = 2 ** 30;

/** What of a program's command line is its own. */
interface ProgramCommand<F> {
  readonly name: string;
  readonly description: string;
  /** It has one input, but for joins. */
  readonly inputs?: readonly { readonly flag: string; readonly tag: string; readonly what: string }[];
  readonly arguments?: readonly (readonly [name: string, description: string])[];
  options?(command: Command): Command;
  /** Whether its maps write the output. */
  readonly isMapOnly?: boolean;
  program(flags: F, args: readonly string[]): Program;
}

/** The command. */
export const hadoopCommand = new Command('hadoop').description('a MapReduce job');

function add<F = object>(spec: ProgramCommand<HadoopFlags & F>): void {
  const { inputs = [] } = spec;
  const command = new Command(spec.name).description(spec.description);
  for (const [name, description] of spec.arguments ?? []) command.argument(`<${name}>`, description);
  if (inputs.length === 0)
    command.requiredOption(
      '--input <path...>',
      'files, folders or patterns of this machine, or dfs:/path of the block store',
    );
  for (const { flag, what } of inputs) command.requiredOption(`--${flag} <path...>`, what);
  command
    .requiredOption(
      '--output <folder>',
      'folder of this machine, or dfs:/path of the block store; not there yet',
    )
    .option('--overwrite', 'replace an output that is there')
    .option('--namenode <host:port>', "of the block store (default: the cluster's, else 127.0.0.1:5070)")
    .option('--dfs_secret_file <file>', 'file with the secret of the block store')
    .option(
      '--block_size <size>',
      'largest block of files that are put into the store',
      byteSize('--block_size', 1, BLOCK_BYTES_MAX),
    )
    .option(
      '--replication <n>',
      'on how many nodes each block is to be',
      wholeNumber('--replication', 1, 512),
    )
    .option(
      '--locality_wait <duration>',
      'how long to wait for a slave that has the data (default: not at all)',
      duration('--locality_wait'),
    );
  if (!spec.isMapOnly)
    command.option(
      '--reduces <n>',
      'number of reduces, and so of parts',
      wholeNumber('--reduces', 1, 10_000),
      1,
    );
  spec.options?.(command);
  hadoopCommand.addCommand(
    submitting<HadoopFlags & F>(command, (flags, args) => {
      const given = flags as unknown as Readonly<Record<string, readonly string[]>>;
      const paths = (flag: string): TaggedInput['locations'] =>
        (given[flag] ?? []).map((text) => readLocation(`--${flag}`, text));
      return hadoopSubmission({
        kind: spec.name,
        flags,
        reduces: spec.isMapOnly ? 0 : flags.reduces,
        program: spec.program(flags, args),
        inputs:
          inputs.length === 0
            ? [{ locations: paths('input') }]
            : inputs.map(({ flag, tag }) => ({ locations: paths(flag), tag })),
      });
    }),
  );
}

add({ name: 'wordcount', description: 'count words', program: () => ({ type: 'wordcount' }) });
add({
  name: 'grep',
  description: 'find the lines that contain a text, literally',
  arguments: [['pattern', 'the text']],
  isMapOnly: true,
  program: (_, [pattern = '']) => {
    if (pattern === '' || /[\n\0]/.test(pattern))
      throw usageError('the pattern must be one line of text, and not empty');
    return { type: 'textsearch', pattern };
  },
});
add({
  name: 'sort',
  description: 'sort lines by their bytes, within each part',
  program: () => ({ type: 'sort' }),
});
add<{ readonly page_rank_above: number }>({
  name: 'selection',
  description: 'select pages of a table `rankings` by their rank',
  isMapOnly: true,
  options: (command) =>
    command.option('--page_rank_above <n>', 'the ranks', wholeNumber('--page_rank_above', 0, 2 ** 31), 10),
  program: (flags) => ({ type: 'selection', pageRankAbove: flags.page_rank_above }),
});
add<{ readonly prefix?: number }>({
  name: 'aggregation',
  description: 'sum the revenues of a table `uservisits` by address',
  options: (command) =>
    command.option(
      '--prefix <bytes>',
      'only by the first bytes of the address',
      wholeNumber('--prefix', 1, 100),
    ),
  program: ({ prefix }) => ({ type: 'aggregation', ...(prefix !== undefined && { prefixBytes: prefix }) }),
});
add<{ readonly visited_after: string; readonly visited_before: string }>({
  name: 'join',
  description: 'join tables `rankings` and `uservisits` for visits between two dates',
  inputs: [
    { flag: 'rankings', tag: 'rankings', what: 'the table of pages' },
    { flag: 'uservisits', tag: 'uservisits', what: 'the table of visits' },
  ],
  options: (command) =>
    command
      .option('--visited_after <date>', 'YYYY-MM-DD', date('--visited_after'), '2000-01-15')
      .option('--visited_before <date>', 'YYYY-MM-DD', date('--visited_before'), '2000-01-22'),
  program: (flags) => ({
    type: 'join',
    visitedAfter: flags.visited_after,
    visitedBefore: flags.visited_before,
  }),
});

function date(flag: string): (text: string) => string {
  return (text) => {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
    throw usageError(`${flag} must be a date YYYY-MM-DD, not '${text}'`);
  };
}
