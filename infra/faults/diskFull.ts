/** A disk without any space left. */
import { join } from 'node:path';
import { type Machine, workFolder } from '../machine.ts';
import { type Effect, SEEN_WITHIN_MS } from './effect.ts';
import { faultName, holding } from './hold.ts';
import { notItsOwn } from './ownDisk.ts';

/** Larger disks are not filled: it would take long, and wear them. */
const DISK_BYTES_MAX = 4 * 1024 ** 3;

/** Fills the file system that is mounted at the machine's work folder. Of one that holds anything else nothing is touched. */
export function diskFull(machine: Machine): Effect {
  const name = faultName();
  const folder = workFolder(machine);
  const file = join(folder, name);
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
      const why = await whyNot(machine, folder);
      return (
        why &&
        `the disk that holds ${folder} of ${machine.name} cannot be filled: ${why}; give the machine a small disk of its own there`
      );
    },
    inject: held.inject,
    heal: held.heal,
    async unseen() {
      const { freeBytes } = await diskOf(machine, folder);
      return freeBytes === 0 ? undefined : `${machine.name} has ${freeBytes} bytes left`;
    },
    async remaining() {
      const { freeBytes } = await diskOf(machine, folder);
      return freeBytes > 0 ? undefined : `${machine.name} has no space yet`;
    },
    visibleWithinMs: SEEN_WITHIN_MS,
    recoveredWithinMs: SEEN_WITHIN_MS,
  };
}

async function whyNot(machine: Machine, folder: string): Promise<string | undefined> {
  const [path, mounts] = await Promise.all([
    machine.run('readlink', '-m', folder),
    machine.run('cat', '/proc/self/mountinfo'),
  ]);
  const shared = notItsOwn(mounts, path.trimEnd());
  if (shared !== undefined) return shared;
  const { totalBytes } = await diskOf(machine, folder);
  return totalBytes > DISK_BYTES_MAX
    ? `it has ${(totalBytes / 1024 ** 3).toFixed(0)} GiB, and more than ${DISK_BYTES_MAX / 1024 ** 3} GiB are not filled`
    : undefined;
}

interface Disk {
  readonly totalBytes: number;
  /** For users other than root. */
  readonly freeBytes: number;
}

async function diskOf(machine: Machine, folder: string): Promise<Disk> {
  const said = await machine.run('stat', '-f', '-c', '%S %b %a', folder);
  const [block = 0, total = 0, free = 0] = said.trim().split(' ').map(Number);
  return { totalBytes: block * total, freeBytes: block * free };
}
