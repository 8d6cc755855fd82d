import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from '../../harness/measure/fold.ts';
import { invariants } from '../../harness/measure/invariants.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { processIsolation } from '../../mesos/isolation/process.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { startWire, type WireRuntime } from '../../mesos/runtime/wire.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { standalone } from '../standalone/standalone.ts';
import { createSleepers, readSleepers, sleeper } from './sleepers.ts';

const NO_COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const CONFIG = readSleepers({ name: 'sleepers', tasks: 10, sleepMs: 1_000, command: NO_COMMAND });
const FRAMEWORK_INFO = { user: 'test', name: 'sleepers' };
const MASTER_PROCESS = 'master:5050';
const RESOURCES = { cpus: 2, mem: 1024 };
const LIMIT_MS = 3_600_000;

interface Outcome {
  readonly id: string;
  readonly outcome: string;
  readonly message?: string;
}

/** The framework on three slaves of two CPUs, in virtual time. */
function start(system: 'mesos' | 'standalone', models = { sleeper }) {
  const history: HistoryLine[] = [];
  const virtual = new VirtualCluster({ seed: 1, history: (line) => history.push(line) });
  const ends: Outcome[] = [];
  const factory = createSleepers(CONFIG, ({ jobs }) => ends.push(...jobs));
  const more = { frameworkInfo: FRAMEWORK_INFO, factory, stopped: () => {} };
  const startMaster = (): string =>
    virtual.process(MASTER_PROCESS).spawn('master', master({ ...MASTER_DEFAULTS, allocation: fair() }));
  const framework = virtual.process('framework:5050');
  const address =
    system === 'mesos' ? startMaster() : framework.spawn('master', standalone({ ...more, slavesMin: 3 }));
  if (system === 'mesos') framework.spawn('scheduler', schedulerActor({ ...more, master: address }));
  for (const hostname of ['node1', 'node2', 'node3']) {
    const process = virtual.process(`${hostname}:5051`);
    const isolation = emulated(process, models, (run) => virtual.at(virtual.now, run));
    const own = { hostname, resources: RESOURCES, attributes: {} };
    process.spawn('slave', slave({ master: address, ...own, isolation }));
  }
  return {
    virtual,
    startMaster,
    /** Lets time pass until the job has ended, and a second for the farewells. */
    end(): readonly Outcome[] {
      virtual.run(() => ends.length > 0, LIMIT_MS);
      virtual.run(() => false, virtual.now + 1_000);
      return ends;
    },
    seen: <E extends HistoryEvent['event']>(event: E) =>
      history.filter((line): line is HistoryLine & { event: E } => line.event === event),
    broken: () => fold(history, invariants()).filter(({ verdict }) => verdict !== 'passed'),
  };
}

const FINISHED = [{ id: 'sleep', outcome: 'finished' }];

for (const system of ['mesos', 'standalone'] as const)
  test(`ten tasks on six slots of ${system} take two rounds, and every check holds`, () => {
    const run = start(system);
    assert.equal(run.end(), FINISHED);
    assert.is(run.seen('task-launched').length, 10);
    const [submitted] = run.seen('job-submitted');
    const [finished] = run.seen('job-finished');
    const tookMs = (finished?.t ?? 0) - (submitted?.t ?? 0);
    assert.ok(tookMs >= 2_000 && tookMs < 2_500, `it took ${tookMs} ms`);
    assert.is(run.seen('job-started').length, 1);
    assert.equal(run.broken(), []);
  });

test('tasks of a slave that is lost run again elsewhere', () => {
  const run = start('mesos');
  run.virtual.at(500, () => run.virtual.crash('node1:5051'));
  assert.equal(run.end(), FINISHED);
  assert.is(run.seen('task-launched').length, 12);
  assert.is(run.seen('task-updated').filter(({ state }) => state === 'TASK_FINISHED').length, 10);
  assert.equal(run.broken(), []);
});

test('a master that is lost and comes back finds the framework, and the job ends', () => {
  const run = start('mesos');
  run.virtual.at(500, () => run.virtual.crash(MASTER_PROCESS));
  run.virtual.at(2_000, () => run.startMaster());
  assert.equal(run.end(), FINISHED);
  assert.is(run.seen('job-submitted').length, 1);
});

test('an executor that cannot be started fails the job, with the reason', () => {
  const run = start('mesos', {} as { sleeper: typeof sleeper });
  assert.equal(run.end(), [
    { id: 'sleep', outcome: 'failed', message: "there is no model of an executor 'sleeper'" },
  ]);
  assert.is(run.seen('job-finished')[0]?.outcome, 'failed');
});

test('a configuration that is wrong is refused', () => {
  for (const wrong of [
    undefined,
    { ...CONFIG, tasks: 0 },
    { ...CONFIG, sleepMs: -1 },
    { ...CONFIG, command: 'sleep' },
  ])
    assert.throws(() => readSleepers(wrong));
});

/** What `lab executor` does, in one line: the command of a real executor. */
const EXECUTOR = `
  const { startWire } = await import(${JSON.stringify(import.meta.resolve('../../mesos/runtime/wire.ts'))});
  const { executorActor } = await import(${JSON.stringify(import.meta.resolve('../../mesos/driver/executorActor.ts'))});
  const { sleeper } = await import(${JSON.stringify(import.meta.resolve('./sleepers.ts'))});
  const { MESOS_SLAVE_PID: slave, MESOS_FRAMEWORK_ID: frameworkId, MESOS_EXECUTOR_ID: executorId } = process.env;
  const wire = await startWire({ log: console.error });
  const ended = () => void wire.close();
  wire.spawn('executor', executorActor({ slave, frameworkId, executorId, factory: sleeper, ended }));`;

test('the same framework runs for real: on the clock, over sockets, with an executor of its own process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sleepers-'));
  const isolation = processIsolation({ workDir: folder });
  const wires: WireRuntime[] = [];
  const wire = async (): Promise<WireRuntime> => {
    const one = await startWire({ listen: { host: '127.0.0.1', port: 0 }, log: () => {} });
    wires.push(one);
    return one;
  };
  try {
    const address = (await wire()).spawn('master', master({ ...MASTER_DEFAULTS, allocation: fair() }));
    const own = { hostname: 'node1', resources: RESOURCES, attributes: {} };
    (await wire()).spawn('slave', slave({ master: address, ...own, isolation }));
    const arguments_ = ['node', '--input-type=module', '--eval', EXECUTOR];
    const command = { shell: false, value: process.execPath, arguments: arguments_, environment: {} };
    const ended = Promise.withResolvers<Outcome>();
    const factory = createSleepers({ ...CONFIG, sleepMs: 1, command }, ({ jobs: [job] }) =>
      ended.resolve(job),
    );
    const more = { frameworkInfo: FRAMEWORK_INFO, factory, stopped: () => {} };
    (await wire()).spawn('scheduler', schedulerActor({ master: address, ...more }));
    assert.equal([await ended.promise], FINISHED);
  } finally {
    await isolation.close();
    await Promise.all(wires.map((one) => one.close()));
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
