/**
 * Versions of the code beside each other in a cache: worktrees by commit, so that a version that was looked at before is there at once,
 * and copies of the working tree as it stood. The cache keeps the few that were used last.
 */

import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { infrastructureError } from '../command/exit.ts';
import { makeFolder } from '../folder.ts';
import { PROJECT, sha256 } from '../run/provenance.ts';

const execute = promisify(execFile);

/** Digits of a copy's name, in hexadecimal. */
const CONTENT_DIGITS = 16;

/** What a checkout is for. Each has a folder of its own, so that where a version lies counts as noise, not as a difference. */
export type Use = 'base' | 'control' | 'head';

/** Where the versions come from, and where they go. */
export interface CheckoutPlace {
  /** A checkout of the repository, with its packages installed. */
  readonly project: string;
  readonly cache: string;
  /** Checkouts that are kept. A comparison needs three. */
  readonly keptMax: number;
}

const ownPlace = (): CheckoutPlace => ({
  project: PROJECT,
  cache: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mesos-lab', 'checkouts'),
  keptMax: 9,
});

/**
 * The commit that a name stands for in the repository of this project, or of another folder; undefined if it stands for none. Rejects
 * as {@link assertRepository} does.
 */
export async function commitOf(name: string, project = PROJECT): Promise<string | undefined> {
  try {
    const { stdout } = await git(
      project,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${name}^{commit}`,
    );
    return stdout.trim();
  } catch {
    await assertRepository(project);
    return undefined;
  }
}

/** Rejects with an infrastructure error if no commits can be looked up at all: without git, or where it finds or trusts no repository. */
export async function assertRepository(project = PROJECT): Promise<void> {
  try {
    await execute('git', ['-C', project, 'rev-parse', '--git-dir']);
  } catch (error) {
    throw infrastructureError(`no commits can be looked up in ${project}: ${gitTrouble(error)}`, error);
  }
}

/** The folder with the code of a commit, ready to run. Rejects with a sentence if it cannot be made. */
export async function checkOut(commit: string, use: Use, place = ownPlace()): Promise<string> {
  const { project, cache } = place;
  const folder = join(cache, `${commit}-${use}`);
  makeFolder(cache);
  await git(project, 'worktree', 'prune');
  if (!(await isWhole(folder, commit))) {
    rmSync(folder, { recursive: true, force: true });
    await git(project, 'worktree', 'prune');
    await git(project, 'worktree', 'add', '--detach', '--force', folder, commit);
  }
  await provideModules(folder, project);
  const now = new Date();
  utimesSync(folder, now, now);
  await forgetOld(place);
  return folder;
}

/**
 * The folder with a copy of the working tree as it stands at this moment, changes and new files included, ready to run: whoever edits
 * it meanwhile does not change what is measured. The same content has the same folder. Rejects with a sentence if it cannot be made.
 */
export async function copyWorkingTree(use: Use, place = ownPlace()): Promise<string> {
  const { project, cache } = place;
  const listed = await git(project, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  const files = listed.stdout
    .split('\0')
    .filter((file) => file !== '' && file !== 'node_modules' && existsSync(join(project, file)))
    .sort();
  makeFolder(cache);
  const copied = join(cache, `working-tree-${process.pid}-${use}.part`);
  rmSync(copied, { recursive: true, force: true });
  copyFiles(project, copied, files);
  const content = contentOf(copied, files);
  const folder = join(cache, `working-tree-${content.slice(0, CONTENT_DIGITS)}-${use}`);
  if (contentOf(folder, files) === content) rmSync(copied, { recursive: true, force: true });
  else {
    rmSync(folder, { recursive: true, force: true });
    renameSync(copied, folder);
  }
  await provideModules(folder, project);
  const now = new Date();
  utimesSync(folder, now, now);
  await forgetOld(place);
  return folder;
}

/** Files and links as they are, to the same places in another folder; what is a folder is another repository's. */
function copyFiles(from: string, to: string, files: readonly string[]): void {
  for (const folder of new Set(files.map((file) => dirname(join(to, file))))) makeFolder(folder);
  for (const file of files) {
    const source = join(from, file);
    const kind = lstatSync(source);
    if (kind.isSymbolicLink()) symlinkSync(readlinkSync(source), join(to, file));
    else if (kind.isFile()) copyFileSync(source, join(to, file));
  }
}

/** A hash of what is in these files. */
function contentOf(folder: string, files: readonly string[]): string {
  const hashes = files
    .map((file) => ({ file, path: join(folder, file) }))
    .filter(({ path }) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map(({ file, path }) => `${file} ${sha256(readFileSync(path))}`);
  return sha256(hashes.join('\n'));
}

/** A checkout that was interrupted is not. */
async function isWhole(folder: string, commit: string): Promise<boolean> {
  if (!existsSync(join(folder, '.git'))) return false;
  try {
    const head = await git(folder, 'rev-parse', 'HEAD');
    const { stdout: changes } = await git(folder, 'status', '--porcelain', '--untracked-files=no');
    return head.stdout.trim() === commit && changes === '';
  } catch {
    return false;
  }
}

/** Packages are shared with this checkout if they are the same. */
async function provideModules(folder: string, project: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) return;
  const lockfile = (one: string): string => readFileSync(join(one, 'package-lock.json'), 'utf8');
  if (lockfile(folder) === lockfile(project)) {
    symlinkSync(realpathSync(join(project, 'node_modules')), modules);
    return;
  }
  try {
    await execute('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  } catch (error) {
    rmSync(modules, { recursive: true, force: true });
    throw new Error(`the packages of ${folder} cannot be installed: ${lastLine(error)}`);
  }
}

async function forgetOld({ project, cache, keptMax }: CheckoutPlace): Promise<void> {
  const usedMs = (name: string): number => statSync(join(cache, name)).mtimeMs;
  const old = readdirSync(cache)
    .sort((a, b) => usedMs(b) - usedMs(a))
    .slice(keptMax);
  for (const name of old) rmSync(join(cache, name), { recursive: true, force: true });
  if (old.length > 0) await git(project, 'worktree', 'prune');
}

async function git(folder: string, ...args: readonly string[]): Promise<{ readonly stdout: string }> {
  try {
    return await execute('git', ['-C', folder, ...args], { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    throw new Error(`git ${args[0]} failed: ${gitTrouble(error)}`);
  }
}

const gitTrouble = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'git is needed for that, and is not there: install it'
    : firstComplaint(error);

/** Git explains itself after it. */
function firstComplaint(error: unknown): string {
  const { stderr = '' } = error as { readonly stderr?: string };
  return /^fatal: .*/m.exec(stderr)?.[0] ?? lastLine(error);
}

function lastLine(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
  return stderr.trim().split('\n').at(-1) || message;
}
