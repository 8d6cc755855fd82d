/** A cell of real processes in which things are broken, as its scenario plans. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlannedFault } from '../../infra/faults/plan.ts';
import { localMachines } from '../../infra/local.ts';
import type { MachineProvider } from '../../infra/machine.ts';
import { netnsMachines } from '../../infra/netns/machines.ts';
import type { Experiment, RealRunScenario } from '../experiments/experiment.ts';
import type { RealScenario } from '../experiments/realScenario.ts';
import { readHistory } from '../measure/readHistory.ts';
import type { CellResult } from '../result.ts';
import { runCell } from './anyCell.ts';
import { setting } from './provenance.ts';

const test = suite<{ folder: string }>('a cell in which things are broken');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'real-faults-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** Some seconds of work, so that all that is planned is seen meanwhile. */
const JOBS = 40;

/** Runs short tasks, one after the other, until long after the last fault. */
function run(
  out: string,
  faults: readonly PlannedFault[],
  jobsMax: number,
  provide: MachineProvider | undefined,
  more: Partial<RealScenario> = {},
): Promise<CellResult> {
  const scenario: RealRunScenario = {
    ...{ kind: 'real', id: 'broken', label: 'broken', system: 'mesos', seeds: 1, parameters: {} },
    cluster: {
      ...{ slaves: 2, slaveResources: { cpus: 1, mem: 512 }, replication: 1, limitMs: 60_000 },
      frameworks: [
        {
          ...{ kind: 'load', name: 'load', partition: 0 },
          load: {
            arrivals: { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } },
            jobsMax,
            taskMs: { type: 'constant', value: 100 },
            sizes: [{ resources: { cpus: 1, mem: 128 } }],
          },
        },
      ],
      faults,
      ...more,
    },
  };
  const experiment: Experiment = {
    ...{ id: 'broken', title: '', question: '', paper: '', claims: [], caveats: [] },
    scenarios: [scenario],
  };
  return runCell(
    { experiment, scenario, seed: 1, choices: {} },
    {
      ...{ setting: setting(), out, progress: { report() {} } },
      ...(provide !== undefined && { provide }),
      stopping: new AbortController().signal,
    },
  );
}

test('faults are injected and healed while the cluster works, and stand in its history', async ({
  folder,
}) => {
  const result = await run(
    folder,
    [
      { atMs: 0, fault: { kind: 'cut-off', machines: ['node1'] }, forMs: 100 },
      { atMs: 100, fault: { kind: 'kill', machine: 'node2', process: 'slave-node2' }, forMs: 100 },
      { atMs: 200, fault: { kind: 'disk-full', machine: 'head' }, forMs: 100 },
    ],
    JOBS,
    undefined,
    { machines: { kind: 'netns', smallDisks: { of: ['head'], bytes: 1024 * 1024 } } },
  );
  if (result.state === 'failed') throw new Error(result.reason);
  if (result.kind !== 'run') throw new Error(`it is of the kind ${result.kind}`);
  assert.equal(
    result.checks.filter(({ verdict }) => verdict !== 'passed'),
    [],
  );
  assert.match(
    result.checks.find(({ id }) => id === 'faults-seen')?.detail ?? '',
    /^3 of 3: cut-off of node1 at 0 s \(seen after \d+\.\d\d s, got over \d+\.\d\d s after it was healed\); kill of node2\/slave-node2 at 0\.1 s \(seen .*\); disk-full of head at 0\.2 s \(seen/,
  );
  const history = readHistory(join(folder, result.harness.historyFile ?? ''));
  const told: string[] = [];
  for await (const line of history)
    if ('subject' in line && line.by === 'faults@harness') told.push(`${line.event} ${line.subject}`);
  for (const subject of ['node1', 'node2/slave-node2', 'head'])
    assert.equal(
      told.filter((one) => one.endsWith(` ${subject}`)),
      ['injected', 'visible', 'healed', 'recovered'].map((step) => `fault-${step} ${subject}`),
    );
});

test('ZooKeeper’s leader is killed and the master leads on; the master is killed and another takes its place', async ({
  folder,
}) => {
  const result = await run(
    folder,
    [
      { atMs: 0, fault: { kind: 'zookeeper-leader' }, forMs: 0 },
      { atMs: 6_000, fault: { kind: 'kill', machine: 'master1', process: 'master1' }, forMs: 0 },
    ],
    2 * JOBS,
    netnsMachines,
    { masters: { count: 2, zookeepers: 3, sessionTimeoutMs: 5_000 } },
  );
  if (result.state === 'failed') throw new Error(result.reason);
  if (result.kind !== 'run') throw new Error(`it is of the kind ${result.kind}`);
  assert.equal(
    result.checks.filter(({ verdict }) => verdict !== 'passed'),
    [],
  );
  assert.is(result.provenance.machines?.count, 1 + 2 + 3 + 2);
  const labels = result.faults.map(({ label }) => label);
  for (const label of ['zookeeper-leader of zookeeper', 'kill of master1/master1', 'no master'])
    assert.ok(labels.includes(label), label);
  const story: string[] = [];
  for await (const line of readHistory(join(folder, result.harness.historyFile ?? '')))
    if (line.event === 'fault-injected') story.push(line.fault);
    else if (
      line.event === 'slave-registered' ||
      line.event === 'master-elected' ||
      line.event === 'slave-lost'
    )
      story.push(line.event);
  assert.equal(story, [
    ...['master-elected', 'slave-registered', 'slave-registered', 'zookeeper-leader'],
    ...['kill', 'master-elected', 'slave-registered', 'slave-registered'],
  ]);
});

test('what the machines cannot do is said before anything runs, and nobody else is blamed', async ({
  folder,
}) => {
  const result = await run(
    folder,
    [{ atMs: 0, fault: { kind: 'cut-off', machines: ['node1'] }, forMs: 100 }],
    1,
    localMachines,
  );
  assert.ok(result.state === 'failed');
  assert.is(result.cause, 'infrastructure');
  assert.match(result.reason, /^cut-off of node1: node1 and head share the address 127\.0\.0\.1: /);
});

test.run();
