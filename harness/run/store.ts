/** What is kept of a run on disk: `OUT/cells/<id>/result.json` beside its history. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellResult, CompletedCell } from '../result.ts';
import { writeWhole } from './wholeFile.ts';

/** Where the files of all cells are. */
export function cellsFolder(out: string): string {
  return join(out, 'cells');
}

/** Where a cell's files are. */
export function cellFolder(out: string, cellId: string): string {
  return join(cellsFolder(out), cellId);
}

/** The result of a cell that was completed before; undefined if there is none, or it cannot be read. */
export function storedCell(out: string, cellId: string): CompletedCell | undefined {
  try {
    const stored = JSON.parse(
      readFileSync(join(cellFolder(out, cellId), 'result.json'), 'utf8'),
    ) as CellResult;
    return stored.state === 'completed' && stored.provenance.cellId === cellId && 'checks' in stored
      ? stored
      : undefined;
  } catch {
    return undefined;
  }
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
