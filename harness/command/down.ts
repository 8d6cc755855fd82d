/** `lab down`: ends a deployment, whatever state it is in, and removes all of it. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { deploymentNames, deploymentsHome } from '../../infra/deployments/home.ts';
import { forget, readRecord } from '../../infra/deployments/record.ts';
import { leftByRuns } from '../leftovers/leftovers.ts';
import { takeDown } from '../up/takeDown.ts';
import { bookOf, deployed, folderFor, meantName, takeHold } from './deployed.ts';
import { CommandError, EXIT, usageError } from './exit.ts';

/** The command. */
export const downCommand = new Command('down')
  .description("end what 'lab up' has made: processes, daemons, folders, machines; also after a crash")
  .argument('[name]', 'which deployment (default: the only one)')
  .option('--all', 'all deployments')
  .action(async (given: string | undefined, { all }: { readonly all?: boolean }) => {
    if (all && given !== undefined) throw usageError('--all means all deployments: leave the name out');
    // What works in a machine's folder is killed: this command may have been called there.
    process.chdir('/');
    const there = deploymentNames(deploymentsHome());
    const names = all ? there : meant(given, there);
    tellWhenInterrupted(names);
    const codes = await Promise.all(names.map(endOne));
    if (names.length === 0) console.log(notUp(given, there));
    // A 'lab run' that was killed need not have had a deployment.
    codes.push(await removeLeft(names.length === 0));
    process.exitCode = Math.max(EXIT.ok, ...codes);
  });

/** What is ended halfway can be ended again, so that nothing else is to be done then. */
function tellWhenInterrupted(names: readonly string[]): void {
  const interrupt = (): never => {
    const left = deploymentNames(deploymentsHome()).filter((name) => names.includes(name));
    const again = left.map((name) => `'lab down ${name}'`).join(' and ');
    console.error(`lab: interrupted${left.length === 0 ? '' : `: what is left is removed by ${again}`}`);
    process.exit(EXIT.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
}

/** The one that is to be down; none if it is. */
function meant(given: string | undefined, there: readonly string[]): readonly string[] {
  if (given === undefined) return there.length === 0 ? [] : [meantName(given)];
  return existsSync(folderFor(given)) ? [given] : [];
}

function notUp(given: string | undefined, there: readonly string[]): string {
  if (there.length === 0) return 'nothing is up';
  return `'${given}' is not up; there is: ${there.join(', ')}`;
}

/** Removes what runs have left that were killed; with the exit code that this means. */
async function removeLeft(isAll: boolean): Promise<number> {
  const left = await leftByRuns();
  let code: number = EXIT.ok;
  for (const one of left)
    try {
      await one.remove();
    } catch (error) {
      console.error(`lab: ${one.kind} ${one.what} is left: ${(error as Error).message}`);
      code = EXIT.infrastructure;
    }
  if (isAll && left.length > 0 && code === EXIT.ok)
    console.log('what runs had left that were killed is removed');
  return code;
}

/** Ends one, and says how that went; with the exit code that this means. */
async function endOne(name: string): Promise<number> {
  try {
    const folder = folderFor(name);
    using _ = takeHold(name, folder, 'lab down');
    // Whoever made the folder was killed before it had anything to write down.
    if (readRecord(folder).is === 'missing') forget(folder);
    else {
      const left = await takeDown(folder, bookOf(deployed(name)));
      for (const { machine, why } of left) console.error(`lab: ${name}: machine ${machine} is left: ${why}`);
      if (left.length > 0) {
        console.error(
          `lab: ${name} is kept: say 'lab down ${name}' again when ${left.length === 1 ? 'that machine answers' : 'those machines answer'}`,
        );
        return EXIT.infrastructure;
      }
    }
    console.log(`${name} is down; nothing of it is left`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`lab: ${error.message}`);
    return error.exitCode;
  }
}
