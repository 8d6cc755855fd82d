/** What is kept of a run's machines, which are about to be removed: logs, and the histories as one. */
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Machine } from '../../infra/machine.ts';
import { makeFolder } from '../folder.ts';
import { type HistoryFile, mergeHistories } from '../measure/readHistory.ts';

/** Keeps the logs of all processes, and what executors wrote, of all machines that can still be read. */
export async function keepLogs(machines: readonly Machine[], into: string): Promise<void> {
  for (const machine of machines) {
    // Why a machine cannot be read is told by the run, which has failed for it.
    const files = await machine.list('.').catch(() => []);
    for (const file of files.filter(isLog))
      await machine.fetch(file, join(into, machine.name, file)).catch(() => {});
  }
}

const isLog = (file: string): boolean => file.endsWith('.log') || /\/runs\/[^/]+\/std(out|err)$/.test(file);

/**
 * Merges the histories of all processes, by time, into one file; a last line that is not whole is left out, for processes are killed, and
 * others still write. `aheadMs`: how far each machine's clock is ahead, by name; `via`: a folder for a while.
 */
export async function keepHistories(
  machines: readonly Machine[],
  aheadMs: ReadonlyMap<string, number>,
  { via, into }: { readonly via: string; readonly into: string },
): Promise<void> {
  const files: HistoryFile[] = [];
  for (const machine of machines)
    for (const file of (await machine.list('.')).filter(isHistory)) {
      const path = join(via, machine.name, file);
      await machine.fetch(file, path);
      files.push({ path, aheadMs: aheadMs.get(machine.name) ?? 0 });
    }
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const line of mergeHistories(files, { onTorn() {} })) yield `${JSON.stringify(line)}\n`;
  }
  makeFolder(dirname(into));
  await pipeline(lines, createWriteStream(into));
}

/** They stand in the folders of the machines themselves. */
const isHistory = (file: string): boolean => /^[^/]+\.ndjson$/.test(file);
