/** The sides of a comparison: versions of the code that can be run, or what was stored of runs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { infrastructureError, usageError } from '../command/exit.ts';
import { readReport } from '../command/storedReport.ts';
import type { Side } from '../comparison.ts';
import type { ReportData } from '../result.ts';
import { type Setting, setting } from '../run/provenance.ts';
import { checkOut, commitOf, copyWorkingTree } from './worktree.ts';

/** A side. */
export type AnySide = CodeSide | StoredSide;

/** A version of the code. */
export interface CodeSide {
  readonly kind: 'code';
  readonly side: Side;
  readonly setting: Setting;
  /** Where its code is. */
  readonly folder: string;
  /** Where a base is once more, for the control. */
  readonly controlFolder: string;
}

/** What was stored of a run. */
export interface StoredSide {
  readonly kind: 'stored';
  readonly side: Side;
  readonly folder: string;
  readonly data: ReportData;
}

/** Names of the working tree. */
const WORKING_TREE: readonly string[] = ['.', 'working-tree'];

/** What a name stands for. Code may not be there. */
export function kindOf(name: string): AnySide['kind'] {
  return !WORKING_TREE.includes(name) && existsSync(join(name, 'report.json')) ? 'stored' : 'code';
}

/** That two sides are not of one kind. */
export const mixed = () =>
  usageError('one side is a stored run and the other is code: compare two of a kind');

/**
 * Finds what a user means: `.` for the working tree, the folder of a stored run, or what git calls a commit. Rejects with a usage
 * error if it is none of these.
 */
export async function findSide(name: string, use: 'base' | 'head'): Promise<AnySide> {
  if (WORKING_TREE.includes(name)) return workingTree(use);
  if (kindOf(name) === 'stored') return stored(name);
  const commit = await commitOf(name);
  if (commit !== undefined) return checkedOut(name, commit, use);
  throw nowhere(name);
}

/** Rejects with a usage error if a name stands for nothing. */
export async function assertIsThere(name: string): Promise<void> {
  if (WORKING_TREE.includes(name) || kindOf(name) === 'stored') return;
  if ((await commitOf(name)) === undefined) throw nowhere(name);
}

const nowhere = (name: string) =>
  usageError(`'${name}' is no commit, and no folder with a report.json; '.' means the working tree`);

/** It is measured as it stands now, whatever becomes of it meanwhile. */
async function workingTree(use: 'base' | 'head'): Promise<CodeSide> {
  const { commit, dirty } = setting();
  const folder = await copyWorkingTree(use);
  const controlFolder = use === 'base' ? await copyWorkingTree('control') : folder;
  const own = { ...setting(folder), commit, dirty };
  if (setting(controlFolder).code !== own.code)
    throw infrastructureError('the working tree was changed while it was copied: compare again');
  return { kind: 'code', side: sideOf('working tree', own), setting: own, folder, controlFolder };
}

async function checkedOut(name: string, commit: string, use: 'base' | 'head'): Promise<CodeSide> {
  const folder = await checkOut(commit, use);
  const controlFolder = use === 'base' ? await checkOut(commit, 'control') : folder;
  const { stdout } = await promisify(execFile)(join(folder, 'harness', 'node'), ['--version']);
  const own = { ...setting(folder), commit, dirty: false, nodeVersion: stdout.trim() };
  return { kind: 'code', side: sideOf(name, own), setting: own, folder, controlFolder };
}

function stored(name: string): StoredSide {
  const folder = resolve(name);
  const data = readReport(join(folder, 'report.json'));
  const [cell] = data.experiments.flatMap(({ cells }) => cells);
  if (cell === undefined) throw usageError(`nothing was run of what is stored in ${folder}`);
  return { kind: 'stored', side: sideOf(name, cell.provenance), folder, data };
}

function sideOf(name: string, from: Omit<Side, 'name'>): Side {
  const { commit, dirty, lockfileSha256, nodeVersion } = from;
  return { name, commit, dirty, lockfileSha256, nodeVersion };
}
