import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { VirtualFramework, VirtualScenario } from '../experiments/virtualScenario.ts';
import { fold } from '../measure/fold.ts';
import { invariants } from '../measure/invariants.ts';
import { runVirtual } from './virtual.ts';

const SLOT = { cpus: 1, mem: 256 };

/** Three jobs of four tasks of 10 s: one after the other, or by as many users at once. */
const load = (name: string, more: Partial<VirtualFramework> = {}, users = 1): VirtualFramework =>
  ({
    ...{ kind: 'load', name, partition: 0, ...more },
    load: {
      arrivals: { type: 'closed', users, thinkMs: { type: 'constant', value: 0 } },
      jobsMax: 3,
      tasksPerJob: { type: 'constant', value: 4 },
      taskMs: { type: 'constant', value: 10_000 },
      sizes: [{ resources: SLOT }],
    },
  }) as VirtualFramework;

const CLUSTER = {
  slaves: 2,
  slaveResources: { cpus: 4, mem: 1024 },
  replication: 1,
  limitMs: 600_000,
} as const;

async function run(scenario: VirtualScenario) {
  const lines: HistoryLine[] = [];
  const outcome = await runVirtual({
    scenario,
    system: 'mesos',
    seed: 1,
    history: (line) => void lines.push(line),
  });
  const of = <E extends HistoryLine['event']>(event: E) =>
    lines.filter((line): line is Extract<HistoryLine, { event: E }> => line.event === event);
  return { ...outcome, lines, of };
}

test('a framework that starts later gets nothing before', async () => {
  const { completed, of } = await run({
    ...CLUSTER,
    frameworks: [load('first'), load('second', { startMs: 15_000 })],
  });
  assert.ok(completed);
  assert.is(of('job-finished').length, 6);
  const times = of('framework-registered').map(({ t }) => t);
  assert.ok((times[0] as number) < 1_000 && (times[1] as number) >= 15_000);
});

test('a run that is to end at a time ends there, with work left', async () => {
  const { completed, endMs, of } = await run({ ...CLUSTER, untilMs: 15_000, frameworks: [load('endless')] });
  assert.ok(completed);
  assert.is(endMs, 15_000);
  assert.is(of('job-finished').length, 1);
});

test('a run whose time is up with work left has not completed', async () => {
  assert.not((await run({ ...CLUSTER, limitMs: 15_000, frameworks: [load('late')] })).completed);
});

test('when the leading master is killed another takes over, and no task is lost', async () => {
  const { completed, lines, of } = await run({
    ...CLUSTER,
    masters: { count: 2, sessionTimeoutMs: 5_000 },
    faults: [{ fault: 'kill-leader', atMs: 12_000 }],
    frameworks: [load('first')],
  });
  assert.ok(completed);
  const elections = of('master-elected').map(({ t }) => t);
  assert.is(elections.length, 2);
  assert.ok((elections[1] as number) > 12_000 + 2_500 && (elections[1] as number) < 12_000 + 10_000);
  assert.equal(
    fold(lines, invariants()).filter(({ verdict }) => verdict === 'failed'),
    [],
  );
  assert.is(of('slave-lost').length, 0);
});

test('when a slave is killed its tasks run again elsewhere', async () => {
  const { completed, of } = await run({
    ...CLUSTER,
    faults: [{ fault: 'kill-slave', atMs: 5_000, slave: 0 }],
    frameworks: [load('first')],
  });
  assert.ok(completed);
  assert.is(of('job-finished').length, 3);
});

test('the module that a scenario names allocates: by strict priority the lower one ends last', async () => {
  const frameworks = ['one', 'other'].map((role) => load(role, { role }, 3));
  const last = async (priorities: Readonly<Record<string, number>>): Promise<string | undefined> => {
    const allocation = { module: 'priority', options: { priorities } } as const;
    const { of } = await run({ ...CLUSTER, slaves: 1, allocation, frameworks });
    return of('job-finished').at(-1)?.by;
  };
  assert.is(await last({ one: 2, other: 1 }), 'scheduler@framework2:5050');
  assert.is(await last({ one: 1, other: 2 }), 'scheduler@framework1:5050');
});

test('a framework that the master refuses ends the run with the reason', async () => {
  const greedy = load('greedy', { guarantee: { cpus: 1000 } });
  try {
    await run({ ...CLUSTER, frameworks: [greedy] });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /the master refused greedy: /);
  }
});

test.run();
