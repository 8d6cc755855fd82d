/** The queue server on slaves of its own: static partitioning, in virtual time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { batchQueue } from '../../workloads/batchQueue.ts';
import type { JobControl } from '../jobBoard.ts';
import { modelRank } from '../mpi/rankModel.ts';
import { standalone } from '../standalone/standalone.ts';
import { readTorqueConfig } from './config.ts';
import { modelledJob, type TorqueJob } from './job.ts';
import { POLICIES, POLICY_NAMES, type PolicyName } from './policy/policies.ts';
import { serve } from './policy/testQueue.ts';
import { createTorqueScheduler } from './scheduler.ts';

const MINUTE = 60_000;
const COMMAND = { shell: false, value: 'rank', arguments: [], environment: {} };

const job = (id: string, ranks: number, workMs: number): TorqueJob => ({
  id,
  kind: 'test',
  ranks,
  submission: { when: 'at', ms: 0 },
  wallTimeMs: workMs + 1000,
  program: { type: 'model', workMs, cv: 0 },
});

/** Four slaves of two slots each; the process of each can be crashed and started again. */
function partition(queue: PolicyName) {
  const cluster = new VirtualCluster({ seed: 1 });
  const ready: { control?: JobControl<TorqueJob> } = {};
  const config = readTorqueConfig({
    name: 'torque',
    jobs: [],
    keepRunning: true,
    slot: { cpus: 1 },
    executor: { name: 'rank', command: COMMAND },
    queue,
  });
  const onReady = (control: JobControl<TorqueJob>): void => {
    ready.control = control;
  };
  const factory = createTorqueScheduler(config, { onReady, onDone() {} });
  const frameworkInfo = { user: 'test', name: 'torque' };
  const kind = standalone({ frameworkInfo, factory, slavesMin: 4, stopped() {} });
  const master = cluster.process('torque:5050').spawn('master', kind);
  const addSlave = (n: number): void => {
    const process = cluster.process(`node${n}:5051`);
    const isolation = emulated(process, { rank: modelRank }, (run) => cluster.at(cluster.now, run));
    const resources = { cpus: 2 };
    process.spawn('slave', slave({ master, hostname: `node${n}`, resources, attributes: {}, isolation }));
  };
  for (const n of [1, 2, 3, 4]) addSlave(n);
  const pass = (ms: number): void => void cluster.run(() => false, cluster.now + ms);
  pass(1000);
  const { control } = ready;
  if (control === undefined) throw new Error('the server is not ready');
  const phases = (): readonly string[] => control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  return { cluster, control, pass, phases, addSlave };
}

test('the partition is all that it may have: what is larger is refused, and EASY knows when the head can start', () => {
  const { control, pass, phases } = partition('easy');
  assert.throws(() => control.submit(job('too large', 9, 1000)), /may have 8 at most/);
  control.submit(job('runs', 6, MINUTE));
  control.submit(job('head', 8, MINUTE));
  control.submit(job('long', 2, 2 * MINUTE));
  control.submit(job('short', 2, MINUTE / 2));
  pass(5000);
  assert.equal(phases(), ['runs running', 'head waiting', 'long waiting', 'short running']);
  pass(MINUTE);
  assert.equal(phases(), ['runs finished', 'head running', 'long waiting', 'short finished']);
  pass(4 * MINUTE);
  assert.ok(phases().every((text) => text.endsWith('finished')));
});

test('a slave that is lost ends the attempt of its job, which keeps its place and runs again', () => {
  const { cluster, control, pass, phases, addSlave } = partition('fcfs');
  control.submit(job('first', 8, 5 * MINUTE));
  control.submit(job('second', 2, MINUTE));
  pass(5000);
  assert.equal(phases(), ['first running', 'second waiting']);
  cluster.crash('node2:5051');
  pass(MINUTE);
  assert.equal(phases(), ['first waiting', 'second waiting'], 'nobody passes the first');
  addSlave(2);
  pass(20 * MINUTE);
  assert.equal(phases(), ['first finished', 'second finished']);
});

test('jobs start when the policy alone would start them, but for the seconds that ranks take to come', () => {
  for (const queue of POLICY_NAMES)
    for (const seed of [1, 2, 3]) {
      const jobs = batchQueue({ seed, jobs: 60, slots: 8, load: 0.7 });
      const { control, pass } = partition(queue);
      for (const { wallTimeMs, ...rigid } of jobs) control.submit({ ...modelledJob(rigid), wallTimeMs });
      const taken = control.jobs()[0]?.submittedMs ?? 0;
      while (control.jobs().some(({ endedMs }) => endedMs === undefined)) pass(60 * MINUTE);
      const alone = serve(
        POLICIES[queue],
        8,
        jobs.map(({ submission, ranks, model, wallTimeMs }) => ({
          submitMs: submission.when === 'at' ? submission.ms : 0,
          ranks,
          runMs: model.workMs,
          wallTimeMs,
        })),
      );
      const lateMs = control.jobs().map(({ startedMs = 0 }, n) => startedMs - taken - (alone[n] ?? 0));
      assert.ok(
        Math.min(...lateMs) >= 0 && Math.max(...lateMs) < 1000,
        `${queue} ${seed}: ${lateMs.join(' ')}`,
      );
    }
});

test.run();
