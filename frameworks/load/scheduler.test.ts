import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fair } from '../../mesos/allocation/fair.ts';
import { SYSTEMS, type TestVirtualOptions, testVirtual } from '../testVirtual.ts';
import { readLoadConfig } from './config.ts';
import { createLoadExecutor } from './executor.ts';
import { sharedMachine } from './machine.ts';
import { createLoadScheduler, type LoadSummary } from './scheduler.ts';

const COMMAND = { shell: false, value: 'modelled', arguments: [], environment: {} };
const BASE = {
  name: 'load',
  arrivals: { type: 'closed', users: 2, thinkMs: { type: 'constant', value: 1_000 } },
  jobsMax: 10,
  tasksPerJob: { type: 'constant', value: 4 },
  taskMs: { type: 'constant', value: 10_000 },
  sizes: [{ resources: { cpus: 1, mem: 256 } }],
  executor: { command: COMMAND },
};

const { jobsMax: _, ...UNBOUNDED } = BASE;
const ENDLESS = { ...UNBOUNDED, arrivals: { type: 'endless' } };

/** Starts loads on twelve CPUs; each config says what differs from the one above. */
function start(configs: readonly object[], options: Partial<TestVirtualOptions> = {}) {
  const run = testVirtual({ models: { load: createLoadExecutor() }, ...options });
  const summaries = new Map<string, LoadSummary>();
  for (const config of configs) {
    const read = readLoadConfig('sizes' in config && 'name' in config ? config : { ...BASE, ...config });
    run.startFramework(
      read.name,
      createLoadScheduler(read, { onDone: (summary) => summaries.set(read.name, summary) }),
    );
  }
  return {
    ...run,
    summaries,
    finished: () => run.until(() => summaries.size === configs.length),
    outcomes: (name = 'load') => summaries.get(name)?.jobs.map(({ outcome }) => outcome) ?? [],
    submissions: () => run.seen('job-submitted').map(({ t }) => t),
    launches: () => run.seen('task-launched').length,
    /** How long each offer was held, in milliseconds. */
    held: () => {
      const sent = new Map(run.seen('offer-sent').map(({ offerId, t }) => [offerId, t]));
      return [...run.seen('offer-accepted'), ...run.seen('offer-declined')].map(
        ({ offerId, t }) => t - (sent.get(offerId) ?? 0),
      );
    },
  };
}

for (const system of SYSTEMS)
  test(`on ${system}, users submit, wait and think until all jobs have ended, and every check holds`, () => {
    const run = start([{}], { system });
    assert.ok(run.finished());
    assert.equal(run.outcomes(), Array(10).fill('finished'));
    assert.is(run.launches(), 40);
    const [first = 0, , third = 0] = run.submissions();
    assert.ok(
      third - first >= 11_000 && third - first < 12_500,
      `the second round began after ${third - first} ms`,
    );
    assert.equal(run.broken(), []);
  });

test('open arrivals do not wait for anything', () => {
  const run = start([
    { arrivals: { type: 'open', gapMs: { type: 'trace', values: [100, 200] } }, jobsMax: 4 },
  ]);
  assert.ok(run.finished());
  const [first = 0, ...others] = run.submissions();
  assert.equal(
    others.map((t) => Math.round(t - first)),
    [200, 300, 500],
  );
});

test('jobs may be of other sizes later: those that run go on, an endless one is followed by another', () => {
  const sizes = [{ resources: { cpus: 1 } }, { resources: { cpus: 3 }, fromMs: 15_000 }];
  const run = start([{ ...ENDLESS, sizes, untilMs: 40_000 }]);
  assert.ok(run.finished());
  const startMs = run.submissions()[0] ?? 0;
  for (const { t, resources } of run.seen('task-launched')) {
    const isLate = t - startMs >= 15_000;
    assert.equal(resources, { cpus: isLate ? 3 : 1 }, `at ${t - startMs} ms`);
  }
  assert.ok(run.seen('task-launched').some(({ resources }) => resources.cpus === 3));
  assert.equal(run.broken(), []);
  assert.throws(
    () => readLoadConfig({ ...BASE, sizes: [{ resources: { cpus: 1 }, fromMs: 1 }] }),
    /names no size for the start/,
  );
});

test('tasks that share a machine take longer where they need more than it has', () => {
  const lengths = (needs: object): readonly number[] => {
    const machine = sharedMachine({ cpus: 4, mem: 4096, swapCost: 0 });
    const sizes = [{ resources: { cpus: 1 }, ...needs }];
    const run = start([{ sizes, arrivals: { ...BASE.arrivals, users: 1 }, jobsMax: 1 }], {
      models: { load: createLoadExecutor({ machine }) },
      slaves: { node1: {} },
    });
    assert.ok(run.finished());
    const launchedMs = run.seen('task-launched')[0]?.t ?? 0;
    return run
      .seen('task-updated')
      .filter(({ state }) => state === 'TASK_FINISHED')
      .map(({ t }) => Math.round((t - launchedMs) / 1_000));
  };
  assert.equal(lengths({}), [10, 10, 10, 10]);
  assert.equal(lengths({ needs: { cpus: 2 } }), [20, 20, 20, 20]);
});

test('who minds how long its tasks may take refuses offers for short ones', () => {
  const shortTasks = { reserve: { cpus: 1, mem: 512 }, maxTaskDurationMs: 5_000 };
  const run = start(
    [
      { name: 'minds', sizes: BASE.sizes, manners: { maxTaskDurationAtLeastMs: 10_000 } },
      { name: 'cares-not', sizes: BASE.sizes, failuresPerTaskMax: 1 },
    ].map((own) => ({ ...BASE, ...own })),
    { allocation: fair({ shortTasks }) },
  );
  assert.ok(run.finished());
  const ids = new Map(run.seen('framework-registered').map(({ frameworkId, name }) => [frameworkId, name]));
  const timedOut = run
    .seen('task-updated')
    .filter(({ reason }) => reason === 'REASON_MAX_COMPLETION_TIME_REACHED')
    .map(({ frameworkId }) => ids.get(frameworkId));
  assert.ok(timedOut.length > 0);
  assert.equal([...new Set(timedOut)], ['cares-not']);
  assert.equal(run.broken(), []);
});

test('what job n is depends on the seed alone', () => {
  const random = {
    tasksPerJob: { type: 'exponential', mean: 5 },
    taskMs: { type: 'log-normal', mean: 10_000, cv: 1 },
    sizes: [{ resources: { cpus: 1 }, weight: 3 }, { resources: { cpus: 2 } }],
  };
  const tasksOf = (run: ReturnType<typeof start>): unknown => {
    assert.ok(run.finished());
    return run.seen('job-submitted').map(({ jobId, tasks }) => [jobId, tasks]);
  };
  const one = tasksOf(start([random]));
  assert.equal(
    tasksOf(start([{ ...random, manners: { answer: { type: 'slow', perJobMs: 500, perTaskMs: 5 } } }])),
    one,
  );
  assert.not.equal(tasksOf(start([{ ...random, seed: 2 }])), one);
});

test('an endless load takes all that there is until its time is over', () => {
  const run = start([{ ...ENDLESS, untilMs: 100_000 }]);
  assert.ok(run.finished());
  assert.equal(run.outcomes(), ['finished']);
  assert.ok(
    run.launches() >= 108 && run.launches() <= 120,
    `${run.launches()} tasks on 12 CPUs in ten rounds`,
  );
});

test('one that launches a task on each offer leaves the rest to others', () => {
  const run = start([{ ...ENDLESS, manners: { tasksPerOfferMax: 1, refuseSeconds: 600 } }]);
  run.run(5_000);
  assert.is(run.launches(), 3);
});

test('offers are held for as long as is said', () => {
  const late = start([{ manners: { answer: { type: 'late', holdMs: { type: 'constant', value: 700 } } } }]);
  assert.ok(late.finished());
  assert.ok(late.held().some((ms) => ms >= 700));
  assert.ok(Math.min(...start([{}]).held().concat(0)) < 5);
});

test('a slow scheduler decides about one job at a time, and others wait for what it holds', () => {
  const slow = {
    name: 'slow',
    manners: { answer: { type: 'slow', perJobMs: 3_000, perTaskMs: 0 } },
    jobsMax: 2,
  };
  const run = start([slow]);
  assert.ok(run.finished());
  const starts = run.seen('job-started').map(({ t }) => t);
  assert.ok((starts[0] ?? 0) >= 2_999 && (starts[1] ?? 0) - (starts[0] ?? 0) >= 2_999, `${starts}`);
  assert.equal(
    run.seen('job-decided').map(({ jobId, tookMs, tasks }) => [jobId, tookMs, tasks]),
    [
      ['job-0', 3_000, 4],
      ['job-1', 3_000, 4],
    ],
  );
  const both = start([slow, { name: 'quick', jobsMax: 2 }]);
  assert.ok(both.finished());
  assert.ok(Math.max(...both.held()) >= 2_999);
});

test('a job that finds no room in so many attempts is abandoned', () => {
  const manners = { answer: { type: 'slow', perJobMs: 10, perTaskMs: 1 }, refuseSeconds: 1 };
  const run = start([{ sizes: [{ resources: { cpus: 64 } }], attemptsMax: 5, jobsMax: 2, manners }]);
  assert.ok(run.finished());
  assert.equal(run.outcomes(), ['failed', 'failed']);
  assert.match(
    run.summaries.get('load')?.jobs[0]?.message ?? '',
    /abandoned after 5 attempts, with 4 tasks to place/,
  );
});

test('one that hoards launches a job at once or not at all; two of them starve each other until one loses patience', () => {
  const hoard = { answer: { type: 'hoard', patienceMs: 5_000 }, refuseSeconds: 1 };
  const tasksPerJob = { type: 'constant', value: 10 };
  const arrivals = { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 0 } };
  const alone = start([{ manners: hoard, tasksPerJob, arrivals, jobsMax: 1 }]);
  assert.ok(alone.finished());
  const launches = alone.seen('task-launched').map(({ t }) => t);
  assert.ok(launches.length === 10 && Math.max(...launches) - Math.min(...launches) < 10, `${launches}`);
  const common = { manners: hoard, tasksPerJob, arrivals, jobsMax: 3 };
  const run = start([common, { ...common, name: 'other' }]);
  assert.ok(run.finished());
  assert.equal([...run.outcomes(), ...run.outcomes('other')], Array(6).fill('finished'));
});

test('one that never takes an offer and never suppresses is asked again and again; one that suppresses is left alone', () => {
  const manners = { answer: { type: 'never' }, refuseSeconds: 1 };
  const declining = start([{ manners }]);
  declining.run(60_000);
  assert.is(declining.launches(), 0);
  assert.ok(declining.seen('offer-declined').length > 100, `${declining.seen('offer-declined').length}`);
  const arrivals = { type: 'closed', users: 1, thinkMs: { type: 'constant', value: 300_000 } };
  const offers = (suppress: boolean): number => {
    const run = start([{ arrivals, jobsMax: 2, manners: { suppress, refuseSeconds: 1 } }]);
    run.run(200_000);
    return run.seen('offer-sent').length;
  };
  assert.ok(offers(true) < 10);
  assert.ok(offers(false) > 100);
});

test('filters spare the master the offers that would be refused', () => {
  const sent = (filters: boolean): number => {
    const run = start([
      { jobsMax: 4, manners: { filters, offerMin: { cpus: 4 }, hosts: ['node1'], refuseSeconds: 0.1 } },
    ]);
    assert.ok(run.finished());
    const node1 = run.seen('slave-registered').find(({ hostname }) => hostname === 'node1')?.slaveId;
    assert.ok(run.seen('task-launched').every(({ slaveId }) => slaveId === node1));
    return run.seen('offer-sent').length;
  };
  assert.ok(sent(true) < sent(false) / 10);
});

test('one that revives at an interval sees what it has refused', () => {
  const never = { answer: { type: 'never' }, refuseSeconds: 3_600 };
  const quiet = start([{ manners: never }]);
  quiet.run(60_000);
  assert.is(quiet.seen('offer-sent').length, 3);
  const loud = start([{ manners: { ...never, reviveEveryMs: 1_000 } }]);
  loud.run(60_000);
  assert.ok(loud.seen('offer-sent').length > 100);
});

test('tasks of a lost slave run again, with a master that was lost too', () => {
  const run = start([{ jobsMax: 6, taskMs: { type: 'constant', value: 30_000 } }]);
  run.virtual.at(15_000, () => run.virtual.crash('master:5050'));
  run.virtual.at(20_000, () => run.startMaster());
  run.virtual.at(40_000, () => run.virtual.crash('node2:5051'));
  assert.ok(run.finished());
  assert.equal(run.outcomes(), Array(6).fill('finished'));
  const ends = run.seen('task-updated').filter(({ state }) => state === 'TASK_FINISHED');
  assert.ok(new Set(ends.map(({ taskId }) => taskId)).size >= 24);
});

test('an executor that cannot be started fails the job, with the reason', () => {
  const run = start([{ jobsMax: 2 }], { models: {} });
  assert.ok(run.finished());
  assert.match(
    run.summaries.get('load')?.jobs[0]?.message ?? '',
    /a task failed 4 times, at last: there is no model/,
  );
});

test('a configuration that is wrong is refused, with what is wrong', () => {
  for (const [config, complaint] of [
    [{ jobsMax: 1 }, /2 users submit a job each, and jobsMax is 1/],
    [{ arrivals: { type: 'often' } }, /arrivals\.type/],
    [{ sizes: [{ resources: {} }] }, /sizes\.0\.resources: is empty/],
    [{ taskMs: { type: 'constant', value: -1 } }, /taskMs\.value/],
    [{ manners: { hosts: [] } }, /manners\.hosts: names no host/],
    [
      { arrivals: { type: 'endless' }, manners: { answer: { type: 'hoard', patienceMs: 1 } } },
      /endless job never fits/,
    ],
  ] as const)
    assert.throws(
      () => readLoadConfig({ ...UNBOUNDED, ...config }),
      (error: Error) => complaint.test(error.message) || assert.unreachable(error.message),
    );
});

test.run();
