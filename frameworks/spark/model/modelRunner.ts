/** The executor in virtual time: its tasks only take time, less if what they read is in memory. Many run at once. */
import type { Millis, Timer } from '../../../mesos/driver/actor.ts';
import type { ExecutorDriver, ExecutorFactory } from '../../../mesos/driver/executor.ts';
import type { SlaveInfo } from '../../../mesos/protocol/entities.ts';
import { drawLength } from '../../../workloads/partition.ts';
import { seededUniform } from '../../../workloads/random.ts';
import { modelledSpeed } from '../../modelledSpeed.ts';
import { sparkExecutor } from '../executor/executor.ts';
import { ownPool, PartitionCache } from '../executor/partitionCache.ts';
import type { Runner, TaskEnd } from '../executor/runner.ts';
import type { ExecutorData, TaskData, TaskReport } from '../taskData.ts';

/** Makes executors whose tasks take as long as their model says. */
export function createSparkExecutorModel(): ExecutorFactory {
  return sparkExecutor(modelRunner);
}

function modelRunner(data: ExecutorData, slave: SlaveInfo, driver: ExecutorDriver): Runner {
  const speed = modelledSpeed(slave);
  const cache = new PartitionCache<true>(ownPool(data.cacheBytes));
  /** When the values that all its tasks share are here, by dataset. */
  const sharedAt = new Map<number, Millis>();
  /** How long a task that begins now waits for a shared value. */
  const waitFor = (dataset: number, fetchMs: Millis): Millis => {
    const now = driver.now();
    const at = sharedAt.get(dataset) ?? now + fetchMs;
    sharedAt.set(dataset, at);
    return Math.max(0, at - now);
  };
  const running = new Map<string, { readonly timer: Timer; readonly ended: (end: TaskEnd) => void }>();
  return {
    run(name, task, ended) {
      const { ms, locality, makes } = modelOf(task, cache, waitFor, data.seed, slave.hostname);
      const timer = driver.after(ms / speed, () => {
        running.delete(name);
        const { partition } = task;
        for (const { dataset, bytes } of makes)
          if (!cache.has(dataset, partition) && cache.reserve(dataset, bytes))
            cache.put(dataset, partition, true, bytes);
        const report: TaskReport = {
          result: { type: 'none' },
          accumulators: [],
          cache: cache.takeChanges(),
          ...(locality !== undefined && { locality }),
          inputBytes: 0,
        };
        ended({ outcome: 'finished', report });
      });
      running.set(name, { timer, ended });
    },
    kill(name) {
      const found = running.get(name);
      if (found === undefined) return;
      found.timer.cancel();
      running.delete(name);
      found.ended({ outcome: 'killed' });
    },
    unpersist: (dataset) => cache.unpersist(dataset),
    forgetBroadcast() {},
    async close() {
      for (const { timer } of running.values()) timer.cancel();
      running.clear();
    },
  };
}

/**
 * How long a modelled task takes on a usual slave, and what it makes that is to stay in memory.
 *
 * The deviation of a length hangs on seed, dataset and partition alone, not on when or where it runs: the same partition is as lucky
 * on every system (common random numbers).
 */
function modelOf(
  { plan, sources, partition }: TaskData,
  cache: PartitionCache<true>,
  waitFor: (dataset: number, fetchMs: Millis) => Millis,
  seed: number,
  hostname: string,
): {
  readonly ms: number;
  readonly locality: TaskReport['locality'];
  readonly makes: readonly { readonly dataset: number; readonly bytes: number }[];
} {
  let ms = 0;
  let locality: TaskReport['locality'];
  const makes: { dataset: number; bytes: number }[] = [];
  const needed = new Set([plan.length - 1]);
  for (let number = plan.length - 1; number >= 0; number--) {
    const node = plan[number];
    if (node === undefined || !needed.has(number)) continue;
    const { dataset, step, isCached, inputs } = node;
    if (isCached && cache.get(dataset, partition) !== undefined) {
      locality = 'memory';
      continue;
    }
    if (step.type !== 'model') throw new TypeError('A modelled executor runs only modelled datasets.');
    if (isCached) makes.push({ dataset, bytes: step.bytes });
    let meanMs = step.ms;
    const hosts = sources.find((source) => source.node === number)?.hosts ?? [];
    if (hosts.length > 0) {
      locality = hosts.includes(hostname) ? 'local' : 'remote';
      if (locality === 'remote') meanMs *= step.remoteSlowdown;
    }
    if (step.isShared) ms += waitFor(dataset, meanMs);
    else if (meanMs > 0 && step.cv > 0)
      ms += drawLength(meanMs, step.cv, seededUniform(`${seed}/${dataset}/${partition}`));
    else ms += meanMs;
    for (const input of inputs) if (input.type === 'node') needed.add(input.node);
  }
  return { ms, locality, makes };
}
