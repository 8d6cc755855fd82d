/** Provisions the machines of a deployment, of whatever kind, and finds and removes them again. */
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { LAB } from '../local.ts';
import { endKeptMachines, type KeptMachine, keepMachines, keptMachines } from '../netns/keptMachines.ts';
import { prepareServers } from '../netns/sshd.ts';
import type { Place, Power } from '../place.ts';
import { mendSlurm, provisionSlurm, removeSlurm, slurmPlaces } from '../slurm/machines.ts';
import {
  closeConnections,
  makeSshFolder,
  removeParents,
  type SshMachine,
  sshPlace,
} from '../ssh/machines.ts';
import { readReached, writeReached } from '../ssh/reached.ts';
import { type SshSettings, type SshTarget, sshForward } from '../ssh/shell.ts';
import type { MachinesAsked } from './asked.ts';

/** A machine, or, in one sentence, why there is none. */
export type Provisioned =
  | { readonly is: 'there'; readonly place: Place }
  | { readonly is: 'failed'; readonly name: string; readonly why: string };

/**
 * Provisions what is not there yet; what it makes, it writes down in the deployment's folder before. In the order of the names. Rejects
 * if it is told to stop while it waits for machines.
 */
export async function provision(
  asked: MachinesAsked,
  folder: string,
  stopping = new AbortController().signal,
): Promise<readonly Provisioned[]> {
  switch (asked.kind) {
    case 'local':
      return asked.names.map((name) => ({ is: 'there', place: localPlace(name, folder) }));
    case 'netns':
      return asked.over === 'ssh'
        ? provisionNetnsOverSsh(asked.names, folder)
        : (await keepMachines(asked, folder)).map((machine) => ({
            is: 'there',
            place: netnsPlace(machine, folder),
          }));
    case 'ssh': {
      const { machines, settings } = asked;
      return reach(
        machines.map((machine) => ({ machine, settings })),
        folder,
      );
    }
    case 'slurm':
      return (await provisionSlurm(asked, folder, localStore(), stopping)).map((place) => ({
        is: 'there',
        place,
      }));
    default:
      return asked satisfies never;
  }
}

/** The machines that were provisioned, also if whoever did that was killed meanwhile. */
export async function placesOf(asked: MachinesAsked, folder: string): Promise<readonly Place[]> {
  switch (asked.kind) {
    case 'local':
      return asked.names.map((name) => localPlace(name, folder));
    case 'netns': {
      const machines = await keptMachines(asked, folder);
      if (asked.over === 'nsenter') return machines.map((machine) => netnsPlace(machine, folder));
      const reached = await readReached(folder);
      return machines.flatMap(({ name, power }) => {
        const place = reached.find((one) => one.name === name);
        return place === undefined ? [] : [{ ...place, power }];
      });
    }
    case 'ssh':
      return readReached(folder);
    case 'slurm':
      return slurmPlaces(asked, folder, localStore());
    default:
      return asked satisfies never;
  }
}

/**
 * What a person types to have a port of this machine lead to an address that a machine of the deployment reaches; undefined if machines
 * of this kind are not reached by ssh.
 */
export async function forwarding(
  asked: MachinesAsked,
  folder: string,
  { name, ip }: { readonly name: string; readonly ip: string },
  from: number,
  to: string,
): Promise<string | undefined> {
  const typed = (target: SshTarget, settings: SshSettings): string =>
    sshForward(target, settings, folder, from, to);
  switch (asked.kind) {
    case 'ssh': {
      const machine = asked.machines.find((one) => one.name === name);
      return machine && typed(machine, asked.settings);
    }
    case 'netns': {
      if (asked.over !== 'ssh') return undefined;
      const { target, settings } = await prepareServers(folder);
      return typed(target(ip), settings);
    }
    case 'local':
    case 'slurm':
      return undefined;
    default:
      return asked satisfies never;
  }
}

/** Makes shells lead to machines again that are there, and to which only that is missing. Rejects with one sentence if that does not help. */
export async function mendPlaces(asked: MachinesAsked, folder: string): Promise<void> {
  if (asked.kind === 'slurm') await mendSlurm(asked, folder);
}

/** Removes what was made of machines. Throws one sentence if something of it is left. */
export async function removeMachines(asked: MachinesAsked, folder: string): Promise<void> {
  switch (asked.kind) {
    case 'local':
      return removeFolder(folder);
    case 'netns':
      await closeConnections(folder);
      await endKeptMachines(folder);
      return removeFolder(folder);
    case 'ssh': {
      const reached = await readReached(folder);
      await Promise.all(
        asked.machines.map(async (machine) => {
          const place = reached.find(({ name }) => name === machine.name);
          // What is left is empty.
          if (place !== undefined) await removeParents(machine, place).catch(() => {});
        }),
      );
      return closeConnections(folder);
    }
    case 'slurm':
      return removeSlurm(asked, folder);
    default:
      return asked satisfies never;
  }
}

async function provisionNetnsOverSsh(
  names: readonly string[],
  folder: string,
): Promise<readonly Provisioned[]> {
  const { services, target, settings } = await prepareServers(folder);
  await mkdir(machinesFolder(folder), { recursive: true, mode: 0o700 });
  const machines = await keepMachines({ names, services }, folder);
  return reach(
    machines.map(({ name, ip, power }) => ({
      machine: { name, ...target(ip), folder: machineFolder(name, folder) },
      settings,
      power,
    })),
    folder,
  );
}

/** A machine to reach, and its switch if it has one. */
interface Reachable {
  readonly machine: SshMachine;
  readonly settings: SshSettings;
  readonly power?: Power;
}

/**
 * Reaches all machines at once. How those that answer are to be reached is written down before anything is made on them. Those that can be
 * used are there.
 */
async function reach(machines: readonly Reachable[], folder: string): Promise<readonly Provisioned[]> {
  const found = await Promise.all(
    machines.map(({ machine, settings }) => settled(machine.name, sshPlace(machine, settings, folder))),
  );
  await writeReached(
    folder,
    found.flatMap((one) => (one.is === 'there' ? [one.place] : [])),
  );
  return Promise.all(
    machines.map(({ machine, power }, index): Provisioned | Promise<Provisioned> => {
      const one = found[index] as Provisioned;
      if (one.is === 'failed') return one;
      const place = { ...one.place, ...(power && { power }) };
      return settled(
        machine.name,
        makeSshFolder(machine, place).then(() => place),
      );
    }),
  );
}

function settled(name: string, work: Promise<Place>): Promise<Provisioned> {
  return work.then(
    (place) => ({ is: 'there', place }),
    ({ message }: Error) => ({ is: 'failed', name, why: message }),
  );
}

const machinesFolder = (folder: string): string => join(folder, 'machines');
const machineFolder = (name: string, folder: string): string => join(machinesFolder(folder), name);

function removeFolder(folder: string): Promise<void> {
  return rm(machinesFolder(folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function localPlace(name: string, folder: string): Place {
  return {
    name,
    ip: '127.0.0.1',
    shell: ['sh', '-c'],
    folder: machineFolder(name, folder),
    store: localStore(),
    lab: LAB,
  };
}

function netnsPlace(machine: KeptMachine, folder: string): Place {
  return { ...localPlace(machine.name, folder), ...machine };
}

/** Where this machine keeps what was shipped to it: `$XDG_CACHE_HOME/mesos-lab`. */
function localStore(): string {
  const { XDG_CACHE_HOME: cache = '' } = process.env;
  return join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'mesos-lab');
}
