/** The flags that all submissions have, and what is common to the commands. */
import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { LAB } from '../../../infra/local.ts';
import { quoted } from '../../../infra/nodeDaemon/shell.ts';
import type { CommandInfo } from '../../../mesos/protocol/entities.ts';
import type { Resources } from '../../../mesos/protocol/resources.ts';
import { LAB_VARIABLE } from '../../run/deployment.ts';
import { findCluster, withCluster } from '../clusterFile.ts';
import { usageError } from '../exit.ts';
import { duration } from '../flagValues.ts';
import { withScheduler } from '../schedulerProcess.ts';
import type { Submission } from './submission.ts';
import type { SubmitFlags } from './submitFlags.ts';

/** The flags, with the defaults filled in. */
export interface OwnFlags extends SubmitFlags {
  readonly namenode: string;
  readonly dfs_secret_file?: string;
  readonly name?: string;
  readonly lab?: string;
  readonly cpus: number;
  readonly mem: number;
}

const PATIENCE_MS = 10_000;
/** What one task needs by default. */
const TASK: Resources = { cpus: 1, mem: 1024 };

/** Makes a command one that submits: `read` makes a submission of its arguments and flags. */
export function submitting<F extends OwnFlags>(
  command: Command,
  read: (flags: F, args: readonly unknown[]) => Submission | Promise<Submission>,
): Command {
  return withScheduler(withCluster(command))
    .option('--name <name>', 'what the job is called (default: its kind and a number)', jobName)
    .option('--cpus <n>', 'processors that a task needs', quantity('--cpus'), TASK.cpus)
    .option('--mem <mib>', 'memory that a task needs, in MiB', quantity('--mem'), TASK.mem)
    .option('--lab <path>', 'where this program is on the slaves (default: what they say, else as here)')
    .option(
      '--queue <which>',
      'send it to this framework that runs with --serve, by its id, name or http://… URL',
    )
    .option('--json', 'print the result as JSON on standard output')
    .option('--history <file>', 'write the history of events to this file, as NDJSON')
    .addOption(
      new Option('--patience <duration>', 'tell why nothing runs after this long')
        .argParser(duration('--patience'))
        .default(PATIENCE_MS, '10secs'),
    )
    .option('--quiet', 'show nothing but trouble')
    .action(async (...given) => {
      const args = given.slice(0, -2);
      const own = given.at(-1) as Command;
      checkSlot(own);
      const flags = await findCluster(own.opts<F>(), own.getOptionValueSource('cluster') === 'env');
      const submission = await read(flags, args);
      const { runSubmission } = await import('./runSubmission.ts');
      await runSubmission(submission, flags);
    });
}

/** A queue gives all of its tasks slots of one size. */
function checkSlot(command: Command): void {
  if (command.getOptionValueSource('queue') === undefined) return;
  for (const name of ['cpus', 'mem'])
    if (command.getOptionValueSource(name) === 'cli')
      throw usageError(
        `--${name} is not for a job that goes to a queue, whose slots have their size; leave it out`,
      );
}

/** What a task needs, as the flags say. */
export function slotOf({ cpus, mem }: OwnFlags): Resources {
  return { cpus, mem };
}

/** How a slave starts a framework's executor. */
export function executorCommand({ lab }: OwnFlags, framework: string): CommandInfo {
  if (lab !== undefined)
    return { shell: false, value: lab, arguments: ['lab', 'executor', framework], environment: {} };
  return {
    shell: true,
    value: `here=${quoted(LAB)}; exec "\${${LAB_VARIABLE}:-$here}" executor ${framework}`,
    arguments: [],
    environment: {},
  };
}

/** What the job is called. */
export function nameOf({ name }: OwnFlags, kind: string): string {
  return name ?? `${kind}-${randomBytes(3).toString('hex')}`;
}

function jobName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw usageError(`--name must be 1 to 100 letters, digits, '.', '_' or '-', not '${text}'`);
}

function quantity(name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > 0 && value <= 1e9) return value;
    throw usageError(`${name} must be a number above 0, not '${text}'`);
  };
}
