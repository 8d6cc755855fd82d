/** `--on`: the machines that a campaign's processes run on, in place of those that its scenarios ask for. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { type MachinesAsked, namesAsked } from '../../infra/deployments/asked.ts';
import { openBook } from '../../infra/deployments/book.ts';
import { mendPlaces, placesOf, provision } from '../../infra/deployments/provision.ts';
import type { MachineProvider } from '../../infra/machine.ts';
import type { Place } from '../../infra/place.ts';
import { providerOn } from '../up/campaignMachines.ts';
import { keptKeys, keysOf } from '../up/secrets.ts';
import { takeDown } from '../up/takeDown.ts';
import { deployed, folderFor, meantName, takeHold } from './deployed.ts';
import { EXIT, infrastructureError } from './exit.ts';
import { makePrivateFolder } from './privateFolder.ts';
import { inventoryIn } from './upRequest.ts';

/** Machines that a campaign may use. Disposing of them ends what was made for it. */
export interface OnMachines extends AsyncDisposable {
  /** What the user calls them. */
  readonly name: string;
  readonly provide: MachineProvider;
}

/** The machines that `--on` names: those of an inventory's file, made for this campaign alone, or of a deployment that is up. */
export async function machinesOn(where: string, stopping: AbortSignal): Promise<OnMachines> {
  return statSync(where, { throwIfNoEntry: false })?.isFile()
    ? ofInventory(where, stopping)
    : ofDeployment(where);
}

function ofInventory(file: string, stopping: AbortSignal): OnMachines {
  const { asked } = inventoryIn(file);
  const name = `run-${randomBytes(8).toString('hex')}`;
  const folder = folderFor(name);
  makePrivateFolder('XDG_STATE_HOME', folder);
  const held = takeHold(name, folder, 'lab run');
  const book = openBook(folder, {
    ...{ schemaVersion: 1, name, madeAt: new Date().toISOString(), asked, plan: null, processes: [] },
    state: 'provisioning',
    machines: namesAsked(asked).map((machine) => ({ name: machine })),
  });
  const make = async (): Promise<MachineProvider> => {
    const places: Place[] = [];
    for (const one of await provision(asked, folder, stopping)) {
      if (one.is === 'there') places.push(one.place);
      else console.error(`lab: machine ${one.name} failed: ${one.why}`);
    }
    book.reach('running');
    return providerOn({ ...natureOf(asked), places, keys: await keysOf(folder) });
  };
  let made: Promise<MachineProvider> | undefined;
  return {
    name: basename(file),
    async provide(into, names) {
      // Not before a cell needs them.
      made ??= make();
      return (await made)(into, names);
    },
    async [Symbol.asyncDispose]() {
      await made?.catch(() => {});
      const left = await takeDown(folder, book);
      held[Symbol.dispose]();
      for (const { machine, why } of left)
        console.error(`lab: machine ${machine} is left: ${why}; 'lab down ${name}' tries again`);
      if (left.length > 0) process.exitCode = EXIT.infrastructure;
    },
  };
}

/** Throws one sentence if there is no deployment of that name. */
async function ofDeployment(where: string): Promise<OnMachines> {
  const name = meantName(where);
  const held = takeHold(name, folderFor(name), 'lab run');
  try {
    const { folder, record } = deployed(name);
    const keys = keptKeys(folder);
    if (record.state !== 'running' || keys === undefined)
      throw infrastructureError(`'${name}' is not up; 'lab status ${name}' tells how it is`);
    await mendPlaces(record.asked, folder).catch((error: Error) => {
      throw infrastructureError(`'${name}': ${error.message}`, error);
    });
    const failed = new Set(record.machines.flatMap((one) => (one.failure === undefined ? [] : one.name)));
    const places = (await placesOf(record.asked, folder)).filter((place) => !failed.has(place.name));
    return {
      name,
      provide: providerOn({ ...natureOf(record.asked), places, keys }),
      async [Symbol.asyncDispose]() {
        held[Symbol.dispose]();
      },
    };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/** Folders and namespaces have this machine's processors and its clock. */
function natureOf({ kind }: MachinesAsked): { readonly kind: string; readonly hardware: 'shared' | 'own' } {
  return { kind, hardware: kind === 'local' || kind === 'netns' ? 'shared' : 'own' };
}
