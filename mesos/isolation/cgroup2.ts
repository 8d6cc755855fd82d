/** Controllers of control groups version 2. `folder` is a group's folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CpuController,
  figure,
  type Killer,
  type MemoryController,
  QUOTA_PERIOD_US,
  quotaUs,
} from './controllers.ts';

/** The kernel's weight of a group that nobody has set, and ours of one whole processor. */
const WEIGHT_PER_CPU = 100;
const WEIGHT_MAX = 10_000;
/**
 * The kernel kills at once if it cannot bring usage below a new limit. What it cannot take back must stay below this part of it
 * before a limit is lowered.
 */
const LOWERING_MARGIN = 0.9;

/** Processors. */
export function cpuV2(folder: string): CpuController {
  return {
    limit(cpus, hasQuota) {
      const weight = Math.min(Math.max(Math.round(WEIGHT_PER_CPU * cpus), 1), WEIGHT_MAX);
      writeFileSync(join(folder, 'cpu.weight'), `${weight}`);
      if (hasQuota) writeFileSync(join(folder, 'cpu.max'), `${quotaUs(cpus)} ${QUOTA_PERIOD_US}`);
    },
    usedSeconds: () => (figure(read(folder, 'cpu.stat'), 'usage_usec') ?? 0) / 1e6,
  };
}

/** Memory, and no swap at all where the kernel counts it. Out of memory, the whole group ends and not one process of it. */
export function memoryV2(folder: string): MemoryController {
  const limitBytes = (): number | undefined => {
    const text = read(folder, 'memory.max').trim();
    return text === 'max' ? undefined : Number(text);
  };
  const usedBytes = (): number => {
    const stat = read(folder, 'memory.stat');
    // Memory that processes share is among the files too, but is not taken back.
    const cache = (figure(stat, 'file') ?? 0) - (figure(stat, 'shmem') ?? 0);
    return Math.max(0, Number(read(folder, 'memory.current')) - cache);
  };
  return {
    limit(bytes) {
      if (existsSync(join(folder, 'memory.swap.max'))) writeFileSync(join(folder, 'memory.swap.max'), '0');
      writeFileSync(join(folder, 'memory.oom.group'), '1');
      const lowers = bytes < (limitBytes() ?? Number.POSITIVE_INFINITY);
      if (lowers && usedBytes() > LOWERING_MARGIN * bytes) return false;
      writeFileSync(join(folder, 'memory.max'), `${bytes}`);
      return true;
    },
    usedBytes,
    peakBytes: () =>
      existsSync(join(folder, 'memory.peak')) ? Number(read(folder, 'memory.peak')) : undefined,
    limitBytes,
    kills: () => figure(read(folder, 'memory.events'), 'oom_kill') ?? 0,
  };
}

/** `cgroup.kill` of Linux 5.14: ends the group and all groups in it. Undefined if this kernel has none. */
export function killerV2(folder: string): Killer | undefined {
  const file = join(folder, 'cgroup.kill');
  return existsSync(file) ? { kill: async () => writeFileSync(file, '1') } : undefined;
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
