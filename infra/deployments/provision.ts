/** Provisions the machines of a deployment, of whatever kind, and finds and removes them again. */
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { LAB } from '../local.ts';
import type { Place } from '../place.ts';

const MACHINES_MAX = 500;

/** Machines to provision. Plain data, also as JSON in the deployment's record. */
export const MachinesAskedSchema = v.variant('kind', [
  /** Folders of this machine. */
  v.strictObject({
    kind: v.literal('local'),
    names: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MACHINES_MAX)),
  }),
]);
export type MachinesAsked = Readonly<v.InferOutput<typeof MachinesAskedSchema>>;

/** A machine, or, in one sentence, why there is none. */
export type Provisioned =
  | { readonly is: 'there'; readonly place: Place }
  | { readonly is: 'failed'; readonly name: string; readonly why: string };

/** Provisions what is not there yet; what it makes, it writes down in the deployment's folder before. In the order of the names. */
export async function provision(asked: MachinesAsked, folder: string): Promise<readonly Provisioned[]> {
  switch (asked.kind) {
    case 'local':
      return asked.names.map((name) => ({ is: 'there', place: localPlace(name, folder) }));
    default:
      return asked.kind satisfies never;
  }
}

/** The machines that were provisioned, also if whoever did that was killed meanwhile. */
export async function placesOf(asked: MachinesAsked, folder: string): Promise<readonly Place[]> {
  switch (asked.kind) {
    case 'local':
      return asked.names.map((name) => localPlace(name, folder));
    default:
      return asked.kind satisfies never;
  }
}

/** Removes what was made of machines. Throws one sentence if something of it is left. */
export async function removeMachines(asked: MachinesAsked, folder: string): Promise<void> {
  switch (asked.kind) {
    case 'local':
      return rm(machinesFolder(folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    default:
      return asked.kind satisfies never;
  }
}

const machinesFolder = (folder: string): string => join(folder, 'machines');

function localPlace(name: string, folder: string): Place {
  return {
    name,
    ip: '127.0.0.1',
    shell: ['sh', '-c'],
    folder: join(machinesFolder(folder), name),
    store: localStore(),
    lab: LAB,
  };
}

/** Where this machine keeps what was shipped to it: `$XDG_CACHE_HOME/mesos-lab`. */
function localStore(variables: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: cache = '' } = variables;
  return join(isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'mesos-lab');
}
