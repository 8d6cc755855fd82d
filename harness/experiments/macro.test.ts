import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runVirtual } from '../run/virtual.ts';
import { macro } from './macro.ts';
import { sharedCluster, splitCluster } from './macroCluster.ts';

/** The sums of job times of each framework, in seconds. */
async function sums(system: 'mesos' | 'static', scale: number): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const outcome = await runVirtual({
    scenario: (system === 'mesos' ? sharedCluster : splitCluster)({ scale }),
    system,
    seed: 1,
    history: (line) => {
      const add = (framework: string, ms: number): void =>
        void found.set(framework, (found.get(framework) ?? 0) + ms / 1000);
      if (line.event === 'job-submitted') add(line.framework, -line.intendedMs);
      if (line.event === 'job-finished') add(line.framework, line.t);
    },
  });
  assert.ok(outcome.completed);
  return found;
}

test('on static partitions the whole system gives Table 4’s static column within 4%', async () => {
  const found = await sums('static', 1);
  for (const [framework, tableS] of [
    ['large-hadoop', 3143],
    ['spark', 1684],
    ['torque-mpi', 3210],
  ] as const)
    assert.ok(
      Math.abs((found.get(framework) ?? 0) / tableS - 1) < 0.04,
      `${framework}: ${found.get(framework)}`,
    );
});

test('a tenth of the cluster has the same shape: the large jobs gain most, and Torque nothing', async () => {
  const [onMesos, onStatic] = [await sums('mesos', 0.1), await sums('static', 0.1)];
  const speedUp = (framework: string): number =>
    (onStatic.get(framework) ?? Number.NaN) / (onMesos.get(framework) ?? Number.NaN);
  assert.ok(speedUp('large-hadoop') > 1.4);
  assert.ok(speedUp('large-hadoop') > speedUp('spark'));
  assert.ok(speedUp('torque-mpi') < 1.05);
});

test('every scenario differs from the paper’s in one thing only', () => {
  const [paper] = macro.scenarios;
  assert.ok(paper?.kind === 'virtual');
  for (const scenario of macro.scenarios) {
    if (scenario.kind !== 'virtual' || scenario.system === 'static' || scenario === paper) continue;
    const { frameworks, ...cluster } = scenario.cluster;
    const { frameworks: same, ...rest } = paper.cluster;
    const jobsAside = (all: typeof frameworks): unknown => all.map((one) => ({ ...one, jobs: null }));
    const others = JSON.stringify(jobsAside(frameworks)) !== JSON.stringify(jobsAside(same));
    const keys = new Set([...Object.keys(cluster), ...Object.keys(rest)]);
    const differing = [...keys].filter(
      (key) =>
        JSON.stringify(cluster[key as keyof typeof cluster]) !==
        JSON.stringify(rest[key as keyof typeof rest]),
    );
    // Remote reads concern both where blocks are and what their frameworks pay for them.
    assert.ok(differing.length + (others ? 1 : 0) <= (scenario.id === 'remote-reads' ? 2 : 1), scenario.id);
    assert.ok(differing.length > 0 || others, `${scenario.id} differs in nothing`);
  }
});

test.run();
