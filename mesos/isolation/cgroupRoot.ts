/** The root group: the one that a slave makes its groups in, in every hierarchy that it needs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Hierarchy, hierarchies } from './hierarchies.ts';

/** The root group in one hierarchy. */
export interface Place {
  readonly version: 1 | 2;
  readonly mount: string;
  /** The root group's folder. */
  readonly folder: string;
  /** Controllers of version 2 that must be switched on for the groups in it. */
  readonly switchedOn: readonly string[];
}

/** Where each thing is done that groups can do. In version 2 all places are the same one. */
export interface CgroupRoot {
  readonly cpu: Place;
  readonly cpuacct: Place;
  readonly memory: Place;
  /** Undefined: the number of processes cannot be limited. */
  readonly pids: Place | undefined;
  /** Undefined: groups cannot be frozen. */
  readonly freezer: Place | undefined;
  /** Version 2, for `cgroup.kill`; it may have no controllers at all. */
  readonly unified: Place | undefined;
}

/** What was found. */
export type CgroupsFound =
  | {
      readonly is: 'usable';
      readonly root: CgroupRoot;
      /** E.g. `version 1`, or `version 1, with the kill of version 2`. */
      readonly what: string;
      /** Removes what was made of the root group, unless there is something in it. */
      release(): void;
    }
  /** One sentence on what is missing and what to do about it. */
  | { readonly is: 'unusable'; readonly why: string };

/**
 * Finds the control groups of this machine and makes the root group, e.g. `mesos`, in them. Whether they can be used is tried, with
 * a process that enters a group; one cannot tell from the rights of files alone.
 */
export function findCgroups(root: string, found: readonly Hierarchy[] = hierarchies()): CgroupsFound {
  const placeOf = (controller: string): Place | undefined => {
    const hierarchy = found.find(({ controllers }) => controllers.includes(controller));
    return hierarchy && place(hierarchy, root);
  };
  const [cpu, memory] = [placeOf('cpu'), placeOf('memory')];
  const cpuacct = cpu?.version === 2 ? cpu : placeOf('cpuacct');
  if (cpu === undefined || memory === undefined || cpuacct === undefined) {
    const missing = { cpu, cpuacct, memory };
    const names = Object.entries(missing).flatMap(([name, at]) => (at === undefined ? [name] : []));
    return {
      is: 'unusable',
      why: `the control groups of this machine lack ${names.join(', ')}; mount them below /sys/fs/cgroup`,
    };
  }
  const unified = found.find(({ version }) => version === 2);
  const wanted = {
    pids: placeOf('pids'),
    freezer: placeOf('freezer'),
    unified: unified && place(unified, root),
  };

  const made: string[] = [];
  const release = (): void => {
    for (const folder of made.splice(0).reverse()) removeIfEmpty(folder);
  };
  const trouble = new Map<string, string>();
  for (const at of distinct([cpu, cpuacct, memory, ...Object.values(wanted)]))
    try {
      made.push(...makeRootGroup(at));
    } catch (error) {
      trouble.set(at.folder, (error as Error).message);
    }
  const usable = distinct([cpu, cpuacct, memory, ...Object.values(wanted)]).filter(
    ({ folder }) => !trouble.has(folder),
  );
  for (const [folder, message] of tryToEnter(usable)) trouble.set(folder, message);

  const lacking = distinct([cpu, cpuacct, memory]).filter(({ folder }) => trouble.has(folder));
  if (lacking.length > 0) {
    release();
    const all = distinct([cpu, cpuacct, memory, wanted.pids, wanted.freezer]);
    return { is: 'unusable', why: tell(lacking, all, trouble) };
  }
  const ifUsable = (at: Place | undefined): Place | undefined =>
    at && !trouble.has(at.folder) ? at : undefined;
  const all: CgroupRoot = {
    cpu,
    cpuacct,
    memory,
    pids: ifUsable(wanted.pids),
    freezer: ifUsable(wanted.freezer),
    unified: ifUsable(wanted.unified),
  };
  return { is: 'usable', root: all, what: describe(all), release };
}

/** Each place once, though it serves several ends. */
export function distinct(places: readonly (Place | undefined)[]): readonly Place[] {
  const byFolder = new Map(places.flatMap((at) => (at === undefined ? [] : [[at.folder, at] as const])));
  return [...byFolder.values()];
}

/** Makes the root group in one hierarchy, if it is not there. Returns the folders that were made, outermost first. */
export function makeRootGroup({ version, mount, folder, switchedOn }: Place): readonly string[] {
  const first = mkdirSync(folder, { recursive: true });
  const made: string[] = [];
  if (first !== undefined)
    for (let each = folder; each.length >= first.length; each = dirname(each)) made.unshift(each);
  if (version === 2 && switchedOn.length > 0) {
    const path = [folder];
    while (path[0] !== undefined && path[0] !== mount) path.unshift(dirname(path[0]));
    for (const group of path) switchOn(group, switchedOn);
  }
  return made;
}

/** Version 2 has controllers in a group only if they are switched on in all groups above it. */
function switchOn(group: string, controllers: readonly string[]): void {
  const file = join(group, 'cgroup.subtree_control');
  const have = new Set(readIfThere(file).trim().split(/\s+/));
  const missing = controllers.filter((name) => !have.has(name));
  if (missing.length === 0) return;
  try {
    writeFileSync(file, missing.map((name) => `+${name}`).join(' '));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      `${missing.join(', ')} cannot be switched on in ${group}: ${code === 'EBUSY' ? 'there are processes in that group itself' : message}`,
      { cause: error },
    );
  }
}

const CONTROLLERS = ['cpu', 'memory', 'pids'];

function place({ version, mount, controllers }: Hierarchy, root: string): Place {
  const switchedOn = version === 2 ? controllers.filter((name) => CONTROLLERS.includes(name)) : [];
  return { version, mount, folder: join(mount, root), switchedOn };
}

/** Lets a process enter a group in each place. Returns what went wrong, by folder. */
function tryToEnter(places: readonly Place[]): ReadonlyMap<string, string> {
  const trouble = new Map<string, string>();
  const groups = new Map<string, Place>();
  for (const at of places) {
    const group = join(at.folder, `probe-${process.pid}`);
    try {
      mkdirSync(group, { recursive: true });
      groups.set(join(group, 'cgroup.procs'), at);
    } catch (error) {
      trouble.set(at.folder, (error as Error).message);
    }
  }
  const enter = 'for entrance; do echo $$ > "$entrance" || echo "$entrance"; done';
  const { stdout, error } = spawnSync('/bin/sh', ['-c', enter, 'probe', ...groups.keys()], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const refused = new Set(stdout?.split('\n'));
  for (const [entrance, at] of groups) {
    removeIfEmpty(dirname(entrance));
    if (error !== undefined || refused.has(entrance))
      trouble.set(at.folder, `a process may not be moved into it`);
  }
  return trouble;
}

/** What is wrong with the places that one cannot do without, and how to come by all that one can use. */
function tell(
  lacking: readonly Place[],
  all: readonly Place[],
  trouble: ReadonlyMap<string, string>,
): string {
  const [first] = lacking;
  const folders = all.map(({ folder }) => folder).join(' ');
  const user = process.getuid?.() ?? '';
  const below =
    first?.version === 2
      ? `, switch on cpu, memory and pids in cgroup.subtree_control of ${dirname(first.folder)}, and start the slave in a group below ${first.folder}`
      : '';
  return (
    `the control groups ${lacking.map(({ folder }) => folder).join(', ')} cannot be used ` +
    `(${trouble.get(first?.folder ?? '')}); start the slave as root, or as root run ` +
    `'mkdir -p ${folders} && chown -R ${user} ${folders}'${below}`
  );
}

function describe({ cpu, memory, pids, freezer, unified }: CgroupRoot): string {
  const versions = new Set([cpu.version, memory.version]);
  const extra = [
    ...(pids === undefined ? ['no limit on processes'] : []),
    ...(unified !== undefined && cpu.version === 1 ? ['the kill of version 2'] : []),
    ...(unified === undefined && freezer === undefined ? ['neither kill nor freezer'] : []),
  ];
  return [`version ${[...versions].join(' and ')}`, ...extra].join(', ');
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // There is something in it, or another slave was faster.
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
