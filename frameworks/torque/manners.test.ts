/** How the queue server behaves on a master beside a framework that takes all it can get (NSDI'11 §3.3, §5). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { MASTER, sleeper, sleepTask, testCluster } from '../../mesos/testCluster.ts';
import type { JobControl } from '../jobBoard.ts';
import { modelRank } from '../mpi/rankModel.ts';
import { readTorqueConfig } from './config.ts';
import type { TorqueJob } from './job.ts';
import { createTorqueScheduler } from './scheduler.ts';

const COMMAND = { shell: false, value: 'rank', arguments: [], environment: {} };
const FOREVER_MS = 1e9;
const SLAVES = 3;
const GUARANTEED = 6;

const job = (id: string, ranks: number): TorqueJob => ({
  id,
  kind: 'test',
  ranks,
  submission: { when: 'at', ms: 0 },
  program: { type: 'model', workMs: 30_000, cv: 0 },
});

test('its guarantee is made room for when it has jobs, it never exceeds it, is never revoked, and leaves all when it has none', () => {
  const cluster = testCluster({ revocation: { afterMs: 5000, graceMs: 1000 } });
  const { virtual } = cluster;
  for (let n = 1; n <= SLAVES; n++) {
    const process = virtual.process(`10.0.1.${n}:5051`);
    const isolation = emulated(process, { rank: modelRank, sleeper }, (run) => virtual.at(virtual.now, run));
    cluster.addSlave(n, 'cpus:4;mem:4096', { isolation });
  }
  const hog = cluster.addFramework('hog');
  let launched = 0;
  hog.onOffers = (offers) => {
    for (const offer of offers) {
      const free = Math.floor(offer.resources.cpus ?? 0);
      const tasks = Array.from({ length: free }, () => sleepTask(offer, `hog${launched++}`, FOREVER_MS));
      hog.driver.replyToOffer([offer.id], tasks);
    }
  };
  cluster.pass(1000);
  assert.is(launched, 4 * SLAVES);

  const ready: { control?: JobControl<TorqueJob> } = {};
  const config = readTorqueConfig({
    name: 'torque',
    jobs: [],
    keepRunning: true,
    slot: { cpus: 1 },
    queue: 'first-fit',
    executor: { name: 'rank', command: COMMAND },
  });
  const onReady = (control: JobControl<TorqueJob>): void => {
    ready.control = control;
  };
  const factory = createTorqueScheduler(config, { onReady, onDone() {} });
  const frameworkInfo = { user: 'test', name: 'torque', guarantee: { cpus: GUARANTEED } };
  virtual
    .process('torque:0')
    .spawn('scheduler', schedulerActor({ master: MASTER, frameworkInfo, factory, stopped() {} }));
  cluster.pass(60_000);
  const { control } = ready;
  if (control === undefined) throw new Error('the server is not ready');
  assert.equal(cluster.seen('task-revoked'), [], 'it has no jobs, and so no demand');

  for (const [id, ranks] of [
    ['a', 4],
    ['b', 3],
    ['c', 2],
    ['d', 6],
  ] as const)
    control.submit(job(id, ranks));
  cluster.pass(600_000);
  assert.equal(
    control.jobs().map(({ id, phase }) => `${id} ${phase}`),
    ['a finished', 'b finished', 'c finished', 'd finished'],
  );
  const isRank = (taskId: string): boolean => !taskId.startsWith('hog');
  assert.ok(cluster.seen('task-revoked').length > 0);
  assert.not(cluster.seen('task-revoked').some(({ taskId }) => isRank(taskId)));
  let [held, heldMax] = [0, 0];
  for (const line of cluster.history) {
    if (line.event === 'task-launched' && isRank(line.taskId)) held++;
    if (line.event === 'task-updated' && isRank(line.taskId) && line.state === 'TASK_FINISHED') held--;
    heldMax = Math.max(heldMax, held);
  }
  assert.is(heldMax, GUARANTEED);
  assert.is(held, 0);
  const running = (state: string): number => hog.statuses.filter((status) => status.state === state).length;
  assert.is(running('TASK_RUNNING') - running('TASK_KILLED'), 4 * SLAVES, 'the other has the cluster again');
});

test.run();
