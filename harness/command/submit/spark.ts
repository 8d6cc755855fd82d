/** `lab submit spark`: an application by its name, or by the path of its module. */
import { Command, Option } from 'commander';
import { spaceOf } from '../../../frameworks/files/storedFile.ts';
import { MissingArgumentError } from '../../../frameworks/spark/apps/arguments.ts';
import { prepareSpark } from '../../../frameworks/spark/prepare.ts';
import { printable } from '../../jobs/jobTable.ts';
import { usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { readLocation } from './location.ts';
import { type StoreFlags, storeSubmission, withStore } from './storeSession.ts';
import type { Submission } from './submission.ts';
import { executorCommand, nameOf, type OwnFlags, submitting } from './submitting.ts';

interface SparkFlags extends OwnFlags, StoreFlags {
  readonly namenode: string;
  readonly input?: readonly string[];
  readonly arg: Readonly<Record<string, unknown>>;
  readonly mode: 'fine' | 'coarse';
  readonly executor_mem: number;
  readonly partitions?: number;
  /** In milliseconds. */
  readonly locality_wait?: number;
}

/** How applications know the input. */
const INPUT = 'input';

/** The command. */
export const sparkCommand = submitting<SparkFlags>(
  withStore(new Command('spark'))
    .description('a Spark application: datasets in the memory of long-lived executors')
    .argument(
      '<application>',
      'pi, wordcount, logistic-regression, alternating-least-squares, or the path of a module',
    )
    .option(
      '--input <path...>',
      "if it needs any: files, folders or patterns of this machine, or dfs:/path of the block store; what applications call 'input'",
    )
    .option(
      '--arg <name=value>',
      'what the application is told, e.g. iterations=5; may be repeated',
      argument,
      {},
    )
    .addOption(
      new Option('--mode <mode>', 'a Mesos task for each task, or one long one on each slave')
        .choices(['fine', 'coarse'])
        .default('fine'),
    )
    .option(
      '--executor_mem <mib>',
      'memory of each executor, in MiB',
      wholeNumber('--executor_mem', 32, 1e9),
      512,
    )
    .option(
      '--partitions <n>',
      'of datasets for which nothing else is said',
      wholeNumber('--partitions', 1, 100_000),
    )
    .option(
      '--locality_wait <duration>',
      'how long to wait for a slave that has the data (default: 5secs)',
      duration('--locality_wait'),
    ),
  (flags, [application]) => sparkSubmission(flags, String(application)),
);

function sparkSubmission(flags: SparkFlags, application: string): Submission {
  const locations = flags.input?.map((text) => readLocation('--input', text));
  return storeSubmission({
    flags,
    inputs: locations === undefined ? [] : [{ locations }],
    async prepare({ nodes, secret, scratch, blocks, surroundings }) {
      const name = nameOf(flags, kindOf(application));
      const slot = { cpus: flags.cpus };
      const config = {
        name,
        app: application,
        args: { ...(locations !== undefined && { [INPUT]: INPUT }), ...flags.arg },
        ...(locations !== undefined && { inputs: { [INPUT]: blocks.flat() } }),
        slot,
        mode: flags.mode,
        nodes,
        executor: { command: executorCommand(flags, 'spark'), resources: { mem: flags.executor_mem } },
        ...(flags.partitions !== undefined && { defaultPartitions: flags.partitions }),
        ...(flags.locality_wait !== undefined && { localityWaitMs: flags.locality_wait }),
      };
      const spark = await prepareSpark(config, { secret, log: surroundings.log }).catch(refused);
      let found: unknown;
      return {
        name,
        sizeFlags: '--cpus and --executor_mem',
        scheduler: ({ ready, done }) =>
          spark.scheduler(
            (summary) => {
              found = summary.result;
              done(summary);
            },
            (board) => ready({ is: 'shown', board }),
          ),
        registered: (frameworkId) => scratch.note(spaceOf(frameworkId), undefined),
        collect: async (job) => ({ lines: written(found), json: { job, result: found } }),
        cleanUp: async () => [],
      };
    },
  });
}

/** Throws, for people, why the application cannot be run. */
function refused(error: Error): never {
  if (!(error instanceof MissingArgumentError)) throw usageError(error.message.replace(/\.$/, ''));
  const { argument } = error;
  const flag = argument === INPUT ? '--input' : `--arg ${argument}=…`;
  throw usageError(`the application needs '${argument}': give ${flag}`);
}

/** What an application has found, for people: what it says of it by name, or all. */
function written(found: unknown): readonly string[] {
  if (found === undefined) return [];
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return [printable(JSON.stringify(found))];
  return Object.entries(found).map(
    ([name, value]) => `${`${name}:`.padEnd(22)} ${printable(JSON.stringify(value))}`,
  );
}

function kindOf(application: string): string {
  const [, name = 'spark'] = /([A-Za-z0-9][A-Za-z0-9_-]*)(?:\.[cm]?[jt]s)?$/.exec(application) ?? [];
  return name;
}

function argument(
  text: string,
  before: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw usageError(`--arg must be NAME=VALUE, not '${text}'`);
  try {
    return { ...before, [name]: JSON.parse(value) };
  } catch {
    return { ...before, [name]: value };
  }
}
