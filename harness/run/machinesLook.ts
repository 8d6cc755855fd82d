/** What the machines of a run are, how far their clocks are from ours, and how busy they were. */
import type { ClockOffset, Machine, Machines } from '../../infra/machine.ts';
import type { Check, MachinesUsed } from '../result.ts';

/** A look at all machines. */
export interface MachinesLook {
  /** By name. */
  readonly clocks: ReadonlyMap<string, ClockOffset>;
  /** Once, if they are shared. */
  readonly processors: readonly Processors[];
}

/** The processors of a machine since it was started, in ticks of its kernel. */
interface Processors {
  readonly cpus: number;
  readonly idle: number;
  readonly total: number;
}

/** What two looks tell of the time between them. */
export interface MachinesSpan {
  readonly used: MachinesUsed;
  /** How far the clock of each machine was ahead of ours, in milliseconds, by name. */
  readonly aheadMs: ReadonlyMap<string, number>;
  /** Fraction of all processors' time that was not idle. */
  readonly cpuBusy: number;
}

/** Events of several machines that are further apart than this are in the order in which they happened. */
const CLOCK_ERROR_MAX_MS = 5;

/** Looks at them. Machines that share this machine's hardware are looked at once. */
export async function lookAt({ machines, hardware }: Machines): Promise<MachinesLook> {
  const distinct = hardware === 'shared' ? machines.slice(0, 1) : machines;
  const [clocks, processors] = await Promise.all([
    Promise.all(machines.map(async (machine) => [machine.name, await machine.clockOffset()] as const)),
    Promise.all(distinct.map(processorsOf)),
  ]);
  return { clocks: new Map(clocks), processors };
}

/** What there is to tell of the time between two looks at the same machines. */
export function spanBetween(
  { kind, hardware, instead }: Pick<Machines, 'kind' | 'hardware' | 'instead'>,
  from: MachinesLook,
  to: MachinesLook,
): MachinesSpan {
  const clocks = [...to.clocks].map(([name, after]) => {
    const before = from.clocks.get(name) ?? after;
    // A clock may be slewed, or set, meanwhile.
    const drift = Math.abs(after.offsetMs - before.offsetMs) / 2;
    return {
      name,
      aheadMs: (before.offsetMs + after.offsetMs) / 2,
      errorMs: Math.max(before.errorMs, after.errorMs) + drift,
    };
  });
  const spent = (part: 'idle' | 'total'): number =>
    to.processors.reduce((sum, one, n) => sum + one[part] - (from.processors[n]?.[part] ?? 0), 0);
  return {
    used: {
      kind,
      hardware,
      ...(instead !== undefined && { instead }),
      count: clocks.length,
      cpusEach: to.processors.map(({ cpus }) => cpus),
      clockErrorMs: Math.max(...clocks.map(({ errorMs }) => errorMs)),
    },
    aheadMs: new Map(clocks.map(({ name, aheadMs }) => [name, aheadMs])),
    cpuBusy: spent('total') > 0 ? 1 - spent('idle') / spent('total') : 0,
  };
}

/** Whether a history that was put together from these machines is in order; none if they share a clock. */
export function clockChecks({ clockErrorMs }: MachinesUsed): readonly Check[] {
  if (clockErrorMs === 0) return [];
  return [
    {
      id: 'clocks',
      claim: `The clocks of the machines are known to within ${CLOCK_ERROR_MAX_MS} ms of each other.`,
      verdict: clockErrorMs <= CLOCK_ERROR_MAX_MS ? 'passed' : 'failed',
      detail: `to within ${clockErrorMs.toFixed(2)} ms`,
    },
  ];
}

async function processorsOf(machine: Machine): Promise<Processors> {
  return processorsIn(await machine.run('cat', '/proc/stat'));
}

/** What `/proc/stat` says of a machine's processors. */
export function processorsIn(stat: string): Processors {
  // user, nice, system, idle, iowait, irq, softirq, steal; guests' time is part of the users'.
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 8).map(Number);
  const [, , , idle = 0, waiting = 0] = ticks;
  return {
    cpus: stat.match(/^cpu\d/gm)?.length ?? 0,
    idle: idle + waiting,
    total: ticks.reduce((sum, each) => sum + each, 0),
  };
}
