import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { MASTER, testCluster } from '../../mesos/testCluster.ts';
import { modelRank } from '../mpi/rankModel.ts';
import { readTorqueConfig } from './config.ts';
import { createTorqueScheduler } from './scheduler.ts';

const COMMAND = { shell: false, value: 'rank', arguments: [], environment: {} };

test('the ranks of a scheduler whose place another one takes are ended, processes and all', () => {
  const cluster = testCluster();
  const { virtual } = cluster;
  const process = virtual.process('10.0.1.1:5051');
  const isolation = emulated(process, { rank: modelRank }, (run) => virtual.at(virtual.now, run));
  cluster.addSlave(1, 'cpus:4;mem:4096', { isolation });
  const start = (name: string, ranks: number, id?: string): void => {
    const job = {
      id: name,
      kind: 'test',
      ranks,
      submission: { when: 'at', ms: 0 },
      program: { type: 'model', workMs: 600_000, cv: 0 },
    };
    const executor = { name: 'rank', command: COMMAND };
    const config = readTorqueConfig({ name, jobs: [job], slot: { cpus: 1 }, executor });
    const factory = createTorqueScheduler(config, { onDone() {} });
    const frameworkInfo = { user: 'test', name, failoverTimeout: 60, ...(id !== undefined && { id }) };
    virtual
      .process(`${name}:0`)
      .spawn('scheduler', schedulerActor({ master: MASTER, frameworkInfo, factory, stopped() {} }));
  };
  // It gathers four ranks and waits for a fifth.
  start('first', 5);
  cluster.pass(1_000);
  assert.is(cluster.seen('executor-started').length, 4);
  virtual.crash('first:0');
  start('second', 4, cluster.seen('framework-registered')[0]?.frameworkId ?? '');
  cluster.pass(20_000);
  assert.equal(
    cluster.seen('job-started').map(({ jobId }) => jobId),
    ['second'],
  );
  assert.is(cluster.seen('executor-exited').length, 4);
});

test.run();
