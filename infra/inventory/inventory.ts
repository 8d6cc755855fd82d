/** The inventory: a file that names machines, how they are reached, what they have, and which runs what. docs/inventory.md describes it. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { LineCounter, parseDocument } from 'yaml';
import {
  MACHINES_MAX,
  MachineNameSchema,
  type MachinesAsked,
  MachinesAskedSchema,
} from '../deployments/asked.ts';
import { membersOf } from './group.ts';
import { type Complain, complaintAt, complaints, type Path } from './position.ts';
import { type InventoryFile, InventoryFileSchema } from './schema.ts';

/** Machines, and what runs on which. */
export interface Inventory<R> {
  readonly asked: MachinesAsked;
  readonly roles: {
    /** None, 1, 3 or 5. */
    readonly zookeeper: readonly string[];
    readonly masters: readonly string[];
    readonly slaves: readonly { readonly name: string; readonly resources: R }[];
  };
}

/** What the inventory does not know by itself. */
export interface InventoryOptions<R> {
  /** Reads the resources of a slave, e.g. `cpus:4;mem:4096`. Throws one sentence. */
  readonly parseResources: (text: string) => R;
  /** Of slaves that say nothing of them. */
  readonly defaultResources: R;
}

const LENGTH_MAX = 1024 * 1024;
const ALIASES_MAX = 100;

/** A machine of the file, or, of a group, one of them. */
interface Member {
  readonly name: string;
  readonly host: string;
  readonly ip?: string;
  readonly resources?: string;
  /** Where its entry stands. */
  readonly path: Path;
  readonly entry: InventoryFile['machines'][number];
}

/**
 * Reads the text of an inventory; `file` is its path: relative paths in it are relative to its folder. Throws an `InventoryError`, one
 * sentence with file, line and column, if anything in it is wrong.
 */
export function readInventory<R>(text: string, file: string, options: InventoryOptions<R>): Inventory<R> {
  const lines = new LineCounter();
  if (text.length > LENGTH_MAX) throw complaintAt(file, lines, 0, 'this is too long for an inventory');
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) throw complaintAt(file, lines, wrong.pos[0], `this is no YAML: ${wrong.message}`);
  const complain = complaints(file, document, lines);
  const content = check(document.toJS({ maxAliasCount: ALIASES_MAX }), complain);
  const members = content.machines.flatMap((entry, index) => expand(content, entry, index, complain));
  checkNames(members, complain);
  return {
    asked: askedOf(content, members, file, complain),
    roles: rolesOf(content, members, options, complain),
  };
}

function check(content: unknown, complain: Complain): InventoryFile {
  const checked = v.safeParse(InventoryFileSchema, content);
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  if (issue.type !== 'strict_object') throw complain(path, issue.message);
  const key = path.at(-1);
  if (issue.expected === 'never')
    throw complain(path, `there is no '${key}' here: see docs/inventory.md for what there is`, 'key');
  if (issue.received === 'undefined') throw complain(path, `'${key}' is missing here`);
  throw complain(path, 'write keys and values here');
}

/** The machines that an entry stands for. */
function expand(
  { defaults }: InventoryFile,
  entry: InventoryFile['machines'][number],
  index: number,
  complain: Complain,
): readonly Member[] {
  const path: Path = ['machines', index];
  const { name, host = name, ip } = entry as { name: string; host?: string; ip?: string };
  const names = group(name, [...path, 'name'], complain);
  const asMany = (text: string, key: string): readonly string[] => {
    const texts = group(text, [...path, key], complain);
    if (texts.length === names.length) return texts;
    throw complain(
      [...path, key],
      `'${text}' stands for ${texts.length}, but the name '${name}' for ${names.length}`,
    );
  };
  const hosts = asMany(host, 'host');
  const ips = ip === undefined ? [] : asMany(ip, 'ip');
  const resources = entry.resources ?? defaults?.resources;
  return names.map((one, n) => ({
    name: one,
    host: hosts[n] ?? one,
    ...(ips[n] !== undefined && { ip: ips[n] }),
    ...(resources !== undefined && { resources }),
    path,
    entry,
  }));
}

function group(text: string, path: Path, complain: Complain): readonly string[] {
  try {
    return membersOf(text);
  } catch (error) {
    throw complain(path, (error as Error).message);
  }
}

function checkNames(members: readonly Member[], complain: Complain): void {
  const seen = new Set<string>();
  for (const { name, path } of members) {
    const checked = v.safeParse(MachineNameSchema, name);
    if (!checked.success)
      throw complain([...path, 'name'], `'${name}' is no name: ${checked.issues[0].message}`);
    if (seen.has(name)) throw complain([...path, 'name'], `'${name}' is named twice`);
    seen.add(name);
  }
  if (members.length > MACHINES_MAX)
    throw complain(
      ['machines'],
      `these are ${members.length} machines, but a deployment has at most ${MACHINES_MAX}`,
    );
}

function askedOf(
  content: InventoryFile,
  members: readonly Member[],
  file: string,
  complain: Complain,
): MachinesAsked {
  const names = members.map(({ name }) => name);
  if (content.kind === 'local') return { kind: 'local', names };
  if (content.kind === 'netns') return { kind: 'netns', names, over: content.over };
  if (content.kind === 'slurm') {
    const { kind, minutes, partition, flags, waitMinutes } = content;
    if (partition?.startsWith('-') || /\s/.test(partition ?? ''))
      throw complain(['partition'], `'${partition}' is no name of a partition`);
    return {
      ...{ kind, names, minutes },
      ...(partition !== undefined && { partition }),
      ...(flags !== undefined && { flags }),
      ...(waitMinutes !== undefined && { waitMinutes }),
    };
  }
  const { remoteShell, knownHosts, defaults } = content;
  const machines = members.map(({ name, host, ip, entry }) => {
    const { user, port, key, folder } = { ...defaults, ...entry };
    return {
      ...{ name, host, ...(ip !== undefined && { ip }) },
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(key !== undefined && { key: pathFrom(file, key) }),
      // Several of them may share a file system.
      ...(folder !== undefined && { folder: join(folder, name) }),
    };
  });
  const settings = {
    ...(remoteShell !== undefined && { remoteShell }),
    ...(knownHosts !== undefined && { knownHosts: pathFrom(file, knownHosts) }),
  };
  const checked = v.safeParse(MachinesAskedSchema, { kind: 'ssh', machines, settings });
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  const [, index, key] = (issue.path ?? []).map((step) => step.key as string | number);
  const { path = ['machines'], name = '' } = members[Number(index)] ?? {};
  throw complain([...path, key ?? ''], `the ${key} of '${name}' ${issue.message}`);
}

function rolesOf<R>(
  { roles }: InventoryFile,
  members: readonly Member[],
  options: InventoryOptions<R>,
  complain: Complain,
): Inventory<R>['roles'] {
  const [first = '', ...others] = members.map(({ name }) => name);
  const named = (role: 'zookeeper' | 'masters' | 'slaves'): readonly string[] => {
    const listed = roles?.[role] ?? [];
    const names = [listed].flat().flatMap((text, index) => {
      const path: Path = typeof listed === 'string' ? ['roles', role] : ['roles', role, index];
      const each = group(text, path, complain);
      const unknown = each.find((name) => !members.some((member) => member.name === name));
      if (unknown !== undefined) throw complain(path, `no machine is called '${unknown}'`);
      return each;
    });
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw complain(['roles', role], `'${twice}' is there twice`);
    if (roles !== undefined && names.length === 0 && role !== 'zookeeper')
      throw complain(['roles', role], `no machine is named for the ${role}`);
    return names;
  };
  const masters = roles === undefined ? [first] : named('masters');
  const slaves = roles === undefined ? (others.length > 0 ? others : [first]) : named('slaves');
  const zookeeper = named('zookeeper');
  const resources = new Map(members.map((member) => [member.name, resourcesOf(member, options, complain)]));
  if (masters.length > 1 && zookeeper.length === 0)
    throw complain(
      ['roles', 'masters'],
      "several masters need ZooKeeper: name 1, 3 or 5 machines for 'zookeeper'",
    );
  if (zookeeper.length > 0 && ![1, 3, 5].includes(zookeeper.length))
    throw complain(
      ['roles', 'zookeeper'],
      `ZooKeeper has 1, 3 or 5 servers, and these are ${zookeeper.length}`,
    );
  return {
    zookeeper,
    masters,
    slaves: slaves.map((name) => ({ name, resources: resources.get(name) ?? options.defaultResources })),
  };
}

function resourcesOf<R>(
  { resources, path, entry }: Member,
  { parseResources, defaultResources }: InventoryOptions<R>,
  complain: Complain,
): R {
  if (resources === undefined) return defaultResources;
  try {
    return parseResources(resources);
  } catch (error) {
    throw complain(
      [...(entry.resources === undefined ? ['defaults'] : path), 'resources'],
      (error as Error).message,
    );
  }
}

/** A path that stands in a file; `~` is the user's home. */
function pathFrom(file: string, path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(file, '..', path);
}
