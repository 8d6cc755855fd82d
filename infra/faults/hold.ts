/**
 * What a fault does on a machine, held by a process there. It heals when the process is told to end, and also when whoever
 * started it has vanished: the process then loses its standard input. So no fault outlives its run.
 */
import { randomBytes } from 'node:crypto';
import type { Machine, RunningProcess } from '../machine.ts';

/** Scripts for a POSIX shell. */
export interface Hold {
  readonly machine: Machine;
  /** Ends with an error if it cannot be done. May start processes in the background. */
  readonly inject: string;
  /** Commands, of which each is run, also if `inject` got half-way only. */
  readonly heal: readonly string[];
}

/** What is held on several machines at once. */
export interface Holding {
  /** Resolves when all of it is done. */
  inject(): Promise<void>;
  /** Resolves when all of it is taken back. Where the machine has gone away in between, it took the fault with it. */
  heal(): Promise<void>;
}

/** A name that nothing else on a machine has, for what a fault makes there: at most 12 letters and digits. */
export function faultName(): string {
  return `mlab${randomBytes(4).toString('hex')}`;
}

/** Prepares what is to be held. */
export function holding(name: string, holds: readonly Hold[]): Holding {
  const holders = new Map<RunningProcess, { readonly machine: string; hasEnded: boolean }>();

  async function begin({ machine, inject, heal }: Hold): Promise<void> {
    const script = scriptOf(inject, heal);
    const holder = await machine.start({ name: `fault-${name}`, program: 'sh', arguments: ['-c', script] });
    const noted = { machine: machine.name, hasEnded: false };
    holders.set(holder, noted);
    void holder.exited.then(() => {
      noted.hasEnded = true;
    });
    await holder.waitForLine(/^held$/).catch((error: Error) => {
      throw new Error(`${machine.name}: ${error.message}`);
    });
  }

  async function end(holder: RunningProcess, machine: string): Promise<void> {
    await holder.stop();
    const { code, signal } = await holder.exited;
    if (code !== 0)
      throw new Error(
        `${machine}: ${holder.lastLines().at(-1) ?? `the holder ended with ${signal ?? `exit code ${code}`}`}`,
      );
  }

  return {
    inject: () => all(holds.map(begin)),
    heal: () =>
      all(
        [...holders].flatMap(([holder, { machine, hasEnded }]) => (hasEnded ? [] : [end(holder, machine)])),
      ),
  };
}

/** Resolves when all have; rejects with the first error, but not before all have ended. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

/** A shell that waits, rather than a program in its foreground, obeys signals at once. */
function scriptOf(inject: string, heal: readonly string[]): string {
  return `set -eu
heal() {
  code=$?
  trap '' TERM INT HUP
  trap - EXIT
  set +e
  [ -z "\${keeper:-}" ] || kill $keeper 2>/dev/null
  # Why it could not be injected must stay the last word.
  [ "$held" = yes ] || exec 2>/dev/null
${heal.map((command) => `  { ${command}; } || code=1`).join('\n')}
  exit $code
}
held=no
trap heal EXIT
trap 'exit 0' TERM INT HUP
exec 3<&0
${inject}
held=yes
echo held
cat <&3 >/dev/null &
keeper=$!
wait $keeper`;
}
