import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryEvent } from '../../mesos/protocol/history.ts';
import { fold } from './fold.ts';
import { jobWaits } from './jobWaits.ts';
import { jobFinished, jobStarted, jobSubmitted, writer } from './testHistory.ts';

const scheduler = writer('f@f:1');
const decided = (jobId: string, tookMs: number): HistoryEvent => ({
  event: 'job-decided',
  framework: 'f',
  jobId,
  tookMs,
  tasks: 0,
});

test('jobs wait for the first attempt, for the first task and for their end; those that have none wait until the end of the history', () => {
  const lines = [
    scheduler(0, jobSubmitted('f', 'early', 0)),
    scheduler(10_000, jobSubmitted('f', 'a', 10_000)),
    scheduler(10_000, jobSubmitted('f', 'b', 10_000)),
    scheduler(12_000, decided('a', 1_000)),
    scheduler(14_000, jobStarted('f', 'a')),
    scheduler(15_000, jobFinished('f', 'early')),
    scheduler(20_000, jobFinished('f', 'a')),
    scheduler(25_000, jobSubmitted('f', 'late', 25_000)),
    scheduler(30_000, jobStarted('f', 'late')),
  ];
  assert.equal(fold(lines, jobWaits({ fromMs: 10_000, toMs: 20_001 })).values, {
    'finished an hour (jobs)': 2 / (10_001 / 3_600_000),
    'f jobs (jobs)': 2,
    'f started (%)': 50,
    'f finished (%)': 50,
    'f abandoned (%)': 0,
    'f attempt after (s)': (1 + 20) / 2,
    'f wait (s)': (4 + 20) / 2,
    'f job time (s)': 10,
  });
});

test('one that was given up waited until then, and has no job time', () => {
  const lines = [
    scheduler(0, jobSubmitted('f', 'a', 0)),
    scheduler(3_000, decided('a', 1_000)),
    scheduler(3_000, { ...jobFinished('f', 'a'), outcome: 'failed' } as HistoryEvent),
    scheduler(9_000, jobSubmitted('f', 'other', 9_000)),
  ];
  assert.equal(fold(lines, jobWaits({ fromMs: 0, toMs: 5_000 })).values, {
    'finished an hour (jobs)': 0,
    'f jobs (jobs)': 1,
    'f started (%)': 0,
    'f finished (%)': 0,
    'f abandoned (%)': 100,
    'f attempt after (s)': 2,
    'f wait (s)': 3,
  });
});

test.run();
