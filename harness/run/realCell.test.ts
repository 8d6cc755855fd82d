/** A cell with all frameworks for real, small: processes of this machine, on Mesos and on static partitions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { solverMix, textMix } from '../../workloads/small.ts';
import type { Experiment, RealRunScenario } from '../experiments/experiment.ts';
import type { RealFramework, RealScenario } from '../experiments/realScenario.ts';
import type { RunCell } from '../result.ts';
import { runCell } from './anyCell.ts';
import { setting } from './provenance.ts';

const test = suite<{ folder: string }>('a cell of real processes');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'real-cell-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const SLOT = { cpus: 1, mem: 128 };
const WORKING: readonly RealFramework[] = [
  {
    ...{ kind: 'hadoop', name: 'hadoop', partition: 1, slot: SLOT, localityWaitMs: 100 },
    work: (seed) => textMix({ seed, blockBytes: 256 * 1024, blocks: 4, jobs: 4, spanMs: 200 }),
  },
  {
    ...{ kind: 'mpi', name: 'mpi', partition: 1, slot: SLOT },
    jobs: () => solverMix({ jobs: 1, ranks: 1, gridSize: 32, repeats: 1, spanMs: 0 }),
  },
  {
    ...{ kind: 'spark', name: 'spark', partition: 1, slot: { cpus: 1, mem: 64 }, localityWaitMs: 100 },
    executorResources: { mem: 128 },
    work: (seed) => ({
      ratings: { users: 40, items: 20, rank: 2, perUser: 5, noise: 0.1, seed },
      ...{ blockBytes: 1024, factoring: { rank: 2, lambda: 0.01 }, iterations: 2 },
    }),
  },
];
const SLEEPING: RealFramework = {
  ...{ kind: 'load', name: 'load', partition: 0 },
  load: {
    arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
    jobsMax: 2,
    taskMs: { type: 'constant', value: 50 },
    sizes: [{ resources: SLOT }],
  },
};

async function run(system: 'mesos' | 'static', out: string): Promise<RunCell> {
  const cluster: RealScenario = {
    ...{ slaves: 3, slaveResources: { cpus: 2, mem: 512 }, replication: 1, limitMs: 120_000 },
    frameworks: system === 'mesos' ? [...WORKING, SLEEPING] : WORKING,
  };
  const scenario: RealRunScenario = {
    ...{ kind: 'real', id: system, label: system, system, cluster, seeds: 1, parameters: {} },
  };
  const experiment: Experiment = {
    ...{ id: 'small', title: '', question: '', paper: '', claims: [], caveats: [] },
    scenarios: [scenario],
  };
  const surroundings = {
    ...{ setting: setting(), out, progress: { report() {} } },
    stopping: new AbortController().signal,
  };
  const result = await runCell({ experiment, scenario, seed: 1, choices: {} }, surroundings);
  if (result.state === 'failed') throw new Error(result.reason);
  if (result.kind !== 'run') throw new Error(`it is of the kind ${result.kind}`);
  return result;
}

for (const system of ['mesos', 'static'] as const)
  test(`every framework ends its jobs with exact results, ${system === 'mesos' ? 'on Mesos' : 'on partitions'}`, async ({
    folder,
  }) => {
    const { checks, frameworks, offers } = await run(system, folder);
    assert.equal(
      checks.filter(({ verdict }) => verdict !== 'passed'),
      [],
    );
    for (const name of ['exact-hadoop', 'exact-mpi', 'exact-spark'])
      assert.ok(
        checks.some(({ id }) => id === name),
        name,
      );
    assert.is(frameworks.length, system === 'mesos' ? 4 : 3);
    for (const { name, jobs } of frameworks)
      assert.ok(jobs.length > 0 && jobs.every(({ outcome }) => outcome === 'finished'), name);
    assert.is(offers === null, system === 'static');
  });

test.run();
