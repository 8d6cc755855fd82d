import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { fold } from './fold.ts';
import { frameworkRegistered, launched, slaveRegistered, updated, writer } from './testHistory.ts';
import { timeline } from './timeline.ts';

const SLAVE = { cpus: 2, mem: 1024 };
const ONE = { cpus: 1 };
const RUN = { fromMs: 0, toMs: 10_000 };
const master = writer('master@m:5050');
const REGISTERED = [
  master(0, slaveRegistered('s1', SLAVE)),
  master(0, slaveRegistered('s2', SLAVE)),
  master(0, frameworkRegistered('f1', 'hadoop')),
  master(0, frameworkRegistered('f2', 'mpi')),
];
const start = (t: number, task: string, framework = 'f1', slave = 's1') =>
  master(t, launched(task, framework, slave, ONE));
const end = (t: number, task: string, framework = 'f1', slave = 's1') =>
  master(t, updated(task, framework, slave, 'TASK_FINISHED'));

/** Segments as rows: slave, slot, framework, from and to in seconds. */
function rowsOf(lines: readonly HistoryLine[], run = RUN, segmentsMax?: number) {
  const found = fold([...REGISTERED, ...lines], timeline(segmentsMax))(run);
  return found.slave.map((slave, at) => [
    slave,
    found.slot[at],
    found.frameworks[found.framework[at] ?? -1],
    found.fromS[at],
    found.toS[at],
  ]);
}

test('tasks that follow each other without a pause to speak of are one segment', () => {
  const lines = [start(1000, 'a'), end(2000, 'a'), start(2400, 'b'), end(4000, 'b'), start(5000, 'c')];
  assert.equal(rowsOf(lines), [
    [0, 0, 'hadoop', 1, 4],
    [0, 0, 'hadoop', 5, 10],
  ]);
});

test('tasks at the same time have slots of their own, and a framework keeps to those it had', () => {
  const lines = [
    start(0, 'a', 'f1'),
    start(0, 'b', 'f2'),
    end(1000, 'a', 'f1'),
    end(1000, 'b', 'f2'),
    start(1100, 'c', 'f2'),
    start(1100, 'd', 'f1'),
    end(2000, 'c', 'f2'),
    end(2000, 'd', 'f1'),
  ];
  assert.equal(rowsOf(lines), [
    [0, 0, 'hadoop', 0, 2],
    [0, 1, 'mpi', 0, 2],
  ]);
});

test('what is beyond the run is cut off', () => {
  const lines = [
    start(0, 'a'),
    end(1000, 'a'),
    start(1500, 'b', 'f2', 's2'),
    end(30_000, 'b', 'f2', 's2'),
    start(40_000, 'c'),
  ];
  assert.equal(rowsOf(lines, { fromMs: 1000, toMs: 5000 }), [[1, 0, 'mpi', 0.5, 4]]);
});

test('too many segments are put together with longer pauses, and it says with which', () => {
  const lines = Array.from({ length: 10 }, (_, n) => [
    start(n * 1000, `t${n}`),
    end(n * 1000 + 300, `t${n}`),
  ]).flat();
  assert.is(rowsOf(lines).length, 10);
  const found = fold([...REGISTERED, ...lines], timeline(3))(RUN);
  assert.is(found.pauseS, 1);
  assert.equal([found.slave.length, found.tasks, found.fromS[0], found.toS[0]], [1, 10, 0, 9.3]);
});

test('if that does not help, slaves are left out and counted', () => {
  const lines = [
    start(0, 'a', 'f1', 's1'),
    end(5000, 'a', 'f1', 's1'),
    start(0, 'b', 'f1', 's2'),
    end(5000, 'b', 'f1', 's2'),
  ];
  const found = fold([...REGISTERED, ...lines], timeline(1))(RUN);
  assert.equal([found.slots, found.slavesLeftOut, found.tasks], [[1], 1, 1]);
});

test('it may be asked before the end, and goes on', () => {
  const all = timeline();
  for (const line of [...REGISTERED, start(0, 'a')]) all.observe(line);
  assert.equal(all.result()(RUN).toS, [10]);
  all.observe(end(4000, 'a'));
  assert.equal(all.result()(RUN).toS, [4]);
});

test('drivers of static partitions have slaves of their own; all stand in the order of their hostnames', () => {
  const other = writer('driver@b:1');
  const lines = [
    start(0, 'a'),
    other(0, slaveRegistered('s1', SLAVE)),
    master(0, slaveRegistered('s10', SLAVE)),
    other(0, frameworkRegistered('f1', 'spark')),
    other(0, launched('a', 'f1', 's1', ONE)),
    start(0, 'b', 'f2', 's10'),
    start(0, 'c', 'f2', 's2'),
  ];
  assert.equal(rowsOf(lines), [
    [0, 0, 'hadoop', 0, 10],
    [1, 0, 'spark', 0, 10],
    [2, 0, 'mpi', 0, 10],
    [3, 0, 'mpi', 0, 10],
  ]);
});

test('whatever runs: segments of a slot never overlap, and all tasks are counted', () => {
  const tasks = fc.array(
    fc.record({ from: fc.nat(5000), length: fc.integer({ min: 1, max: 3000 }), framework: fc.nat(1) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(tasks, (list) => {
      const lines = list
        .flatMap(({ from, length, framework }, n) => [
          start(from, `t${n}`, `f${framework + 1}`),
          end(from + length, `t${n}`, `f${framework + 1}`),
        ])
        .sort((a, b) => a.t - b.t);
      const found = fold([...REGISTERED, ...lines], timeline())(RUN);
      assert.is(found.tasks, list.length);
      const rows = found.slave.map((slave, at) => ({
        key: `${slave} ${found.slot[at]}`,
        from: found.fromS[at] ?? 0,
        to: found.toS[at] ?? 0,
      }));
      for (const slot of Map.groupBy(rows, ({ key }) => key).values())
        slot.forEach(({ from, to }, at) => {
          assert.ok(to > from && from >= (slot[at - 1]?.to ?? 0));
        });
    }),
  );
});

test.run();
