/** A cell with all frameworks for real, small: on Mesos with machines that are namespaces, on static partitions with local ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../../infra/collectGarbage.ts';
import { localMachines } from '../../infra/local.ts';
import type { MachineProvider, ProcessSpec } from '../../infra/machine.ts';
import { netnsMachines } from '../../infra/netns/machines.ts';
import { CORPUS_BYTES_MIN } from '../../workloads/corpus.ts';
import { solverMix, textMix } from '../../workloads/small.ts';
import type { Experiment, RealRunScenario } from '../experiments/experiment.ts';
import type { MachinesWanted, RealFramework, RealScenario } from '../experiments/realScenario.ts';
import type { CellResult, RunCell, System } from '../result.ts';
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
/** They have addresses of their own, so that all file servers can have the same port. */
const PORT = 50_010;
const NETNS: MachinesWanted = {
  kind: 'netns',
  networkBitsPerSecond: 1e9,
  disk: { port: PORT, bitsPerSecond: 1e9 },
};
const SLEEPING: RealFramework = {
  ...{ kind: 'load', name: 'load', partition: 0 },
  load: {
    arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
    jobsMax: 2,
    taskMs: { type: 'constant', value: 50 },
    sizes: [{ resources: SLOT }],
  },
};

type Report = (done: number, total: number, stage: string) => void;

/** Runs the cell, on machines of the user's if there are any. */
function cellOf(
  system: System,
  out: string,
  {
    provide,
    stopping = new AbortController().signal,
    report = () => {},
  }: { readonly provide?: MachineProvider; readonly stopping?: AbortSignal; readonly report?: Report } = {},
): Promise<CellResult> {
  const cluster: RealScenario = {
    ...{ slaves: 3, slaveResources: { cpus: 2, mem: 512 }, replication: 1, limitMs: 120_000 },
    ...(system === 'mesos'
      ? {
          // Those of a user are never limited.
          machines: provide === undefined ? NETNS : { kind: 'netns' },
          frameworks: [...WORKING, SLEEPING],
          fileServers: { port: PORT, ownReads: 'server' },
        }
      : { frameworks: WORKING }),
  };
  const scenario: RealRunScenario = {
    ...{ kind: 'real', id: system, label: system, system, cluster, seeds: 1, parameters: {} },
  };
  const experiment: Experiment = {
    ...{ id: 'small', title: '', question: '', paper: '', claims: [], caveats: [] },
    scenarios: [scenario],
  };
  return runCell(
    { experiment, scenario, seed: 1, choices: {} },
    {
      ...{ setting: setting(), out, progress: { report } },
      ...(provide !== undefined && { provide }),
      stopping,
    },
  );
}

async function run(system: System, out: string, report?: Report): Promise<RunCell> {
  const result = await cellOf(system, out, report && { report });
  if (result.state === 'failed') throw new Error(result.reason);
  if (result.kind !== 'run') throw new Error(`it is of the kind ${result.kind}`);
  return result;
}

for (const system of ['mesos', 'static'] as const)
  test(`every framework ends its jobs with exact results, ${system === 'mesos' ? 'on Mesos' : 'on partitions'}`, async ({
    folder,
  }) => {
    // Other tests of this process may hold a text of theirs.
    await collectGarbage();
    const { arrayBuffers: before } = process.memoryUsage();
    let heldBytes = Number.NaN;
    const { checks, frameworks, offers, provenance } = await run(system, folder, (_done, _total, stage) => {
      if (stage === 'running') heldBytes = process.memoryUsage().arrayBuffers - before;
    });
    assert.ok(heldBytes < CORPUS_BYTES_MIN, `the runner holds ${heldBytes} bytes while the cluster runs`);
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
    const { kind, count, hardware } = provenance.machines ?? {};
    assert.equal([kind, count, hardware], [system === 'mesos' ? 'netns' : 'local', 4, 'shared']);
  });

test('a machine that fails is named, and nobody else is blamed', async ({ folder }) => {
  const provide: MachineProvider = async (at, names) => {
    const provisioned = await netnsMachines(at, names);
    await provisioned.machines[2]?.power.off();
    return provisioned;
  };
  const result = await cellOf('mesos', folder, { provide });
  assert.ok(result.state === 'failed');
  assert.is(result.cause, 'infrastructure');
  assert.match(result.reason, /^machine node2: /);
});

test('a cell that is stopped while its machines are made starts nothing on them', async ({ folder }) => {
  const stop = new AbortController();
  const started: string[] = [];
  const provide: MachineProvider = async (at, names) => {
    const provisioned = await localMachines(at, names);
    stop.abort();
    const machines = provisioned.machines.map((machine) => ({
      ...machine,
      start(spec: ProcessSpec) {
        started.push(spec.name);
        return machine.start(spec);
      },
    }));
    return { ...provisioned, machines };
  };
  const result = await cellOf('mesos', folder, { provide, stopping: stop.signal });
  assert.ok(result.state === 'failed');
  assert.is(result.reason, 'it was stopped');
  assert.equal(started, []);
});

test.run();
