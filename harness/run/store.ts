/** What is kept of a run on disk: `OUT/cells/<id>/result.json` beside its history. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellResult, CompletedCell } from '../result.ts';
import { cellDamage } from '../storedSchema.ts';
import { writeWhole } from './wholeFile.ts';

/** Where the files of all cells are. */
export function cellsFolder(out: string): string {
  return join(out, 'cells');
}

/** Where a cell's files are. */
export function cellFolder(out: string, cellId: string): string {
  return join(cellsFolder(out), cellId);
}

/**
 * The result of a cell that was completed before; undefined if there is none. A file that cannot be read, or holds something else,
 * counts as none, and `warn` is told which and why.
 */
export function storedCell(
  out: string,
  cellId: string,
  warn: (sentence: string) => void,
): CompletedCell | undefined {
  const file = join(cellFolder(out, cellId), 'result.json');
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') warn(`${file} cannot be read: ${message}`);
    return undefined;
  }
  const damage = cellDamage(stored) ?? strangeness(stored as CellResult, cellId);
  if (damage !== undefined) warn(`${file} is damaged (${damage})`);
  return damage === undefined && (stored as CellResult).state === 'completed'
    ? (stored as CompletedCell)
    : undefined;
}

function strangeness({ provenance }: CellResult, cellId: string): string | undefined {
  return provenance.cellId === cellId ? undefined : `it is of the cell ${provenance.cellId}`;
}

/** Is the history of this cell there, or none to be had? */
export function hasHistory(out: string, { harness, provenance }: CompletedCell): boolean {
  if (provenance.clock !== 'virtual' || harness.historyLines === 0) return true;
  return harness.historyFile !== null && existsSync(join(out, harness.historyFile));
}

/** Stores a result. Rejects with the error of the file system. */
export async function storeCell(out: string, result: CellResult): Promise<void> {
  const file = join(cellFolder(out, result.provenance.cellId), 'result.json');
  await writeWhole(file, `${JSON.stringify(result, null, 1)}\n`);
}
