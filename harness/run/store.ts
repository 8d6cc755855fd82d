/** What is kept of a run on disk: `OUT/cells/<id>/result.json` beside its history. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellResult, CompletedCell } from '../result.ts';

/** Where a cell's files are. */
export function cellFolder(out: string, cellId: string): string {
  return join(out, 'cells', cellId);
}

/** The result of a cell that was completed before; undefined if there is none, or it cannot be read. */
export function storedCell(out: string, cellId: string): CompletedCell | undefined {
  try {
    const stored = JSON.parse(
      readFileSync(join(cellFolder(out, cellId), 'result.json'), 'utf8'),
    ) as CellResult;
    return stored.state === 'completed' ? stored : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes a file whole or not at all: what is there after a crash can be trusted. Of several commands that write it at the same time the
 * last one counts. Throws what the file system throws.
 */
export function writeWhole(path: string, text: string): void {
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Stores a result. */
export function storeCell(out: string, result: CellResult): void {
  const folder = cellFolder(out, result.provenance.cellId);
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
}
