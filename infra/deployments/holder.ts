/** Who is at work on a deployment: one process at a time. Who was killed is so no longer. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const HolderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** When it started, in ticks since the machine did: tells it from others that have had its number. */
  startTicks: v.number(),
  /** Changes when the machine starts anew. */
  bootId: v.string(),
  /** What it does, e.g. `lab up`. */
  work: v.string(),
});
/** A process that is at work on a deployment. */
export type Holder = Readonly<v.InferOutput<typeof HolderSchema>>;

/** Somebody else is at work on it. */
export class HeldError extends Error {}

const FILE = 'at-work.json';

/** Who is at work on the deployment in this folder; undefined if nobody is. */
export function holderOf(folder: string): Holder | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch {
    return undefined;
  }
  const holder = v.safeParse(HolderSchema, json);
  return holder.success && isRunning(holder.output) ? holder.output : undefined;
}

/** Takes hold of a deployment until this process ends, or disposes of the hold. Throws a HeldError if another one has it. */
export function hold(folder: string, work: string): Disposable {
  const holder = holderOf(folder);
  if (holder !== undefined && holder.pid !== process.pid)
    throw new HeldError(`'${holder.work}' is at work on it, process ${holder.pid}: wait for it, or end it`);
  const own: Holder = {
    pid: process.pid,
    startTicks: startTicks(process.pid) ?? 0,
    bootId: bootId(),
    work,
  };
  const file = join(folder, FILE);
  writeFileSync(file, JSON.stringify(own), { mode: 0o600 });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function isRunning(holder: Holder): boolean {
  return holder.bootId === bootId() && startTicks(holder.pid) === holder.startTicks;
}

/** When a process started; undefined if it has ended, also if nobody has waited for it yet. */
function startTicks(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, which may hold anything, ends at the last parenthesis.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return /[ZX]/.test(fields[0] ?? '') ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
