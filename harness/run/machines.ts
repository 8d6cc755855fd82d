/** The machines that a cell runs on: of the kind that its scenario asks for, or those that the user has named. */
import { smallDisks } from '../../infra/faults/smallDisk.ts';
import { localMachines } from '../../infra/local.ts';
import type { Machine, MachineProvider, Machines } from '../../infra/machine.ts';
import { netnsMachines } from '../../infra/netns/machines.ts';
import { limitRates, type Rates } from '../../infra/rates.ts';
import type { MachinesWanted } from '../experiments/realScenario.ts';

/** Provisions the machines of a cell, which say who they are when something fails on them. `given`: the user's. */
export function providerFor(
  wanted: MachinesWanted = { kind: 'local' },
  given: MachineProvider | undefined,
): MachineProvider {
  if (given !== undefined && isLimited(wanted)) return refused;
  return named(given ?? withDisks(wanted, ofKind(wanted)));
}

const isLimited = (wanted: MachinesWanted): boolean =>
  wanted.smallDisks !== undefined ||
  (wanted.kind === 'netns' && (wanted.networkBitsPerSecond ?? wanted.disk) !== undefined);

/** What limits machines stays on them: nobody's own are touched so. */
const refused: MachineProvider = async () => {
  throw new Error(
    'this scenario limits networks and disks, which is done to machines of its own alone: leave --on out',
  );
};

function ofKind(wanted: MachinesWanted): MachineProvider {
  switch (wanted.kind) {
    case 'local':
      return localMachines;
    case 'netns':
      return wanted.otherwise === 'local' ? firstOf(netnsWith(wanted), localMachines) : netnsWith(wanted);
    default:
      return wanted satisfies never;
  }
}

/** The disks are there before the machines, and until after them. */
function withDisks({ smallDisks: disks }: MachinesWanted, provide: MachineProvider): MachineProvider {
  if (disks === undefined) return provide;
  return async (folder, names): Promise<Machines> => {
    const missing = disks.of.find((name) => !names.includes(name));
    if (missing !== undefined)
      throw new Error(`a small disk is wanted for ${missing}, and there is no such machine`);
    const mounted = await smallDisks(folder, disks);
    const unmount = (): PromiseLike<void> => mounted[Symbol.asyncDispose]();
    try {
      const provisioned = await provide(folder, names);
      return {
        ...provisioned,
        async [Symbol.asyncDispose]() {
          try {
            await provisioned[Symbol.asyncDispose]();
          } finally {
            await unmount();
          }
        },
      };
    } catch (error) {
      await unmount();
      throw error;
    }
  };
}

/** The second where the first cannot be had: the provenance of a run says which kind it was, and why. */
function firstOf(first: MachineProvider, second: MachineProvider): MachineProvider {
  return async (folder, names) => {
    try {
      return await first(folder, names);
    } catch (error) {
      return { ...(await second(folder, names)), instead: (error as Error).message };
    }
  };
}

function netnsWith(rates: Rates): MachineProvider {
  return async (folder, names) => {
    const provisioned = await netnsMachines(folder, names);
    try {
      await Promise.all(provisioned.machines.map((machine) => limitRates(machine, rates)));
    } catch (error) {
      await provisioned[Symbol.asyncDispose]();
      throw error;
    }
    return provisioned;
  };
}

function named(provide: MachineProvider): MachineProvider {
  return async (folder, names): Promise<Machines> => {
    const provisioned = await provide(folder, names);
    return {
      ...provisioned,
      machines: provisioned.machines.map(withName),
      [Symbol.asyncDispose]: () => provisioned[Symbol.asyncDispose](),
    };
  };
}

function withName(machine: Machine): Machine {
  const naming = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const { message } = error as Error;
      // Where there is a daemon it is named already.
      if (message.startsWith(`machine ${machine.name}: `)) throw error;
      throw new Error(`machine ${machine.name}: ${message}`, { cause: error });
    }
  };
  return {
    ...machine,
    start: (spec) => naming(machine.start(spec)),
    run: (program, ...args) => naming(machine.run(program, ...args)),
    write: (path, content) => naming(machine.write(path, content)),
    read: (path) => naming(machine.read(path)),
    list: (path) => naming(machine.list(path)),
    fetch: (path, into) => naming(machine.fetch(path, into)),
    clockOffset: () => naming(machine.clockOffset()),
  };
}
