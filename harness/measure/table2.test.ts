import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { fold } from './fold.ts';
import { type Table2Case, table2 } from './table2.ts';
import {
  frameworkRegistered,
  jobFinished,
  jobSubmitted,
  launched,
  offerAccepted,
  offerSent,
  updated,
  writer,
} from './testHistory.ts';

const SLOT = { cpus: 1 };
const T_MS = 1_000;

/** One newcomer to two slots, which it gets after these times and then uses for `runMs`; a rigid one waits for the later one. */
function history(
  waitsMs: readonly [number, number],
  runMs: number,
  job: 'elastic' | 'rigid',
): readonly HistoryLine[] {
  const write = writer('master@m:1');
  const allMs = Math.max(...waitsMs);
  const startsMs = waitsMs.map((ms) => (job === 'rigid' ? allMs : ms));
  const events = waitsMs.flatMap((waitMs, n) => {
    const startMs = startsMs[n] ?? 0;
    return [
      { t: waitMs, event: offerSent(`o${n}`, 'f', `s${n}`, SLOT) },
      { t: startMs, event: offerAccepted(`o${n}`, 1) },
      { t: startMs, event: launched(`t${n}`, 'f', `s${n}`, SLOT) },
      { t: startMs + runMs, event: updated(`t${n}`, 'f', `s${n}`, 'TASK_FINISHED') },
    ];
  });
  return [
    write(0, frameworkRegistered('f', 'newcomer')),
    write(0, jobSubmitted('newcomer', 'j', 0)),
    ...events.sort((a, b) => a.t - b.t).map(({ t, event }) => write(t, event)),
    write(Math.max(...startsMs) + runMs, jobFinished('newcomer', 'j')),
  ];
}

const CASE: Table2Case = {
  job: 'rigid',
  lengths: 'constant',
  k: 2,
  beta: 1,
  framework: 'newcomer',
  meanTaskMs: T_MS,
  taskLength: 1,
};

const verdicts = (what: Table2Case, lines: readonly HistoryLine[]) =>
  Object.fromEntries((fold(lines, table2(what)()).checks ?? []).map(({ id, verdict }) => [id, verdict]));

test('what a rigid job waits for, takes and hoards is in units of T, beside the paper’s and the exact values', () => {
  const { values } = fold(history([200, 700], 1_000, 'rigid'), table2(CASE)());
  assert.is(values['ramp-up (T)'], 0.7);
  assert.is(values['completion (T)'], 1.7);
  assert.is(Math.round(values['utilisation (%)'] ?? 0), 80);
  assert.is(values['ramp-up by the paper (T)'], 1);
  assert.is(Math.round(1000 * (values['ramp-up, exact (T)'] ?? 0)), 667);
});

test('a newcomer that waits as chance has it passes, one that waits for three T does not', () => {
  assert.equal(verdicts(CASE, history([200, 700], 1_000, 'rigid')), {
    'ramp-up-as-expected': 'passed',
    'completion-as-expected': 'passed',
    'hoarded-as-expected': 'passed',
  });
  assert.equal(verdicts(CASE, history([2_900, 3_000], 1_000, 'rigid')), {
    'ramp-up-as-expected': 'failed',
    'completion-as-expected': 'failed',
    'hoarded-as-expected': 'passed',
  });
});

test('an elastic job whose slots stand idle is found, and so is one that hoards', () => {
  const elastic: Table2Case = { ...CASE, job: 'elastic', taskLength: 1 };
  const idle = verdicts(elastic, history([0, 0], 4_000, 'elastic'));
  assert.is(idle['no-slot-idle'], 'failed');
  assert.is(idle['nothing-hoarded'], 'passed');
  assert.is(verdicts(elastic, history([0, 500], 1_000, 'elastic'))['no-slot-idle'], 'passed');
  assert.is(verdicts(elastic, history([0, 500], 1_000, 'rigid'))['nothing-hoarded'], 'failed');
});

test('a job that ends before its last slot has come has no ramp-up', () => {
  const { values } = fold(
    history([0, 0], 1_000, 'elastic'),
    table2({ ...CASE, job: 'elastic', k: 3, lengths: 'exponential' })(),
  );
  assert.is(values['ramp-up (T)'], undefined);
  assert.is(values['completion (T)'], 1);
});

test.run();
