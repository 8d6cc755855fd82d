/** Where this machine has its control groups: version 1, version 2, or both side by side. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A mounted hierarchy of control groups. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Folder that it is mounted at. */
  readonly mount: string;
  /** Controllers that work in it, e.g. `['cpu', 'cpuacct']`. */
  readonly controllers: readonly string[];
}

/** The hierarchies of this machine; none if it has none, or does not show them. */
export function hierarchies(): readonly Hierarchy[] {
  return readHierarchies(read('/proc/mounts'), read('/proc/self/cgroup'), (mount) =>
    read(join(mount, 'cgroup.controllers')),
  );
}

/**
 * Reads /proc/mounts and /proc/self/cgroup. The latter tells which of the options of a mount are controllers; the controllers of
 * version 2 are in a file of the mount. A controller that is mounted twice counts where it is first.
 */
export function readHierarchies(
  mounts: string,
  ownGroups: string,
  controllersOf: (mount: string) => string,
): readonly Hierarchy[] {
  const known = new Set(ownGroups.split('\n').flatMap((line) => (line.split(':')[1] ?? '').split(',')));
  const taken = new Set<string>();
  const first = (controller: string): boolean => {
    if (taken.has(controller)) return false;
    taken.add(controller);
    return true;
  };
  const found: Hierarchy[] = [];
  for (const line of mounts.split('\n')) {
    const [, mountAsWritten = '', type, options = ''] = line.split(' ');
    const mount = mountAsWritten.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    if (type === 'cgroup') {
      const controllers = options
        .split(',')
        .filter((option) => known.has(option) && !option.startsWith('name=') && first(option));
      if (controllers.length > 0) found.push({ version: 1, mount, controllers });
    } else if (type === 'cgroup2' && first('cgroup2')) {
      const controllers = controllersOf(mount)
        .trim()
        .split(/\s+/)
        .filter((name) => name !== '' && first(name));
      found.push({ version: 2, mount, controllers });
    }
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
