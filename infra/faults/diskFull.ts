/** A disk without any space left. */
import { join } from 'node:path';
import type { Machine } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS } from './effect.ts';
import { faultName, holding } from './hold.ts';

/** Larger disks are not filled: it would take long, and wear them. */
const DISK_BYTES_MAX = 4 * 1024 ** 3;

/** Fills the file system that holds the machine's folder. It must hold nothing else. */
export function diskFull(machine: Machine): Effect {
  const name = faultName();
  const file = join(machine.folder, name);
  const held = holding(name, [
    {
      machine,
      // cat ends when there is no space left; the last bytes go one by one.
      inject: `umask 077; cat /dev/zero >'${file}' 2>/dev/null || true; while printf 0 >>'${file}'; do :; done 2>/dev/null`,
      heal: [`rm -f '${file}'`],
    },
  ]);
  return {
    async lacking() {
      const { totalBytes, isRoot } = await diskOf(machine);
      const why = isRoot
        ? 'it is the machine’s only one, and others need it'
        : totalBytes > DISK_BYTES_MAX
          ? `it has ${(totalBytes / 1024 ** 3).toFixed(0)} GiB, and more than ${DISK_BYTES_MAX / 1024 ** 3} GiB are not filled`
          : undefined;
      return (
        why &&
        `the disk that holds ${machine.folder} of ${machine.name} cannot be filled: ${why}; give the machine a folder on a small disk of its own`
      );
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      const { freeBytes } = await diskOf(machine);
      return freeBytes === 0 ? undefined : `${machine.name} has ${freeBytes} bytes left`;
    },
    async remaining() {
      const { freeBytes } = await diskOf(machine);
      return freeBytes > 0 ? undefined : `${machine.name} has no space yet`;
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

interface Disk {
  readonly totalBytes: number;
  /** For users other than root. */
  readonly freeBytes: number;
  /** It holds the root folder too. */
  readonly isRoot: boolean;
}

async function diskOf(machine: Machine): Promise<Disk> {
  const script = `stat -f -c '%S %b %a' "$0"; stat -L -c %d "$0" /`;
  const said = await machine.run('sh', '-euc', script, machine.folder);
  const [block = 0, total = 0, free = 0, own, root] = said.trim().split(/\s+/).map(Number);
  return { totalBytes: block * total, freeBytes: block * free, isRoot: own === root };
}
