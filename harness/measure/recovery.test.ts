import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryEvent, HistoryLine } from '../../mesos/protocol/history.ts';
import { fold } from './fold.ts';
import { recovery } from './recovery.ts';
import { frameworkRegistered, launched, offerSent, slaveRegistered, writer } from './testHistory.ts';

const SLAVE = { cpus: 2, mem: 512 };
const KILLED_MS = 60_000;
const SLAVES = Array.from({ length: 200 }, (_, n) => `S${n}`);

const first = writer('master@a:5050');
const next = writer('master@b:5050');
const elected = (masterId: string): HistoryEvent => ({ event: 'master-elected', masterId });

/** Ten launches a second for 20 s, by a master with 200 slaves and two frameworks; then it is killed. */
const BEFORE: readonly HistoryLine[] = [
  first(0, elected('A')),
  ...SLAVES.map((id) => first(10, slaveRegistered(id, SLAVE))),
  first(10, frameworkRegistered('f', 'one')),
  first(10, frameworkRegistered('g', 'two')),
  ...Array.from({ length: 200 }, (_, n) => first(40_000 + 100 * n, launched(`t${n}`, 'f', 'S0', SLAVE))),
];
/** It is missed after 5 s, and all are back within another. */
const AFTER: readonly HistoryLine[] = [
  next(65_000, { event: 'leader-lost', masterId: 'A' }),
  next(65_010, elected('B')),
  next(65_050, frameworkRegistered('g', 'two')),
  ...SLAVES.map((id, n) => next(65_100 + n, slaveRegistered(id, SLAVE))),
  next(65_200, offerSent('o', 'g', 'S0', SLAVE)),
  next(65_900, frameworkRegistered('f', 'one')),
  ...Array.from({ length: 20 }, (_, n) => next(66_000 + 50 * n, launched(`u${n}`, 'f', 'S0', SLAVE))),
];
const KILL = writer('faults@harness:0')(KILLED_MS, {
  event: 'fault-injected',
  fault: 'kill-leader',
  subject: 'a:5050',
});
const measured = (...lines: readonly HistoryLine[]) => fold(lines, recovery({ beforeMs: 20_000 }));

test('each stage of a recovery has a time, counted from the kill', () => {
  const { values, checks } = measured(...BEFORE, KILL, ...AFTER);
  assert.equal(values, {
    'detected (s)': 5,
    'elected (s)': 5.01,
    '1% of slaves back (s)': 5.101,
    '50% of slaves back (s)': 5.199,
    '99% of slaves back (s)': 5.297,
    'all slaves back (s)': 5.299,
    'all frameworks back (s)': 5.9,
    'first offer (s)': 5.2,
    // Ten launches within a second, at 20 a second.
    'launch rate restored (s)': 6.45,
    'MTTR (s)': 5.9,
    'election to all back (s)': 0.89,
    'launches before the kill (1/s)': 10,
  });
  assert.equal(
    checks?.map(({ verdict }) => verdict),
    ['passed'],
  );
});

test('the curves show launches before and after, and slaves as they come', () => {
  const { curves } = measured(...BEFORE, KILL, ...AFTER);
  const launches = curves?.['launches (1/s)'];
  const at = (s: number) => launches?.y[launches.x.indexOf(s)];
  assert.equal([at(-19.75), at(-0.25), at(0.25), at(5.75), at(6.25)], [10, 10, 0, 0, 20]);
  const back = curves?.['slaves back (%)'];
  assert.equal([back?.x[0], back?.y[0], back?.x.at(-1), back?.y.at(-1)], [0, 0, 5.299, 100]);
  assert.ok((back?.x.length ?? 0) <= 102);
});

test('who does not come back is missed: there is no MTTR, and the check fails', () => {
  const without = AFTER.filter((line) => line.event !== 'slave-registered' || line.slaveId !== 'S7');
  const { values, checks } = measured(...BEFORE, KILL, ...without);
  assert.is(values['MTTR (s)'], undefined);
  assert.is(values['all slaves back (s)'], undefined);
  assert.is(values['50% of slaves back (s)'], 5.2);
  assert.is(checks?.[0]?.verdict, 'failed');
  assert.match(checks?.[0]?.detail ?? '', '1 slaves and 0 frameworks');
});

test('slaves that were lost before the kill, or come for the first time after it, do not count', () => {
  const { values, checks } = measured(
    ...BEFORE,
    first(59_999, { event: 'slave-lost', slaveId: 'S7', reason: 'test' }),
    KILL,
    ...AFTER.filter((line) => line.event !== 'slave-registered' || line.slaveId !== 'S7'),
    next(80_000, slaveRegistered('new', SLAVE)),
  );
  assert.is(values['all slaves back (s)'], 5.299);
  assert.is(checks?.[0]?.verdict, 'passed');
});

test('a slave that the next master gives up fails the check', () => {
  const { checks } = measured(
    ...BEFORE,
    KILL,
    ...AFTER,
    next(90_000, { event: 'slave-lost', slaveId: 'S7', reason: 'test' }),
  );
  assert.match(checks?.[0]?.detail ?? '', '1 slaves were given up');
  assert.is(checks?.[0]?.verdict, 'failed');
});

test('a next master that does not stay the leader fails the check, which tells why it did not', () => {
  const deposed = next(66_900, { event: 'master-deposed', masterId: 'B', reason: 'its session ended' });
  const { checks } = measured(...BEFORE, KILL, ...AFTER, deposed);
  assert.is(checks?.[0]?.verdict, 'failed');
  assert.match(checks?.[0]?.detail ?? '', 'was deposed 1 times: its session ended');
});

test('without an election nothing but the loss has a time', () => {
  const { values } = measured(...BEFORE, KILL, ...AFTER.slice(0, 1));
  assert.equal(values, { 'detected (s)': 5, 'launches before the kill (1/s)': 10 });
});

test('a master that learns of the loss only by its own election has detected it then', () => {
  const { values } = measured(...BEFORE, KILL, ...AFTER.filter(({ event }) => event !== 'leader-lost'));
  assert.is(values['detected (s)'], 5.01);
});

test('what the dead master wrote and comes late is not taken for its successor’s', () => {
  const late = first(KILLED_MS + 1, slaveRegistered('S7', SLAVE));
  assert.equal(measured(...BEFORE, KILL, late, ...AFTER).values, measured(...BEFORE, KILL, ...AFTER).values);
});

test('a history without a kill has no recovery, and the check says so', () => {
  const { values, checks } = measured(...BEFORE);
  assert.equal(values, { 'launches before the kill (1/s)': 0 });
  assert.equal([checks?.[0]?.verdict, checks?.[0]?.detail], ['failed', 'no leader was killed']);
});

test.run();
