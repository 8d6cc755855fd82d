/** Controllers of control groups version 1. `folder` is a group's folder in the hierarchy that has the controller. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CpuController,
  figure,
  type Killer,
  type MemoryController,
  QUOTA_PERIOD_US,
  quotaUs,
} from './controllers.ts';
import { kill } from './processTable.ts';

/** Shares of one whole processor. */
const SHARES_PER_CPU = 1024;
const SHARES_MIN = 10;
/** Without a limit the kernel shows the greatest number that it has, which is near to this. */
const UNLIMITED_BYTES = 2 ** 62;
/** How long a freezer may take; after that its processes are killed as they run. */
const FREEZE_ATTEMPTS = 50;

/** Processors: `cpu` has the limits and `cpuacct` the usage, in hierarchies of their own or in one. */
export function cpuV1(cpuFolder: string, cpuacctFolder: string): CpuController {
  return {
    limit(cpus, hasQuota) {
      const shares = Math.max(Math.floor(SHARES_PER_CPU * cpus), SHARES_MIN);
      writeFileSync(join(cpuFolder, 'cpu.shares'), `${shares}`);
      if (!hasQuota) return;
      writeFileSync(join(cpuFolder, 'cpu.cfs_period_us'), `${QUOTA_PERIOD_US}`);
      writeFileSync(join(cpuFolder, 'cpu.cfs_quota_us'), `${quotaUs(cpus)}`);
    },
    usedSeconds: () => number(cpuacctFolder, 'cpuacct.usage') / 1e9,
  };
}

/** Memory. Where the kernel counts swap, memory and swap together have the same limit, so nothing is swapped out instead. */
export function memoryV1(folder: string): MemoryController {
  const hard = join(folder, 'memory.limit_in_bytes');
  const withSwap = join(folder, 'memory.memsw.limit_in_bytes');
  const limitBytes = (): number | undefined => {
    const bytes = number(folder, 'memory.limit_in_bytes');
    return bytes < UNLIMITED_BYTES ? bytes : undefined;
  };
  const usedBytes = (): number => {
    const stat = readFileSync(join(folder, 'memory.stat'), 'utf8');
    // Memory that processes share is in the cache too, but is not taken back.
    const cache = (figure(stat, 'total_cache') ?? 0) - (figure(stat, 'total_shmem') ?? 0);
    return Math.max(0, number(folder, 'memory.usage_in_bytes') - cache);
  };
  return {
    limit(bytes) {
      writeFileSync(join(folder, 'memory.soft_limit_in_bytes'), `${bytes}`);
      // The limit with swap may never be the lower one.
      const files = existsSync(withSwap) ? [withSwap, hard] : [hard];
      if (bytes < (limitBytes() ?? Number.POSITIVE_INFINITY)) {
        if (usedBytes() > bytes) return false;
        files.reverse();
      }
      try {
        for (const file of files) writeFileSync(file, `${bytes}`);
        return true;
      } catch (error) {
        // The kernel could not take back enough.
        if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
        throw error;
      }
    },
    usedBytes,
    peakBytes: () => number(folder, 'memory.max_usage_in_bytes'),
    limitBytes,
    kills: () => figure(readFileSync(join(folder, 'memory.oom_control'), 'utf8'), 'oom_kill') ?? 0,
  };
}

/** Stops all processes, so that none can fork away, kills them, and lets them go on to their end. */
export function freezerV1(folder: string): Killer {
  const state = join(folder, 'freezer.state');
  return {
    async kill(pids) {
      writeFileSync(state, 'FROZEN');
      for (let n = 0; n < FREEZE_ATTEMPTS && readFileSync(state, 'utf8').trim() !== 'FROZEN'; n++)
        await sleep(1);
      for (const pid of pids()) kill(pid);
      writeFileSync(state, 'THAWED');
    },
  };
}

function number(folder: string, file: string): number {
  return Number(readFileSync(join(folder, file), 'utf8'));
}
