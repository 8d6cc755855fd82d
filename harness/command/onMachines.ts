/** `--on`: the machines that a campaign's processes run on, in place of those that its scenarios ask for. */

import { placesOf } from '../../infra/deployments/provision.ts';
import type { MachineProvider } from '../../infra/machine.ts';
import { providerOn } from '../up/campaignMachines.ts';
import { keptKeys } from '../up/secrets.ts';
import { deployed, meantName, takeHold } from './deployed.ts';
import { infrastructureError } from './exit.ts';

/** Machines that a campaign may use. Disposing of them ends what was made for it. */
export interface OnMachines extends AsyncDisposable {
  /** What the user calls them. */
  readonly name: string;
  readonly provide: MachineProvider;
}

/** The machines that `--on` names: those of a deployment that is up. Throws one sentence if there is none of that name. */
export async function machinesOn(where: string): Promise<OnMachines> {
  const name = meantName(where);
  const { folder, record } = deployed(name);
  const keys = keptKeys(folder);
  if (record.state !== 'running' || keys === undefined)
    throw infrastructureError(`'${name}' is not up; 'lab status ${name}' tells how it is`);
  const held = takeHold(name, folder, 'lab run');
  const failed = new Set(
    record.machines.flatMap((machine) => (machine.failure === undefined ? [] : machine.name)),
  );
  const places = (await placesOf(record.asked, folder)).filter((place) => !failed.has(place.name));
  return {
    name,
    provide: providerOn({ kind: record.asked.kind, hardware: 'shared', places, keys }),
    async [Symbol.asyncDispose]() {
      held[Symbol.dispose]();
    },
  };
}
