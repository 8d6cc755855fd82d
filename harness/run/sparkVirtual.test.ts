import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { leastSquaresMix } from '../../workloads/iterative.ts';
import { largeBatch } from '../../workloads/largeBatch.ts';
import type { VirtualScenario } from '../experiments/virtualScenario.ts';
import { fold } from '../measure/fold.ts';
import { invariants } from '../measure/invariants.ts';
import { runVirtual } from './virtual.ts';

const SLOT = { cpus: 1, mem: 1024 };
/** Two of the paper's frameworks on a twelfth of its cluster: 8 nodes. */
const SCENARIO: VirtualScenario = {
  slaves: 8,
  slaveResources: { cpus: 4, mem: 15 * 1024 },
  replication: 3,
  frameworks: [
    {
      kind: 'hadoop',
      name: 'hadoop',
      partition: 4,
      slot: SLOT,
      localityWaitMs: 5_000,
      remoteSlowdown: 1,
      jobs: () =>
        largeBatch()
          .slice(0, 3)
          .map((job) => ({ ...job, maps: 200 })),
    },
    {
      kind: 'spark',
      name: 'spark',
      partition: 4,
      slot: { cpus: 1 },
      localityWaitMs: 5_000,
      remoteSlowdown: 1,
      executorResources: { mem: 4096 },
      cacheBytes: 4096 * 1024 * 1024,
      jobs: () =>
        leastSquaresMix()
          .slice(0, 2)
          .map((job) => ({ ...job, partitions: 32 })),
    },
  ],
  limitMs: 2 * 3_600_000,
};

async function run(system: 'mesos' | 'static'): Promise<readonly HistoryLine[]> {
  const history: HistoryLine[] = [];
  const outcome = await runVirtual({
    scenario: SCENARIO,
    system,
    seed: 1,
    history: (line) => history.push(line),
  });
  assert.ok(outcome.completed);
  const broken = fold(history, invariants()).filter(({ verdict }) => verdict !== 'passed');
  assert.equal(broken, []);
  return history;
}

/** How long the jobs of a framework took together. */
function spanMs(history: readonly HistoryLine[], framework: string): number {
  let total = 0;
  for (const line of history) {
    if (line.event === 'job-submitted' && line.framework === framework) total -= line.t;
    if (line.event === 'job-finished' && line.framework === framework) total += line.t;
  }
  return total;
}

test('Spark’s jobs share a cluster with Hadoop’s in virtual time, on Mesos and on static partitions, and every check holds', async () => {
  const [mesos, own] = [await run('mesos'), await run('static')];
  for (const framework of ['hadoop', 'spark']) {
    const ends = mesos.filter((line) => line.event === 'job-finished' && line.framework === framework);
    assert.is(ends.length, framework === 'hadoop' ? 3 : 2);
  }
  // While the one thinks or waits, the other has its slots.
  assert.ok(spanMs(mesos, 'hadoop') < spanMs(own, 'hadoop'));
});

test.run();
