import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { MASTER, testCluster } from '../../mesos/testCluster.ts';
import type { JobControl } from '../jobBoard.ts';
import { modelRank } from '../mpi/rankModel.ts';
import { readTorqueConfig } from './config.ts';
import type { TorqueJob } from './job.ts';
import { compacted, type JournalRecord, memoryJournal, replay } from './journal.ts';
import { createTorqueScheduler } from './scheduler.ts';

const COMMAND = { shell: false, value: 'rank', arguments: [], environment: {} };

const job = (id: string, ranks = 2, workMs = 10_000, submission?: TorqueJob['submission']): TorqueJob => ({
  id,
  kind: 'test',
  ranks,
  submission: submission ?? { when: 'at', ms: 0 },
  program: { type: 'model', workMs, cv: 0 },
});

/** A master with one slave of four slots, and queue servers with the same journal. */
function world(journal = memoryJournal()) {
  const cluster = testCluster();
  const { virtual } = cluster;
  const isolation = emulated(virtual.process('10.0.1.1:5051'), { rank: modelRank }, (run) =>
    virtual.at(virtual.now, run),
  );
  cluster.addSlave(1, 'cpus:4;mem:4096', { isolation });
  const start = (process: string, jobs: readonly TorqueJob[] = [], id?: string): JobControl<TorqueJob> => {
    const executor = { name: 'rank', command: COMMAND };
    const incarnation = id === undefined ? 0 : 1;
    const keepRunning = true;
    const config = readTorqueConfig({
      name: 'torque',
      jobs,
      slot: { cpus: 1 },
      executor,
      incarnation,
      keepRunning,
    });
    let control: JobControl<TorqueJob> | undefined;
    const onReady = (ready: JobControl<TorqueJob>): void => {
      control = ready;
    };
    const factory = createTorqueScheduler(config, { journal, onReady, onDone() {} });
    const frameworkInfo = {
      user: 'test',
      name: 'torque',
      failoverTimeout: 60,
      ...(id !== undefined && { id }),
    };
    virtual
      .process(process)
      .spawn('scheduler', schedulerActor({ master: MASTER, frameworkInfo, factory, stopped() {} }));
    if (control === undefined) throw new Error('it is not ready');
    return control;
  };
  const phases = (control: JobControl<TorqueJob>) => control.jobs().map(({ id, phase }) => `${id} ${phase}`);
  return { cluster, virtual, start, phases };
}

test('a queue server that is killed loses no job: the next one has them all, and runs again what ran', () => {
  const { cluster, virtual, start, phases } = world();
  const first = start('first:0', [job('configured', 4, 5000)]);
  cluster.pass(1000);
  first.submit(job('running', 3, 60_000));
  first.submit(job('waiting', 3));
  first.submit(job('held', 1));
  first.hold('held');
  first.submit(job('deleted', 1));
  first.delete('deleted');
  first.submit(job('later', 1, 1000, { when: 'at', ms: 300_000 }));
  first.submit(job('follower', 1, 1000, { when: 'after', jobId: 'waiting', delayMs: 5000 }));
  cluster.pass(20_000);
  const before = ['held held', 'deleted deleted', 'later waiting', 'follower waiting'];
  assert.equal(phases(first), ['configured finished', 'running running', 'waiting waiting', ...before]);
  virtual.crash('first:0');
  cluster.pass(10_000);
  const second = start(
    'second:0',
    [job('configured', 4, 5000)],
    cluster.seen('framework-registered')[0]?.frameworkId,
  );
  assert.equal(phases(second), ['configured finished', 'running waiting', 'waiting waiting', ...before]);
  cluster.pass(10_000);
  assert.equal(phases(second), ['configured finished', 'running running', 'waiting waiting', ...before]);
  second.release('held');
  cluster.pass(600_000);
  assert.equal(
    phases(second),
    ['configured', 'running', 'waiting', 'held']
      .map((id) => `${id} finished`)
      .concat('deleted deleted', 'later finished', 'follower finished'),
  );
  const later = second.jobs().find(({ id }) => id === 'later');
  const wasTaken = first.jobs().find(({ id }) => id === 'running')?.submittedMs ?? 0;
  assert.is(later?.submittedMs, wasTaken + 300_000, 'its time is that of the first server');
  assert.is(cluster.seen('executor-started').length, cluster.seen('executor-exited').length);
});

test('a server that never got a master has kept what it was told', () => {
  const { cluster, virtual, start, phases } = world();
  const first = start('first:0');
  first.submit(job('early'));
  virtual.crash('first:0');
  const second = start('second:0');
  cluster.pass(60_000);
  assert.equal(phases(second), ['early finished']);
});

test('a server that dies while it keeps the jobs of its configuration loses none of them, and none runs twice', () => {
  const jobs = ['a', 'b', 'c'].map((id) => job(id, 2, 1000));
  for (let whole = 0; whole <= jobs.length + 1; whole++) {
    const { load, append } = memoryJournal();
    let room = whole;
    const { cluster, virtual, start, phases } = world({
      load,
      append(...records) {
        append(...records.slice(0, room));
        room = Math.max(0, room - records.length);
      },
    });
    start('first:0', jobs);
    cluster.pass(1);
    virtual.crash('first:0');
    room = Number.POSITIVE_INFINITY;
    const second = start('second:0', jobs);
    cluster.pass(600_000);
    assert.equal(phases(second), ['a finished', 'b finished', 'c finished'], `after ${whole} records`);
  }
});

test('attempts that failed count for the next server too', () => {
  const records: JournalRecord[] = [
    { kind: 'taken', atMs: 0, job: job('a') },
    { kind: 'attempt-failed', jobId: 'a', message: 'first' },
    { kind: 'attempt-failed', jobId: 'a', message: 'second' },
  ];
  const [run] = replay(records).runs;
  assert.is(run?.failures, 2);
  assert.is(run?.failure, 'second');
});

test('whenever servers are killed, each job that was taken ends as it should, and finishes once', () => {
  const anyId = fc.integer({ min: 0, max: 5 });
  const anyStep = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('submit' as const), ranks: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constantFrom('hold' as const, 'release' as const, 'delete' as const),
        n: anyId,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constant('kill' as const),
        downMs: fc.integer({ min: 0, max: 90_000 }),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 5, maxLength: 25 }), (steps) => {
      const { cluster, virtual, start, phases } = world();
      let generation = 1;
      let control = start('server1:0');
      const taken: string[] = [];
      const deleted = new Set<string>();
      const tell = (order: (id: string) => void, n: number): void => {
        const id = taken[n];
        try {
          if (id !== undefined) order(id);
        } catch (error) {
          assert.instance(error, RangeError);
        }
      };
      for (const step of steps)
        switch (step.what) {
          case 'submit':
            taken.push(`j${taken.length}`);
            control.submit(job(`j${taken.length - 1}`, step.ranks));
            break;
          case 'hold':
          case 'release':
          case 'delete':
            tell((id) => {
              control[step.what](id);
              if (step.what === 'delete') deleted.add(id);
            }, step.n);
            break;
          case 'pass':
            cluster.pass(step.ms);
            break;
          case 'kill':
            virtual.crash(`server${generation}:0`);
            cluster.pass(step.downMs);
            // The framework may be gone by now, or still there and without anybody.
            control = start(`server${++generation}:0`);
            break;
          default:
            step satisfies never;
        }
      for (let n = 0; n < taken.length; n++) tell((id) => control.release(id), n);
      cluster.pass(3_600_000);
      assert.equal(
        phases(control),
        taken.map((id) => `${id} ${deleted.has(id) ? 'deleted' : 'finished'}`),
      );
      const finished = cluster
        .seen('job-finished')
        .flatMap(({ jobId, outcome }) => (outcome === 'finished' ? [jobId] : []));
      assert.equal(finished.sort(), taken.filter((id) => !deleted.has(id)).sort());
    }),
    { numRuns: 60 },
  );
});

test('a compacted journal adds up to the same', () => {
  const id = fc.constantFrom('a', 'b', 'c');
  const record = fc.oneof(
    fc.constant<JournalRecord>({ kind: 'configured' }),
    id.map((jobId): JournalRecord => ({ kind: 'taken', atMs: 1, job: job(jobId) })),
    id.map((jobId): JournalRecord => ({ kind: 'held', jobId })),
    id.map((jobId): JournalRecord => ({ kind: 'released', jobId })),
    id.map((jobId): JournalRecord => ({ kind: 'attempt-failed', jobId, message: 'x' })),
    id.map((jobId): JournalRecord => ({ kind: 'ended', jobId, atMs: 3, outcome: 'failed', message: 'y' })),
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const all = replay(records);
      assert.equal(replay([...compacted(all, Number.POSITIVE_INFINITY)]), all);
      const none = [...compacted(all, 0)];
      assert.equal(
        replay(none).runs,
        all.runs.filter(({ now }) => now.state !== 'ended'),
      );
    }),
  );
});

test.run();
