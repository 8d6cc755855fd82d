/** The program `lab`: finds the subcommand and loads only what that needs. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../../mesos/version.ts';
import { COMMANDS } from './commands.ts';
import { CommandError, EXIT } from './exit.ts';
import { machineTrouble } from './machineTrouble.ts';

/** Neither says more than this file knows. */
const VERSION_FLAGS: readonly unknown[] = ['-V', '--version'];

/** What a full disk or the like does not take of the output is told, and gives a process an exit code that has none yet. */
export function watchOutput(output: NodeJS.WriteStream): void {
  let trouble: string | undefined;
  output.on('error', (error) => {
    trouble ??= machineTrouble(error);
  });
  process.on('exit', () => {
    if (trouble === undefined || (process.exitCode ?? EXIT.ok) !== EXIT.ok) return;
    console.error(`lab: the output cannot be written: ${trouble}`);
    process.exitCode = EXIT.infrastructure;
  });
}

/** Runs a command line, e.g. `['list', '--json']`. A mistake or trouble of the machine is told, and gives the process its exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    const program = await programFor(args[0]);
    await program.parseAsync(args, { from: 'user' });
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
}

async function programFor(word: string | undefined): Promise<Command> {
  const program = new Command('lab')
    .version(VERSION)
    .description('Runs the system of the Mesos paper, and the experiments of the paper on it.');
  for (const command of await commandsFor(word)) program.addCommand(command);
  throwInsteadOfExiting(program);
  return program;
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
