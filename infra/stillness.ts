/** How much of the machine others take meanwhile, by what the kernel says. */
import { readFileSync } from 'node:fs';

/** Ticks of all processors since the machine started. */
export interface ProcessorTicks {
  readonly all: number;
  /** Nobody wanted them. */
  readonly idle: number;
  /** Of this process, and of those that it started and that have ended. */
  readonly own: number;
}

/** What `/proc` says; undefined where it does not. */
export function processorTicks(): ProcessorTicks | undefined {
  try {
    return readTicks(readFileSync('/proc/stat', 'utf8'), readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Reads the first line of `/proc/stat` (user, nice, system, idle, iowait, irq, softirq, steal), and of `/proc/self/stat` the 14th to 17th
 * field (utime, stime, cutime, cstime), which follow a name that may hold anything.
 */
export function readTicks(stat: string, own: string): ProcessorTicks | undefined {
  const [, numbers] = /^cpu +([\d ]+)$/m.exec(stat) ?? [];
  const ticks = numbers?.split(' ').slice(0, 8).map(Number);
  const used = own
    .slice(own.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  if (ticks === undefined || ticks.length < 8 || used.length < 4) return undefined;
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  return { all: sum(ticks), idle: (ticks[3] as number) + (ticks[4] as number), own: sum(used) };
}

/** The part of the processors' time, from 0 to 1, that went to others in between: other processes, and other machines of the host. */
export function takenByOthers(before: ProcessorTicks, after: ProcessorTicks): number {
  const [all, idle, own] = [after.all - before.all, after.idle - before.idle, after.own - before.own];
  return all <= 0 ? 0 : Math.max(0, (all - idle - own) / all);
}
