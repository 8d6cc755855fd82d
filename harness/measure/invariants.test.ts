import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../../infra/collectGarbage.ts';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import type { StatusReason, TaskState } from '../../mesos/protocol/tasks.ts';
import type { Check } from '../result.ts';
import { fold } from './fold.ts';
import { invariants } from './invariants.ts';
import { slavesNotOvercommitted } from './slaveBooks.ts';
import {
  frameworkRegistered,
  jobFinished,
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
const HALF = { cpus: 2, mem: 4096 };

/** A sound history of one second for each event, with one slave and one task that ran on one offer. */
const SOUND: readonly HistoryEvent[] = [
  slaveRegistered('s', SLAVE),
  frameworkRegistered('f', 'hadoop'),
  jobSubmitted('hadoop', 'j', 0),
  offerSent('o', 'f', 's', SLAVE),
  offerAccepted('o', 1),
  launched('t', 'f', 's', HALF),
  updated('t', 'f', 's', 'TASK_RUNNING'),
  updated('t', 'f', 's', 'TASK_FINISHED'),
  jobFinished('hadoop', 'j'),
];

function lines(events: readonly HistoryEvent[]): readonly HistoryLine[] {
  const write = writer('master@127.0.0.1:5050');
  return events.map((event, second) => write(second * 1000, event));
}

/** The checks that fail when these events follow the sound history. */
function failures(...more: readonly HistoryEvent[]): readonly Check[] {
  return fold(lines([...SOUND, ...more]), invariants()).filter((check) => check.verdict !== 'passed');
}

/**
 * Expects this check alone to fail, with the event of this number as the first violation, for this reason.
 */
function breaks(more: readonly HistoryEvent[], id: string, firstSeq: number, why: RegExp): void {
  const failed = failures(...more);
  assert.equal(
    failed.map((check) => [check.id, check.verdict]),
    [[id, 'failed']],
  );
  assert.match(failed[0]?.detail ?? '', new RegExp(`"seq":${firstSeq},`));
  assert.match(failed[0]?.detail ?? '', why);
}

const FIRST = SOUND.length;

test('a sound history passes all checks, which say what they saw', () => {
  const checks = fold(lines(SOUND), invariants());
  assert.equal(
    checks.map((check) => [check.id, check.verdict, check.detail]),
    [
      ['offers-end-once', 'passed', '1 offer'],
      ['slaves-not-overcommitted', 'passed', '1 slave'],
      ['tasks-run-once', 'passed', '1 task'],
      ['tasks-end', 'passed', '1 task'],
      ['jobs-end', 'passed', '1 job'],
      ['one-master-acts', 'passed', '0 elections'],
    ],
  );
});

test('an offer that is accepted after it was rescinded is found', () => {
  breaks(
    [offerSent('p', 'f', 's', HALF), offerRescinded('p'), offerAccepted('p', 1)],
    'offers-end-once',
    FIRST + 2,
    /was rescinded before/,
  );
});

test('an offer that ends twice is found', () => {
  breaks([offerDeclined('o')], 'offers-end-once', FIRST, /1 violation in 1 offer.*was accepted before/);
});

test('an offer that ends without having been sent, or is sent twice, is found', () => {
  breaks([offerDeclined('ghost')], 'offers-end-once', FIRST, /never sent/);
  breaks([offerSent('o', 'f', 's', HALF), offerDeclined('o')], 'offers-end-once', FIRST, /sent before/);
});

test('the same offer id of two masters is two offers', () => {
  const next = writer('master@127.0.0.1:5051');
  const checks = fold([...lines(SOUND), next(9000, offerSent('o', 'f', 's', HALF))], invariants());
  assert.ok(checks.every((check) => check.verdict === 'passed'));
});

test('resources that are offered twice at a time are found', () => {
  breaks(
    [
      offerSent('p', 'f', 's', SLAVE),
      offerSent('q', 'f', 's', { cpus: 0.5 }),
      offerDeclined('p'),
      offerDeclined('q'),
    ],
    'slaves-not-overcommitted',
    FIRST + 1,
    /cpus:4.5;mem:8192 in use of cpus:4;mem:8192/,
  );
});

test('tasks and offers that together exceed one resource of a slave are found', () => {
  const task = { cpus: 1, mem: 8192 };
  breaks(
    [
      launched('u', 'f', 's', task),
      offerSent('p', 'f', 's', { cpus: 3, mem: 1 }),
      offerDeclined('p'),
      updated('u', 'f', 's', 'TASK_KILLED'),
    ],
    'slaves-not-overcommitted',
    FIRST + 1,
    /cpus:4;mem:8193 in use/,
  );
});

test('an offer of a slave that is lost is found, and the end of its offers and tasks is not', () => {
  const lost: HistoryEvent = { event: 'slave-lost', slaveId: 's', reason: 'test' };
  assert.equal(
    failures(
      offerSent('p', 'f', 's', HALF),
      launched('u', 'f', 's', HALF),
      lost,
      offerRescinded('p'),
      updated('u', 'f', 's', 'TASK_LOST'),
    ),
    [],
  );
  breaks([lost, offerSent('p', 'f', 's', HALF)], 'slaves-not-overcommitted', FIRST + 1, /not registered/);
});

test('fractions that fill a slave exactly do not exceed it', () => {
  const tenth = { cpus: 0.4, mem: 819.2 };
  const ids = Array.from({ length: 10 }, (_, index) => `u${index}`);
  assert.equal(
    failures(
      ...ids.map((id) => launched(id, 'f', 's', tenth)),
      ...ids.map((id) => updated(id, 'f', 's', 'TASK_FINISHED')),
    ),
    [],
  );
});

test('what a slave gives is counted whatever was said before: a task that goes on after its end, or is launched again, takes its part', () => {
  const other = launched('u', 'f', 's', SLAVE);
  const verdict = (...more: readonly HistoryEvent[]) =>
    fold(lines([...SOUND, other, ...more]), slavesNotOvercommitted()).verdict;
  assert.is(verdict(), 'passed');
  assert.is(verdict(updated('t', 'f', 's', 'TASK_RUNNING')), 'failed');
  assert.is(verdict(launched('t', 'f', 's', HALF)), 'failed');
});

test('of lines about tasks that have ended nothing is kept, and what they held still counts', async () => {
  const check = slavesNotOvercommitted();
  const write = writer('master@127.0.0.1:5050');
  check.observe(write(0, slaveRegistered('s', SLAVE)));
  const shares = Array.from({ length: 10 }, (_, n) => {
    const resources = { ...HALF };
    check.observe(write(n, launched(`t${n}`, 'f', 's', resources)));
    check.observe(write(n, updated(`t${n}`, 'f', 's', 'TASK_FINISHED')));
    return new WeakRef(resources);
  });
  // The latest line of a slave is remembered.
  check.observe(write(10, slaveRegistered('other', SLAVE)));
  await collectGarbage();
  assert.is(shares.filter((share) => share.deref() !== undefined).length, 0);
  // It takes part in the check all the same.
  check.observe(write(11, updated('t3', 'f', 's', 'TASK_RUNNING')));
  check.observe(write(12, updated('t5', 'f', 's', 'TASK_RUNNING')));
  assert.is(check.result().verdict, 'passed');
  check.observe(write(13, updated('t7', 'f', 's', 'TASK_RUNNING')));
  assert.is(check.result().verdict, 'failed');
});

test('a task that is launched again under its id is found', () => {
  breaks(
    [launched('t', 'f', 's', HALF), updated('t', 'f', 's', 'TASK_FINISHED')],
    'tasks-run-once',
    FIRST,
    /there before/,
  );
});

test('a task that changes state after its end is found, and the same state again is no change', () => {
  breaks([updated('t', 'f', 's', 'TASK_LOST')], 'tasks-run-once', FIRST, /was TASK_FINISHED before/);
  breaks([updated('t', 'f', 's', 'TASK_RUNNING')], 'tasks-run-once', FIRST, /was TASK_FINISHED before/);
  assert.equal(failures(updated('t', 'f', 's', 'TASK_FINISHED')), []);
});

test('a task that runs without having been launched is found, and one that was refused is not', () => {
  assert.equal(failures(updated('refused', 'f', 's', 'TASK_ERROR')), []);
  breaks([updated('ghost', 'f', 's', 'TASK_RUNNING')], 'tasks-run-once', FIRST, /never launched/);
});

test('a task that never ends is found by its launch', () => {
  breaks(
    [launched('u', 'f', 's', HALF), updated('u', 'f', 's', 'TASK_RUNNING')],
    'tasks-end',
    FIRST,
    /never ended/,
  );
});

test('a job that never ends is found by its submission', () => {
  breaks([jobSubmitted('hadoop', 'k', 0)], 'jobs-end', FIRST, /1 violation in 2 jobs.*never ended/);
});

test('a job that ends twice is found', () => {
  breaks([jobFinished('hadoop', 'j')], 'jobs-end', FIRST, /no such job was open/);
});

/** The lines of several masters, one a second. */
function reigns(...lines: readonly (readonly [by: string, event: HistoryEvent])[]): readonly Check[] {
  const writers = new Map<string, ReturnType<typeof writer>>();
  const history = lines.map(([by, event], second) => {
    const write = writers.get(by) ?? writer(`master@${by}:5050`);
    writers.set(by, write);
    return write(second * 1000, event);
  });
  return fold(history, invariants()).filter((check) => check.verdict !== 'passed');
}

const ELECTED: HistoryEvent = { event: 'master-elected', masterId: 'm' };
const DEPOSED: HistoryEvent = { event: 'master-deposed', masterId: 'm', reason: 'test' };

/** Master a launches a task that fills the slave. */
const FIRST_REIGN = [
  ['a', ELECTED],
  ['a', slaveRegistered('s', SLAVE)],
  ['a', frameworkRegistered('f', 'hadoop')],
  ['a', offerSent('o', 'f', 's', SLAVE)],
  ['a', offerAccepted('o', 1)],
  ['a', launched('t', 'f', 's', SLAVE)],
  ['a', updated('t', 'f', 's', 'TASK_RUNNING')],
] as const;

const lost = (state: TaskState, reason: StatusReason): HistoryEvent => ({
  ...(updated('t', 'f', 's', state) as HistoryEvent & { event: 'task-updated' }),
  reason,
});

test('a new master hears of slaves and their tasks anew, and what nobody tells of has ended', () => {
  assert.equal(
    reigns(
      ...FIRST_REIGN,
      ['b', ELECTED],
      ['b', slaveRegistered('s', SLAVE)],
      ['b', updated('t', 'f', 's', 'TASK_RUNNING')],
      ['a', DEPOSED],
      ['b', updated('t', 'f', 's', 'TASK_FINISHED')],
    ),
    [],
  );
  assert.equal(
    reigns(
      ...FIRST_REIGN,
      ['b', ELECTED],
      ['b', slaveRegistered('s', SLAVE)],
      ['b', offerSent('p', 'f', 's', SLAVE)],
    ),
    [],
  );
});

test('a new master that offers what a task has which its slave told of is found', () => {
  const [check, ...more] = reigns(
    ...FIRST_REIGN,
    ['b', ELECTED],
    ['b', slaveRegistered('s', SLAVE)],
    ['b', updated('t', 'f', 's', 'TASK_RUNNING')],
    ['b', offerSent('p', 'f', 's', SLAVE)],
    ['b', updated('t', 'f', 's', 'TASK_FINISHED')],
  );
  assert.is(check?.id, 'slaves-not-overcommitted');
  assert.equal(more, []);
});

test('a task that a new master has heard of has to end', () => {
  assert.equal(
    reigns(
      ...FIRST_REIGN,
      ['b', ELECTED],
      ['b', slaveRegistered('s', SLAVE)],
      ['b', updated('t', 'f', 's', 'TASK_RUNNING')],
    ).map(({ id }) => id),
    ['tasks-end'],
  );
});

test('a master that acts after another was elected, or after it was deposed, is found', () => {
  for (const change of [
    ['b', ELECTED],
    ['a', DEPOSED],
  ] as const)
    assert.equal(
      reigns(...FIRST_REIGN, change, ['a', updated('t', 'f', 's', 'TASK_FINISHED')]).map(({ id }) => id),
      ['one-master-acts'],
    );
});

test('a master that stands by may say that the one that led is lost', () => {
  assert.equal(
    reigns(
      ...FIRST_REIGN,
      ['a', updated('t', 'f', 's', 'TASK_FINISHED')],
      ['b', { event: 'leader-lost', masterId: 'm' }],
      ['b', ELECTED],
    ),
    [],
  );
});

test('a task whose slave was given up may be heard of again, and has to end then', () => {
  const givenUp = [
    ['a', { event: 'slave-lost', slaveId: 's', reason: 'test' }],
    ['a', lost('TASK_LOST', 'REASON_SLAVE_REMOVED')],
    ['a', slaveRegistered('s', SLAVE)],
    ['a', updated('t', 'f', 's', 'TASK_RUNNING')],
  ] as const;
  assert.equal(reigns(...FIRST_REIGN, ...givenUp, ['a', updated('t', 'f', 's', 'TASK_KILLED')]), []);
  assert.equal(
    reigns(...FIRST_REIGN, ...givenUp).map(({ id }) => id),
    ['tasks-end'],
  );
  assert.equal(
    reigns(
      ...FIRST_REIGN,
      ...givenUp,
      ['a', offerSent('p', 'f', 's', SLAVE)],
      ['a', updated('t', 'f', 's', 'TASK_KILLED')],
    ).map(({ id }) => id),
    ['slaves-not-overcommitted'],
  );
});

test('a task of a framework that was removed is heard of again only by another master', () => {
  const removed = ['a', lost('TASK_KILLED', 'REASON_FRAMEWORK_REMOVED')] as const;
  const finished = updated('t', 'f', 's', 'TASK_FINISHED');
  assert.equal(reigns(...FIRST_REIGN, removed, ['b', ELECTED], ['b', finished]), []);
  assert.equal(
    reigns(...FIRST_REIGN, removed, ['a', finished]).map(({ id }) => id),
    ['tasks-run-once'],
  );
});

test('all violations are counted and the first is shown', () => {
  const [check] = failures(offerDeclined('o'), offerDeclined('o'), offerDeclined('o'));
  assert.match(check?.detail ?? '', /^3 violations in 1 offer, the first: .*"seq":9,/);
});

test.run();
