/** For tests: jobs of rigid ranks, and queue servers that run them on a cluster in virtual time. */
import * as assert from 'uvu/assert';
import { modelRank } from '../mpi/rankModel.ts';
import { readTorqueConfig, type TorqueConfig, type TorqueConfigInput } from './config.ts';
import type { TorqueJob } from './job.ts';
import { createTorqueScheduler } from './scheduler.ts';
import type { TorqueSummary } from './summary.ts';
import { TestCluster, type TestClusterOptions } from './testCluster.ts';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;

/** A job whose ranks take so long each. */
export const job = (id: string, ranks: number, atMs = 0, workMs = 10_000, cv = 0): TorqueJob => ({
  id,
  kind: 'tachyon',
  ranks,
  submission: { when: 'at', ms: atMs },
  program: { type: 'model', workMs, cv },
});

/** A queue server with these jobs. */
export function configOf(jobs: readonly TorqueJob[], more: Partial<TorqueConfigInput> = {}): TorqueConfig {
  return readTorqueConfig({
    name: 'torque',
    jobs,
    slot: { cpus: 1 },
    executor: { name: 'rank', command: { shell: true, value: 'rank', arguments: [], environment: {} } },
    hoardTimeoutMs: 10_000,
    ...more,
  });
}

/** Slaves with so many slots each. */
export function clusterOf(slots: readonly number[], more: Partial<TestClusterOptions> = {}): TestCluster {
  return new TestCluster({ slots, executor: modelRank, ...more });
}

/** Starts a framework; its summary is in the answer when it is done. */
export function launch(
  cluster: TestCluster,
  config: TorqueConfig,
): { summary?: TorqueSummary; done: () => boolean } {
  const outcome: { summary?: TorqueSummary; done: () => boolean } = {
    done: () => outcome.summary !== undefined,
  };
  const factory = createTorqueScheduler(config, {
    onDone: (summary) => {
      assert.is(outcome.summary, undefined, 'done is told once');
      outcome.summary = summary;
    },
  });
  cluster.start(config.name, factory);
  return outcome;
}
