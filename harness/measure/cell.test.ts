import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { measureCell, measureCellStream } from './cell.ts';
import {
  blockRead,
  frameworkRegistered,
  jobFinished,
  jobStarted,
  jobSubmitted,
  launched,
  offerAccepted,
  offerDeclined,
  offerRescinded,
  offerSent,
  slaveRegistered,
  updated,
  writer,
} from './testHistory.ts';

const SLAVE = { cpus: 4, mem: 8192 };

/** Two frameworks on two slaves, on a real clock; the first job is meant for second 1001. */
function onMesos(): readonly HistoryLine[] {
  const master = writer('master@127.0.0.1:5050');
  const hadoop = writer('hadoop@127.0.0.1:6001');
  const mpi = writer('mpi@127.0.0.1:6002');
  const two = { cpus: 2, mem: 2048 };
  return [
    master(1_000_000, slaveRegistered('s1', SLAVE)),
    master(1_000_000, slaveRegistered('s2', SLAVE)),
    master(1_000_100, frameworkRegistered('f1', 'hadoop')),
    master(1_000_200, frameworkRegistered('f2', 'mpi')),
    hadoop(1_001_020, jobSubmitted('hadoop', 'j1', 1_001_000)),
    master(1_001_100, offerSent('o1', 'f1', 's1', SLAVE)),
    master(1_001_100, offerSent('o2', 'f1', 's2', SLAVE)),
    master(1_001_500, offerAccepted('o1', 2)),
    master(1_001_500, launched('a', 'f1', 's1', two)),
    master(1_001_500, launched('b', 'f1', 's1', two)),
    master(1_001_500, offerDeclined('o2')),
    hadoop(1_002_000, jobStarted('hadoop', 'j1')),
    mpi(1_002_000, jobSubmitted('mpi', 'm1', 1_001_900)),
    master(1_002_000, offerSent('o3', 'f2', 's2', SLAVE)),
    master(1_003_000, offerAccepted('o3', 1)),
    master(1_003_000, launched('c', 'f2', 's2', { cpus: 4, mem: 4096 })),
    mpi(1_003_000, jobStarted('mpi', 'm1')),
    master(1_003_500, updated('a', 'f1', 's1', 'TASK_RUNNING')),
    master(1_004_000, offerSent('o4', 'f1', 's1', { mem: 4096 })),
    master(1_004_500, offerRescinded('o4')),
    master(1_005_000, updated('a', 'f1', 's1', 'TASK_FINISHED')),
    hadoop(1_005_001, blockRead('hadoop', 'a', 'local')),
    master(1_006_000, updated('b', 'f1', 's1', 'TASK_FAILED')),
    hadoop(1_006_001, blockRead('hadoop', 'b', 'remote')),
    hadoop(1_007_000, jobFinished('hadoop', 'j1')),
    master(1_009_000, updated('c', 'f2', 's2', 'TASK_KILLED')),
    mpi(1_009_000, jobFinished('mpi', 'm1')),
    master(1_010_000, { event: 'slave-lost', slaveId: 's2', reason: 'the run is over' }),
  ];
}

/** Two drivers without a master, in virtual time; their slaves, frameworks and tasks have the same ids. */
function onStaticPartitions(): readonly HistoryLine[] {
  const a = writer('driver@a:1');
  const b = writer('driver@b:1');
  const one = { cpus: 1, mem: 1024 };
  return [
    a(0, slaveRegistered('S0', SLAVE)),
    a(0, slaveRegistered('S1', SLAVE)),
    b(0, slaveRegistered('S0', SLAVE)),
    a(1, frameworkRegistered('F', 'hadoop')),
    b(1, frameworkRegistered('F', 'mpi')),
    a(1, jobSubmitted('hadoop', 'j', 1)),
    b(1, jobSubmitted('mpi', 'j', 1)),
    a(1, launched('t', 'F', 'S0', one)),
    b(1, launched('t', 'F', 'S0', { cpus: 4, mem: 8192 })),
    b(1001, updated('t', 'F', 'S0', 'TASK_FINISHED')),
    b(1001, jobFinished('mpi', 'j')),
    a(4001, updated('t', 'F', 'S0', 'TASK_FINISHED')),
    a(4001, jobFinished('hadoop', 'j')),
  ];
}

const round = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e6) / 1e6);

test('a run on Mesos: cluster, makespan and jobs, in seconds from the first intended submission', () => {
  const cell = measureCell(onMesos(), { stepS: 2 });
  assert.equal(cell.cluster, { slaves: 2, cpus: 8, memMiB: 16_384 });
  assert.is(cell.makespanS, 8);
  assert.equal(
    cell.frameworks.map((framework) => [framework.name, framework.jobs]),
    [
      [
        'hadoop',
        [
          {
            id: 'j1',
            kind: 'kind of j1',
            tasks: 2,
            submittedS: 0,
            startedS: 1,
            endedS: 6,
            outcome: 'finished',
          },
        ],
      ],
      [
        'mpi',
        [
          {
            id: 'm1',
            kind: 'kind of m1',
            tasks: 2,
            submittedS: 0.9,
            startedS: 2,
            endedS: 8,
            outcome: 'finished',
          },
        ],
      ],
    ],
  );
});

test('a run on Mesos: shares and utilisation are exact means over steps', () => {
  const { frameworks, utilisation } = measureCell(onMesos(), { stepS: 2 });
  // Hadoop holds 4 of 8 CPUs in 0.5 s to 4 s, then 2 until 5 s; MPI holds 4 from 2 s to 8 s.
  assert.equal(round(frameworks[0]?.share.values ?? []), [0.375, 0.5, 0.125, 0]);
  assert.equal(round(frameworks[1]?.share.values ?? []), [0, 0.5, 0.5, 0.5]);
  assert.equal(round(utilisation.cpus.values), [0.375, 1, 0.625, 0.5]);
  assert.is(utilisation.meanCpus, (0.375 + 1 + 0.625 + 0.5) / 4);
  // Memory: 4 GiB, then 2 GiB of Hadoop; 4 GiB of MPI; of 16 GiB.
  assert.equal(round(utilisation.mem.values), [0.1875, 0.5, 0.3125, 0.25]);
  assert.is(utilisation.meanMem, 0.3125);
  // 4 x 3.5 s + 2 x 1 s over the 6 s of its job; 4 x 6 s over 7.1 s.
  assert.equal(
    round(frameworks.map((framework) => framework.meanShareWhileBusy)),
    round([16 / 6 / 8, 24 / 7.1 / 8]),
  );
});

test('a run on Mesos: locality, offers and tasks are counted, and all checks pass', () => {
  const cell = measureCell(onMesos());
  assert.equal(
    cell.frameworks.map((framework) => framework.locality),
    [{ local: 1, remote: 1 }, null],
  );
  assert.equal(cell.offers, { sent: 4, accepted: 2, declined: 1, rescinded: 1, open: 0 });
  assert.equal(cell.tasks, { finished: 1, failed: 1, killed: 1, lost: 0 });
  assert.equal(
    cell.checks.map((check) => check.verdict),
    Array(6).fill('passed'),
  );
  assert.is(cell.harness.historyLines, 28);
});

test('static partitions: the cluster is all slaves, the same ids of two drivers are different things', () => {
  const cell = measureCell(onStaticPartitions(), { stepS: 1 });
  assert.equal(cell.cluster, { slaves: 3, cpus: 12, memMiB: 3 * 8192 });
  assert.is(cell.makespanS, 4);
  assert.is(cell.offers, null);
  assert.equal(cell.tasks, { finished: 2, failed: 0, killed: 0, lost: 0 });
  assert.equal(round(cell.frameworks[0]?.share.values ?? []), round([1 / 12, 1 / 12, 1 / 12, 1 / 12]));
  assert.equal(round(cell.frameworks[1]?.share.values ?? []), round([4 / 12, 0, 0, 0]));
  assert.ok(cell.checks.every((check) => check.verdict === 'passed'));
});

test('a failover: the new master goes on with the slaves and tasks of the old one', () => {
  const old = writer('master-1@127.0.0.1:5050');
  const next = writer('master-2@127.0.0.1:5051');
  const two = { cpus: 2, mem: 1024 };
  const cell = measureCell(
    [
      old(0, slaveRegistered('s1', SLAVE)),
      old(0, frameworkRegistered('f1', 'hadoop')),
      old(0, offerSent('o1', 'f1', 's1', SLAVE)),
      old(0, offerAccepted('o1', 1)),
      old(0, launched('a', 'f1', 's1', two)),
      old(1000, offerSent('o2', 'f1', 's1', { cpus: 2, mem: 7168 })),
      next(3000, slaveRegistered('s1', SLAVE)),
      next(3000, frameworkRegistered('f1', 'hadoop')),
      next(3000, offerSent('o1', 'f1', 's1', { cpus: 2, mem: 7168 })),
      next(3500, offerDeclined('o1')),
      next(4000, updated('a', 'f1', 's1', 'TASK_FINISHED')),
    ],
    { stepS: 2 },
  );
  assert.is(cell.cluster.slaves, 1);
  assert.is(cell.makespanS, 4, 'without jobs a run is from the first line to the last');
  assert.equal(cell.frameworks[0]?.share.values, [0.5, 0.5]);
  assert.equal(cell.offers, { sent: 3, accepted: 1, declined: 1, rescinded: 0, open: 1 });
  assert.ok(
    cell.checks.every((check) => check.verdict === 'passed'),
    JSON.stringify(cell.checks),
  );
});

test('a job that never ends keeps the run open until the last line, and is told as unfinished', () => {
  const [a, f] = [writer('driver@a:1'), writer('hadoop@a:1')];
  const cell = measureCell([
    a(0, slaveRegistered('S0', SLAVE)),
    a(0, frameworkRegistered('F', 'hadoop')),
    f(0, jobSubmitted('hadoop', 'j1', 0)),
    f(0, jobSubmitted('hadoop', 'j2', 0)),
    f(1000, jobFinished('hadoop', 'j1')),
    a(5000, { event: 'slave-lost', slaveId: 'S0', reason: 'test' }),
  ]);
  assert.is(cell.makespanS, 5);
  assert.equal(
    cell.frameworks[0]?.jobs.map((job) => [job.outcome, job.endedS]),
    [
      ['finished', 1],
      ['unfinished', null],
    ],
  );
  assert.is(cell.checks.find((check) => check.id === 'jobs-end')?.verdict, 'failed');
});

test('a stream of lines gives what the list gives', async () => {
  async function* stream() {
    yield* onMesos();
  }
  assert.equal(await measureCellStream(stream()), measureCell(onMesos()));
});

test('an empty history and steps without width are errors', () => {
  assert.throws(() => measureCell([]), /history is empty/);
  assert.throws(() => measureCell(onMesos(), { stepS: 0 }), /stepS is 0/);
});

test.run();
