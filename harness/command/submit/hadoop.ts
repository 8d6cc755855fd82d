/** `lab submit hadoop`: MapReduce jobs on files of this machine or of the block store. */
import { Command, Option } from 'commander';
import type { Block } from '../../../frameworks/files/block.ts';
import type { HadoopJob } from '../../../frameworks/hadoop/job.ts';
import type { Program } from '../../../frameworks/hadoop/program/program.ts';
import { joinQuery } from '../../../frameworks/hadoop/queries.ts';
import { usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { type HadoopFlags, hadoopSubmission } from './hadoopSubmission.ts';
import { readLocation } from './location.ts';
import { withOutput, withStore } from './storeSession.ts';
import { submitting } from './submitting.ts';

/** What of a program's command line is its own. */
interface ProgramCommand<F> {
  readonly name: string;
  readonly description: string;
  /** The flags of its inputs; default: `--input`. */
  readonly inputs?: readonly { readonly flag: string; readonly what: string }[];
  readonly arguments?: readonly (readonly [name: string, description: string])[];
  options?(command: Command): Command;
  /** Whether its maps write the output. */
  readonly isMapOnly?: boolean;
  /** What the one job does, or all of several. */
  readonly does:
    | ((flags: F, args: readonly string[]) => Program)
    | { chain(flags: F, id: string, inputs: readonly (readonly Block[])[]): readonly HadoopJob[] };
}

const INPUT = {
  flag: 'input',
  what: 'files, folders or patterns of this machine, or dfs:/path of the block store',
} as const;

/** The command. */
export const hadoopCommand = new Command('hadoop').description('a MapReduce job');

function add<F = object>(spec: ProgramCommand<HadoopFlags & F>): void {
  const { name, inputs = [INPUT], does, isMapOnly = false } = spec;
  const command = new Command(name).description(spec.description);
  for (const [argument, description] of spec.arguments ?? []) command.argument(`<${argument}>`, description);
  for (const { flag, what } of inputs) command.requiredOption(`--${flag} <path...>`, what);
  withHadoop(command);
  if (!isMapOnly)
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
      // What is wrong with it is told before anything is stored.
      const program = 'chain' in does ? undefined : does(flags, args as readonly string[]);
      return hadoopSubmission({
        kind: name,
        flags,
        inputs: inputs.map(({ flag }) => ({
          locations: (given[flag] ?? []).map((text) => readLocation(`--${flag}`, text)),
        })),
        jobs(id, blocks) {
          if ('chain' in does) return does.chain(flags, id, blocks);
          if (program === undefined) return [];
          const submission = { when: 'at', ms: 0 } as const;
          const reduces = isMapOnly ? 0 : flags.reduces;
          return [{ id, kind: name, submission, input: blocks.flat(), reduces, program }];
        },
      });
    }),
  );
}

/** The flags of all MapReduce jobs. */
function withHadoop(command: Command): void {
  withOutput(withStore(command))
    .option(
      '--locality_wait <duration>',
      'how long to wait for a slave that has the data (default: not at all)',
      duration('--locality_wait'),
    )
    .addOption(
      new Option('--speculation <policy>', 'which slow tasks get a copy beside them')
        .choices(['off', 'hadoop', 'late'])
        .default('off'),
    );
}

add({ name: 'wordcount', description: 'count words', does: () => ({ type: 'wordcount' }) });
add({
  name: 'grep',
  description: 'find the lines that contain a text, literally',
  arguments: [['pattern', 'the text']],
  isMapOnly: true,
  does: (_, [pattern = '']) => {
    if (pattern === '' || /[\n\0]/.test(pattern))
      throw usageError('the pattern must be one line of text, and not empty');
    return { type: 'textsearch', pattern };
  },
});
add({
  name: 'sort',
  description: 'sort lines by their bytes, within each part',
  does: () => ({ type: 'sort' }),
});
add<{ readonly page_rank_above: number }>({
  name: 'selection',
  description: 'select pages of a table `rankings` by their rank',
  isMapOnly: true,
  options: (command) =>
    command.option('--page_rank_above <n>', 'the ranks', wholeNumber('--page_rank_above', 0, 2 ** 31), 10),
  does: (flags) => ({ type: 'selection', pageRankAbove: flags.page_rank_above }),
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
  does: ({ prefix }) => ({ type: 'aggregation', ...(prefix !== undefined && { prefixBytes: prefix }) }),
});
add<{ readonly visited_after: string; readonly visited_before: string; readonly limit: number }>({
  name: 'join',
  description:
    'join the tables `rankings` and `uservisits`, and find the addresses with the largest revenues: three jobs',
  inputs: [
    { flag: 'rankings', what: 'the table of pages' },
    { flag: 'uservisits', what: 'the table of visits' },
  ],
  options: (command) =>
    command
      .option('--visited_after <date>', 'YYYY-MM-DD', date('--visited_after'), '1999-01-01')
      .option('--visited_before <date>', 'YYYY-MM-DD', date('--visited_before'), '2000-01-01')
      .option('--limit <n>', 'number of addresses', wholeNumber('--limit', 1, 100_000), 1),
  does: {
    chain: (flags, id, [rankings = [], userVisits = []]) =>
      joinQuery(
        { rankings, userVisits },
        {
          id,
          reduces: flags.reduces,
          limit: flags.limit,
          visitedAfter: flags.visited_after,
          visitedBefore: flags.visited_before,
        },
      ),
  },
});

function date(flag: string): (text: string) => string {
  return (text) => {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
    throw usageError(`${flag} must be a date YYYY-MM-DD, not '${text}'`);
  };
}
