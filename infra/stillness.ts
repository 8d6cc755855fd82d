/** How still the machine is at the moment: a piece of work that is always the same, and what the kernel says of stolen time. */
import { readFileSync } from 'node:fs';

const TIMES = 5;
const OBJECTS = 4_000;

/** Does the fixed work a few times; how long each took, in milliseconds on the wall. Some 10 ms together. */
export function fixedWorkMs(): readonly number[] {
  return Array.from({ length: TIMES }, () => {
    const start = performance.now();
    fixedWork();
    return performance.now() - start;
  });
}

/** Makes objects, puts them into tables by name, and finds them there again, as a master does. */
function fixedWork(): number {
  const table = new Map<string, { readonly cpus: number; readonly next: number }>();
  for (let n = 0; n < OBJECTS; n++) table.set(`object-${n}`, { cpus: n % 7, next: (n * 7_919) % OBJECTS });
  let sum = 0;
  for (const { next } of table.values()) sum += table.get(`object-${next}`)?.cpus ?? 0;
  return sum;
}

/** Ticks of all processors since the machine started: those that its host gave to others, and all. */
export interface ProcessorTicks {
  readonly stolen: number;
  readonly all: number;
}

/** What `/proc/stat` says; undefined where there is none. */
export function processorTicks(): ProcessorTicks | undefined {
  try {
    return readTicks(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. */
export function readTicks(text: string): ProcessorTicks | undefined {
  const [, numbers] = /^cpu +([\d ]+)$/m.exec(text) ?? [];
  const ticks = numbers?.split(' ').slice(0, 8).map(Number);
  if (ticks === undefined || ticks.length < 8) return undefined;
  return { stolen: ticks[7] as number, all: ticks.reduce((sum, one) => sum + one, 0) };
}
