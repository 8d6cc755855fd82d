/** What `lab up` is asked for: machines, and what is to run on which. */
import type { Command } from 'commander';
import { type MachinesAsked, MINUTES_MAX, namesAsked } from '../../infra/deployments/asked.ts';
import type { Resources } from '../../mesos/protocol/resources.ts';
import type { SystemPlan } from '../up/plan.ts';
import { resourceList, wholeNumber } from './daemon.ts';
import { usageError } from './exit.ts';

/** The flags that say which machines. */
export interface UpFlags {
  readonly local?: number;
  readonly slurm?: number;
  readonly partition?: string;
  readonly minutes?: number;
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
const MINUTES = 60;
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
    .option('--masters <n>', 'so many masters', wholeNumber('--masters', 1, MASTERS_MAX), 1)
    .option('--resources <list>', 'what each slave offers', resourceList('--resources'), {
      cpus: 2,
      mem: 2048,
    });
}

/** Reads the flags. Throws, in one sentence, what is wrong with them. */
export function requestOf(inventory: string | undefined, flags: UpFlags): Request {
  if (inventory !== undefined) throw usageError('inventories are not there yet');
  const asked = askedBy(flags);
  return { name: flags.name ?? asked.kind, asked, plan: planOn(namesAsked(asked), flags) };
}

function askedBy({ local, slurm, partition, minutes }: UpFlags): MachinesAsked {
  if (slurm === undefined && (partition !== undefined || minutes !== undefined))
    throw usageError('--partition and --minutes are for --slurm N');
  if (local !== undefined && slurm !== undefined) throw usageError('give --local N or --slurm N, not both');
  if (local !== undefined) return { kind: 'local', names: namesOf(local) };
  if (slurm === undefined)
    throw usageError('say on which machines: the file of an inventory, --local N or --slurm N');
  return {
    kind: 'slurm',
    names: namesOf(slurm),
    minutes: minutes ?? MINUTES,
    ...(partition !== undefined && { partition }),
  };
}

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, n) => `node${n + 1}`);

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
