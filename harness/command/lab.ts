/** The `lab` command: finds the subcommand and loads only what that needs. */
import { flushCompileCache } from 'node:module';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../mesos/version.ts';
import { COMMANDS } from './commands.ts';
import { CommandError, EXIT } from './exit.ts';
import { machineTrouble } from './machineTrouble.ts';

/** The variables that `harness/lab` has set for this process; they are not meant for what this process starts. */
const OWN = 'MESOS_LAB_OWN';

/** Neither says more than this file knows. */
const VERSION_FLAGS: readonly unknown[] = ['-V', '--version'];

async function main(): Promise<void> {
  for (const name of [...(process.env[OWN]?.split(' ') ?? []), OWN]) delete process.env[name];
  const program = new Command('lab')
    .version(VERSION)
    .description('Runs the system of the Mesos paper, and the experiments of the paper on it.');
  for (const command of await commandsFor(process.argv[2])) program.addCommand(command);
  throwInsteadOfExiting(program);
  await program.parseAsync();
  // Not only at its end: a daemon ends last of all, and those that start meanwhile would compile the same again.
  flushCompileCache();
}

/** Starting a slave must not cost the loading of the experiments; the list of all commands may. */
async function commandsFor(word: string | undefined): Promise<readonly Command[]> {
  if (VERSION_FLAGS.includes(word)) return [];
  const load = COMMANDS[word ?? ''];
  return load === undefined ? Promise.all(Object.values(COMMANDS).map((one) => one())) : [await load()];
}

/** Also what has commands of its own. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride();
  for (const sub of command.commands) throwInsteadOfExiting(sub as Command);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof CommandError) {
    console.error(`lab: ${error.message}`);
    process.exitCode = error.exitCode;
  } else {
    const trouble = machineTrouble(error);
    if (trouble === undefined) throw error;
    console.error(`lab: ${trouble}`);
    process.exitCode = EXIT.infrastructure;
  }
}
