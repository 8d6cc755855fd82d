/** The `lab` command: finds the subcommand and loads only what that needs. */
import { flushCompileCache } from 'node:module';
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../mesos/version.ts';
import { COMMANDS } from './commands.ts';
import { CommandError, EXIT } from './exit.ts';
import { machineTrouble } from './machineTrouble.ts';

/** What `harness/lab` says to the memory of this process; it is not meant for what this process starts. */
const OF_THIS_PROCESS = ['MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_'];

async function main(): Promise<void> {
  for (const name of OF_THIS_PROCESS) delete process.env[name];
  const load = COMMANDS[process.argv[2] ?? ''];
  const program = new Command('lab')
    .version(VERSION)
    .description('Runs the system of the Mesos paper, and the experiments of the paper on it.');
  // Starting a slave must not cost the loading of the experiments; the list of all commands may.
  const commands =
    load === undefined ? await Promise.all(Object.values(COMMANDS).map((c) => c())) : [await load()];
  for (const command of commands) program.addCommand(command);
  throwInsteadOfExiting(program);
  await program.parseAsync();
  // Not only at its end: a daemon ends last of all, and those that start meanwhile would compile the same again.
  flushCompileCache();
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
