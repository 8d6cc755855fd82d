/** `lab table`: the tables of the Hive benchmark, and the examples of logistic regression, as text. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { findCorpus } from '../../workloads/corpus.ts';
import { SPAM_DIMENSIONS, spamExamples } from '../../workloads/spamFeatures.ts';
import { grepTable } from '../../workloads/tables/grep.ts';
import { rankingsTable } from '../../workloads/tables/rankings.ts';
import { userVisitsTable } from '../../workloads/tables/userVisits.ts';
import { infrastructureError } from './exit.ts';
import { wholeNumber } from './flagValues.ts';

const ROWS_MAX = 10 ** 12;

/** The command. */
export const tableCommand = new Command('table').description(
  'write a table of the Hive benchmark, or e-mails as examples to learn from',
);

interface TableFlags {
  readonly rows: number;
  readonly seed: number;
  readonly out?: string;
}

function add<F extends object>(
  command: Command,
  pieces: (flags: F & TableFlags) => Iterable<Buffer> | AsyncIterable<Buffer>,
): void {
  command
    .option('--out <file>', 'write to this file, not to the standard output')
    .action(async (flags: F & TableFlags) => write(pieces(flags), flags.out));
  tableCommand.addCommand(command);
}

async function write(
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  out: string | undefined,
): Promise<void> {
  const to = out === undefined ? process.stdout : createWriteStream(out);
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), to);
  } catch (error) {
    // Who reads has read enough, as `head` does.
    if (out === undefined && (error as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw infrastructureError(`the table cannot be written: ${(error as Error).message}`, error);
  }
}

const rows = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .requiredOption('--rows <n>', 'how many', wholeNumber('--rows', 0, ROWS_MAX))
    .option('--seed <n>', 'another seed, another table', wholeNumber('--seed', 0, 2 ** 31), 1);

add(rows('grep', 'a key and 90 random letters, in one row of 10,000 with XYZ'), grepTable);
add(rows('rankings', 'pageURL|pageRank|avgDuration'), rankingsTable);
add(
  rows('uservisits', 'visits to the pages of rankings').requiredOption(
    '--pages <n>',
    'rows of the table of rankings',
    wholeNumber('--pages', 1, ROWS_MAX),
  ),
  userVisitsTable,
);
add<{ readonly part: 'train' | 'test' | 'all'; readonly copies: number; readonly dimensions: number }>(
  new Command('spam')
    .description('6,046 e-mails, spam or not, as examples for logistic regression (LIBSVM)')
    .addOption(
      new Option('--part <which>', 'four fifths to learn from, or the rest')
        .choices(['train', 'test', 'all'])
        .default('all'),
    )
    .option('--copies <n>', 'go through the e-mails so often', wholeNumber('--copies', 1, 100_000), 1)
    .option(
      '--dimensions <n>',
      'number of weights',
      wholeNumber('--dimensions', 2, 4_000_000),
      SPAM_DIMENSIONS,
    ),
  (flags) => spam(flags),
);

async function* spam(options: Parameters<typeof spamExamples>[1]): AsyncGenerator<Buffer, void, void> {
  yield* spamExamples(await findCorpus(), options);
}
