/** How much a machine and the process groups of its daemon use. */
import { readFile } from 'node:fs/promises';
import type { ProcessTable } from './processTable.ts';
import {
  allProcesses,
  familyOf,
  PAGE_BYTES,
  parseMemory,
  parseNetwork,
  parseProcessors,
  TICKS_PER_SECOND,
} from './procfs.ts';
import type { UsageSample } from './protocol.ts';

/** Takes a sample. What the machine does not tell is 0. */
export async function usageOf(table: ProcessTable): Promise<UsageSample> {
  const [processors, memory, network, processes] = await Promise.all([
    tell('/proc/stat').then(parseProcessors),
    tell('/proc/meminfo').then(parseMemory),
    // Of the daemon's own network namespace, which is the machine's.
    tell('/proc/self/net/dev').then(parseNetwork),
    allProcesses(),
  ]);
  return {
    atMs: Date.now(),
    machine: {
      cpuBusyMs: processors.busyMs,
      cpuTotalMs: processors.totalMs,
      memoryUsedBytes: memory.usedBytes,
      memoryTotalBytes: memory.totalBytes,
      networkInBytes: network.inBytes,
      networkOutBytes: network.outBytes,
    },
    groups: table.running().map(({ id, name, process }) => {
      const family = familyOf(process.pid, processes);
      const total = (of: (one: (typeof family)[number]) => number): number =>
        family.reduce((sum, one) => sum + of(one), 0);
      return {
        id,
        name,
        cpuMs: (total(({ cpuTicks }) => cpuTicks) * 1000) / TICKS_PER_SECOND,
        rssBytes: total(({ rssPages }) => rssPages) * PAGE_BYTES,
        processes: family.length,
      };
    }),
  };
}

function tell(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
