/** A whole life of a cluster on the nodes of a real Slurm, which are namespaces. As root. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startSlurm, type TestSlurm } from '../../infra/slurm/testSlurm.ts';
import {
  assertNothingLeft,
  type LabFolders,
  lookedWell,
  makeLabFolders,
  removeLabFolders,
  well,
} from './testLab.ts';

const test = suite<LabFolders & { slurm: TestSlurm }>('lab up --slurm 2');

test.before(async (context) => {
  context.slurm = await startSlurm(2);
});
test.after(async ({ slurm }) => {
  await slurm[Symbol.asyncDispose]();
});
test.before.each(makeLabFolders);
test.after.each(removeLabFolders);

const jobs = (): string => execFileSync('squeue', ['--noheader', '--format=%i']).toString().trim();

test('it comes up in a job, is looked at, tells its logs and goes down, and nothing is left', async (folders) => {
  const { folder } = folders;
  const said = await well(folder, 'up', '--slurm', '2', '--minutes', '5');
  assert.match(said, /'slurm' runs on 2 of 2 machines: 1 master, 1 slave\./);
  const job = jobs();
  assert.match(job, /^\d+$/);
  await lookedWell(folder, [
    ['master1', 'namenode'],
    ['fileserver-node2', 'slave-node2'],
  ]);
  assert.match(await well(folder, 'logs', 'slurm', 'slave-node2'), /^listening on .*\nregistered as /);
  // All that the step of a node has started dies with it.
  process.kill(Number(readFileSync(`/tmp/mesos-slurm-${job}-n2/pid`, 'utf8')), 'SIGKILL');
  assert.match(await well(folder, 'up', '--slurm', '2', '--minutes', '5'), /on 2 of 2 machines/);
  assert.is(jobs(), job);
  await lookedWell(folder, [
    ['master1', 'namenode'],
    ['fileserver-node2', 'slave-node2'],
  ]);
  process.kill(Number(readFileSync(`/tmp/mesos-slurm-${job}-n1/pid`, 'utf8')), 'SIGKILL');
  assert.is(await well(folder, 'down'), 'slurm is down; nothing of it is left\n');
  assert.is(jobs(), '');
  // Its nodes have this machine's files.
  const ofJob = new RegExp(`^mesos-slurm-(slurm-)?${job}-`);
  assert.equal(
    readdirSync('/tmp').filter((name) => ofJob.test(name)),
    [],
  );
  await assertNothingLeft(folders);
});

test.run();
