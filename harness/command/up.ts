/** `lab up`: machines, a daemon on each, and the system of the paper on them; it stays until `lab down`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { namesAsked } from '../../infra/deployments/asked.ts';
import { type Book, openBook } from '../../infra/deployments/book.ts';
import { type DeploymentRecord, readRecord } from '../../infra/deployments/record.ts';
import { networkOf } from '../../infra/netns/keptMachines.ts';
import { type BringUp, prepareMachines, TooFewError } from '../up/bringUp.ts';
import { runSystem } from '../up/runSystem.ts';
import { systemSecrets } from '../up/secrets.ts';
import type { System } from '../up/system.ts';
import { takeDown } from '../up/takeDown.ts';
import { CLUSTER_FILE, CLUSTER_VARIABLE, type ClusterDescription } from './clusterFile.ts';
import { deployed, folderFor, takeHold } from './deployed.ts';
import { CommandError, EXIT, infrastructureError, usageError } from './exit.ts';
import { type Interruption, interrupted, listenForInterruption } from './interruption.ts';
import { machineTrouble } from './machineTrouble.ts';
import { masterPageInWords } from './masterPage.ts';
import { makePrivateFolder } from './privateFolder.ts';
import { TYPED } from './typed.ts';
import { type Request, requestOf, type UpFlags, withMachines } from './upRequest.ts';

/** The command. */
export const upCommand = withMachines(new Command('up'))
  .description("bring a cluster up on machines, for good: masters, slaves, block store; 'lab down' ends it")
  .option(
    '--name <name>',
    'what to call the deployment (default: after the inventory, or the kind of machines)',
  )
  .option('--require-all', 'a machine that fails ends it all (default: the others go on, if they are enough)')
  .action(async (inventory: string | undefined, flags: UpFlags & { readonly requireAll?: boolean }) => {
    const interruption = listenForInterruption();
    const request = requestOf(inventory, flags);
    const folder = folderFor(request.name);
    makePrivateFolder('XDG_STATE_HOME', folder);
    using _ = takeHold(request.name, folder, 'lab up');
    const book = openBook(folder, recordFor(request, folder));
    const wasUp = book.record.state === 'running';
    const order: BringUp = {
      folder,
      book,
      asked: request.asked,
      plan: request.plan,
      needsAll: flags.requireAll ?? false,
      tell: (line) => console.error(line),
      stopping: interruption.signal,
    };
    const system = await bringUp(order, interruption).catch((error: Error) => giveUp(order, wasUp, error));
    describe(folder, system);
    const page = await masterPageInWords({ folder, record: book.record });
    for (const line of introduction(folder, book, page, await networkOf(folder))) console.log(line);
    process.exit(EXIT.ok);
  });

/** The record to go on from: that of this deployment, if it is the same that is asked for. */
function recordFor({ name, asked, plan }: Request, folder: string): DeploymentRecord {
  const found = readRecord(folder);
  if (found.is === 'missing')
    return {
      schemaVersion: 1,
      name,
      madeAt: new Date().toISOString(),
      asked,
      plan,
      state: 'provisioning',
      machines: namesAsked(asked).map((machine) => ({ name: machine })),
      processes: [],
    };
  const { record } = deployed(name);
  if (JSON.stringify([record.asked, record.plan]) !== JSON.stringify([asked, plan]))
    throw usageError(
      `there is another deployment '${name}': give this one a --name, or end that one with 'lab down ${name}'`,
    );
  if (record.state === 'tearing down')
    throw usageError(`'${name}' is half torn down: end that with 'lab down ${name}' first`);
  return record;
}

async function bringUp(order: BringUp, interruption: Interruption): Promise<System> {
  // Not interrupted in the middle: a daemon that is being started would be overlooked.
  await using ready = await prepareMachines(order);
  return await interruption.unless(runSystem(order, ready));
}

/** Takes down what was made, unless it was up before, and throws what went wrong. */
async function giveUp(order: BringUp, wasUp: boolean, error: Error): Promise<never> {
  const { book, stopping } = order;
  const { name } = book.record;
  const rest = wasUp
    ? `it was up before, so nothing is taken down: 'lab status ${name}' tells how it is`
    : await takeAllDown(order);
  if (stopping.aborted) {
    console.error(`lab: stopped; ${rest}`);
    throw interrupted();
  }
  if (error instanceof CommandError) throw error;
  if (error instanceof TooFewError || error instanceof Error)
    throw infrastructureError(
      `'${name}' cannot be brought up: ${machineTrouble(error) ?? error.message}; ${rest}`,
      error,
    );
  throw error;
}

/** Takes it down, and says what is left. */
async function takeAllDown({ folder, book }: BringUp): Promise<string> {
  // What works in a machine's folder is killed: this command may have been called there.
  process.chdir('/');
  const left = await takeDown(folder, book);
  if (left.length === 0) return 'nothing of it is left';
  return `say 'lab down ${book.record.name}' when ${left.map(({ machine }) => machine).join(', ')} can be reached`;
}

/** Lets other commands find everything by the deployment's folder. */
function describe(folder: string, { master, namenode }: System): void {
  const { clusterFile, filesFile } = systemSecrets(folder);
  const description: ClusterDescription = {
    master,
    namenode,
    secretFile: clusterFile,
    dfsSecretFile: filesFile,
  };
  writeFileSync(join(folder, CLUSTER_FILE), `${JSON.stringify(description, null, 2)}\n`, { mode: 0o600 });
}

function introduction(
  folder: string,
  { record }: Book,
  page: readonly string[],
  network: readonly string[],
): readonly string[] {
  const { name, machines, processes } = record;
  const failed = machines.filter(({ failure }) => failure !== undefined);
  const count = (part: string): string => {
    const { length } = processes.filter((process) => process.part === part);
    return `${length} ${part}${length === 1 ? '' : 's'}`;
  };
  return [
    `'${name}' runs on ${machines.length - failed.length} of ${machines.length} machines: ${count('master')}, ${count('slave')}.`,
    ...processes
      .filter(({ part }) => part !== 'slave' && part !== 'fileserver')
      .map(
        ({ machine, name: process, address = '' }) =>
          `  ${process.padEnd(12)} ${machine.padEnd(12)} ${address}`,
      ),
    ...page,
    network.length === 0
      ? 'To use it, for example:'
      : 'To use it, for example; what speaks to it has to be started in its network, which only root could join to that of this machine:',
    '',
    `  export ${CLUSTER_VARIABLE}=${folder}`,
    `  ${[...network, TYPED].join(' ')} submit hadoop wordcount --input README.md --output counts`,
    `  ${[...network, TYPED].join(' ')} jobs`,
    '',
    `'${TYPED} status ${name}' tells how it is, '${TYPED} logs ${name}' what it says, and '${TYPED} down ${name}' ends it.`,
  ];
}
