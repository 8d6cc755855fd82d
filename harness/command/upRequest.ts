/** What `lab up` is asked for: machines, and what is to run on which. */
import { readFileSync } from 'node:fs';
import { parse } from 'node:path';
import { type Command, Option } from 'commander';
import { type MachinesAsked, MINUTES_MAX, namesAsked } from '../../infra/deployments/asked.ts';
import { nameFrom } from '../../infra/deployments/home.ts';
import { type Inventory, readInventory } from '../../infra/inventory/inventory.ts';
import { InventoryError } from '../../infra/inventory/position.ts';
import { parse as parseResourceList, type Resources } from '../../mesos/protocol/resources.ts';
import type { SystemPlan } from '../up/plan.ts';
import { CommandError, usageError } from './exit.ts';
import { resourceList, wholeNumber } from './flagValues.ts';

/** The flags that say which machines. */
export interface UpFlags {
  readonly local?: number;
  readonly netns?: number;
  readonly over?: 'nsenter' | 'ssh';
  readonly slurm?: number;
  readonly partition?: string;
  readonly minutes?: number;
  readonly masters?: number;
  readonly resources?: Resources;
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
const MINUTES = 60;
/** Of a slave. */
const RESOURCES: Resources = { cpus: 2, mem: 2048 };
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
    .option(
      '--netns <n>',
      'so many machines that are network namespaces of this one',
      wholeNumber('--netns', 1, MACHINES_MAX),
    )
    .addOption(
      new Option('--over <how>', 'with --netns: how they are reached (default: nsenter)').choices([
        'nsenter',
        'ssh',
      ]),
    )
    .option(
      '--slurm <n>',
      'so many nodes of Slurm: of the allocation that this runs in, or of a job that is submitted',
      wholeNumber('--slurm', 1, MACHINES_MAX),
    )
    .option('--partition <name>', "with --slurm: where to submit the job (default: Slurm's own)")
    .option(
      '--minutes <n>',
      'with --slurm: how long the job may run (default: 60)',
      wholeNumber('--minutes', 1, MINUTES_MAX),
    )
    .option('--masters <n>', 'so many masters (default: 1)', wholeNumber('--masters', 1, MASTERS_MAX))
    .option(
      '--resources <list>',
      "what each slave offers (default: cpus:2;mem:2048); the inventory's own come first",
      resourceList('--resources'),
    );
}

/** Reads the flags. Throws, in one sentence, what is wrong with them, or with the inventory. */
export function requestOf(inventory: string | undefined, flags: UpFlags): Request {
  if (inventory === undefined) {
    const asked = askedBy(flags);
    return { name: flags.name ?? asked.kind, asked, plan: planOn(namesAsked(asked), flags) };
  }
  const given = KINDS.find((kind) => flags[kind] !== undefined) ?? (flags.masters && 'masters');
  if (given) throw usageError(`the inventory says it: leave --${given} out`);
  const { asked, roles } = inventoryIn(inventory, flags.resources);
  return { name: flags.name ?? nameFrom(parse(inventory).name), asked, plan: roles };
}

/** Reads an inventory. Throws, in one sentence, what is wrong with it. */
export function inventoryIn(file: string, resources: Resources = RESOURCES): Inventory<Resources> {
  try {
    const inventory = readInventory(readFileSync(file, 'utf8'), file, {
      parseResources: parseResourceList,
      defaultResources: resources,
    });
    return inventory;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof InventoryError) throw usageError(error.message);
    throw usageError(`the inventory ${file} cannot be read: ${(error as Error).message}`);
  }
}

const KINDS = ['local', 'netns', 'slurm'] as const;

function askedBy(flags: UpFlags): MachinesAsked {
  const { over, partition, minutes } = flags;
  if (flags.slurm === undefined && (partition !== undefined || minutes !== undefined))
    throw usageError('--partition and --minutes are for --slurm N');
  if (flags.netns === undefined && over !== undefined) throw usageError('--over is for --netns N');
  const [kind, ...others] = KINDS.filter((one) => flags[one] !== undefined);
  if (kind === undefined)
    throw usageError('say on which machines: the file of an inventory, --local N, --netns N or --slurm N');
  if (others.length > 0) throw usageError(`give --${kind} N or --${others[0]} N, not both`);
  const names = namesOf(flags[kind] ?? 0);
  switch (kind) {
    case 'local':
      return { kind, names };
    case 'netns':
      return { kind, names, over: over ?? 'nsenter' };
    case 'slurm':
      return { kind, names, minutes: minutes ?? MINUTES, ...(partition !== undefined && { partition }) };
    default:
      return kind satisfies never;
  }
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `node${n + 1}`);

/** Masters on the first machines, slaves on the others; on a single one, both. */
function planOn(names: readonly string[], { masters = 1, resources = RESOURCES }: UpFlags): SystemPlan {
  const zookeeper = masters > 1 ? names.slice(0, names.length < ZOOKEEPERS ? 1 : ZOOKEEPERS) : [];
  const others = names.slice(Math.min(masters, names.length - 1));
  return {
    zookeeper,
    masters: Array.from({ length: masters }, (_, n) => names[n % names.length] ?? ''),
    slaves: others.map((name) => ({ name, resources })),
  };
}
