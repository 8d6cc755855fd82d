/** What `lab up` is asked for: machines, and what is to run on which. */
import type { Command } from 'commander';
import type { MachinesAsked } from '../../infra/deployments/asked.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { SystemPlan } from '../up/plan.ts';
import { resourceList, wholeNumber } from './daemon.ts';
import { usageError } from './exit.ts';

/** The flags that say which machines. */
export interface UpFlags {
  readonly local?: number;
  readonly masters: number;
  readonly resources: Resources;
  readonly name?: string;
}

/** What is asked for. */
export interface Request {
  readonly name: string;
  readonly asked: MachinesAsked;
  readonly plan: SystemPlan;
}

const MACHINES_MAX = 500;
const MASTERS_MAX = 9;
/** Servers that elect the leader of several masters. */
const ZOOKEEPERS = 3;

/** Gives a command the flags. */
export function withMachines(command: Command): Command {
  return command
    .argument('[inventory]', 'file that names machines, and what runs on which (docs/machines.md)')
    .option(
      '--local <n>',
      'so many machines that are folders of this one',
      wholeNumber('--local', 1, MACHINES_MAX),
    )
    .option('--masters <n>', 'with --local: so many masters', wholeNumber('--masters', 1, MASTERS_MAX), 1)
    .option('--resources <list>', 'with --local: what each slave offers', resourceList('--resources'), {
      cpus: 2,
      mem: 2048,
    });
}

/** Reads the flags. Throws, in one sentence, what is wrong with them. */
export function requestOf(inventory: string | undefined, flags: UpFlags): Request {
  const { local, name } = flags;
  if (inventory !== undefined) throw usageError('inventories are not there yet');
  if (local === undefined) throw usageError('say on which machines: the file of an inventory, or --local N');
  const names = Array.from({ length: local }, (_, n) => `node${n + 1}`);
  return { name: name ?? 'local', asked: { kind: 'local', names }, plan: planOn(names, flags) };
}

/** Masters on the first machines, slaves on the others; on a single one, both. */
function planOn(names: readonly string[], { masters, resources }: UpFlags): SystemPlan {
  const zookeeper = masters > 1 ? names.slice(0, names.length < ZOOKEEPERS ? 1 : ZOOKEEPERS) : [];
  const others = names.slice(Math.min(masters, names.length - 1));
  return {
    zookeeper,
    masters: Array.from({ length: masters }, (_, n) => names[n % names.length] ?? ''),
    slaves: others.map((name) => ({ name, resources })),
  };
}
