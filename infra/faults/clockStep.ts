/**
 * A wall clock that jumps. The clock of the kernel is everybody's, so processes get a library between them and it, which adds what
 * a file says; they must be started with it. Clocks that count from some start on go on as they do.
 */
import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS } from './effect.ts';
import { faultName, holding } from './hold.ts';

/** What was measured may be off by so much: the library counts in floating point, and two programs are started. */
const TOLERANCE_MS = 1_000;
/** File in the machine's folder that says how far the clock is ahead, in seconds with a sign. */
const CLOCK_FILE = 'clock-offset';

/** Prepares a machine whose clock can be stepped: all that is started on it gets the library. Rejects if it lacks that. */
export async function withOwnClock(machine: Machine): Promise<Machine> {
  const library = await findLibrary(machine);
  if (library === undefined) throw new Error(noLibrary(machine));
  const file = join(machine.folder, CLOCK_FILE);
  await machine.write(file, '+0\n');
  const variables = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    // In seconds; the file is read once in so long.
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return {
    ...machine,
    start: (spec) => machine.start({ ...spec, environment: { ...variables, ...spec.environment } }),
    run: (program, ...args) => machine.run('env', ...settings, program, ...args),
  };
}

/** The wall clock of the processes on a machine that `withOwnClock` prepared jumps by so much. */
export function clockStep(machine: Machine, stepMs: number): Effect {
  const name = faultName();
  const file = join(machine.folder, CLOCK_FILE);
  const write = (seconds: number): string => {
    const offset = `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`;
    return `echo '${offset}' >'${file}.part' && mv '${file}.part' '${file}'`;
  };
  const held = holding(name, [{ machine, inject: write(stepMs / 1000), heal: [write(0)] }]);
  return {
    async lacking() {
      if (!(Math.abs(stepMs) > 2 * TOLERANCE_MS))
        return `a step of ${stepMs} ms cannot be seen: it must be more than ${(2 * TOLERANCE_MS) / 1000} s, forward or back`;
      if ((await findLibrary(machine)) === undefined) return noLibrary(machine);
      return undefined;
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      const offsetMs = await offsetOf(machine);
      return Math.abs(offsetMs - stepMs) < TOLERANCE_MS
        ? undefined
        : `the clock of ${machine.name} is ${offsetMs} ms ahead, not ${stepMs}`;
    },
    async remaining() {
      const offsetMs = await offsetOf(machine);
      return Math.abs(offsetMs) < TOLERANCE_MS
        ? undefined
        : `the clock of ${machine.name} is still ${offsetMs} ms ahead`;
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

/** How far the clock of a program on the machine is ahead of the kernel's. */
async function offsetOf(machine: Machine): Promise<number> {
  const said = await machine.run('sh', '-c', 'date +%s%3N; env -u LD_PRELOAD date +%s%3N');
  const [own = Number.NaN, kernel = Number.NaN] = said.trim().split('\n').map(Number);
  return own - kernel;
}

/** The library for programs with threads, where Debian and others have it. */
async function findLibrary(machine: Machine): Promise<string | undefined> {
  const script =
    'for f in /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib*/faketime/libfaketimeMT.so.1; do [ -e "$f" ] && echo "$f" && exit; done; :';
  return (await machine.run('sh', '-c', script)).trim() || undefined;
}

function noLibrary({ name }: Machine): string {
  return `${name} cannot step its clock: libfaketime is not installed: install Debian's faketime`;
}
