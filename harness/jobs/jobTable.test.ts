/** Jobs as people see them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import type { JobList } from './jobList.ts';
import { jobTable, printable, spanText } from './jobTable.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const job = (more: Partial<JobStatus>): JobStatus => ({
  id: 'job',
  kind: 'wordcount',
  phase: 'running',
  submittedMs: NOW - 90_000,
  startedMs: NOW - 60_000,
  tasks: { total: 40, running: 3, finished: 12 },
  ...more,
});
const list = (jobs: readonly JobStatus[], omitted = 0): JobList => ({
  framework: 'queue',
  takesJobs: true,
  nowMs: NOW,
  jobs,
  omitted,
});

test('a line for each job, in columns', () => {
  const ended = job({ id: 'done', phase: 'failed', endedMs: NOW - 20_000, message: 'no\nluck' });
  assert.equal(jobTable([list([job({}), ended], 7)]), [
    'ID    FRAMEWORK  KIND       STATE    TASKS          SUBMITTED             WAITED  RAN',
    'job   queue      wordcount  running  12/40 (3 run)  2026-01-01T11:58:30Z  30s     1m00s',
    'done  queue      wordcount  failed   12/40 (3 run)  2026-01-01T11:58:30Z  30s     40s    no luck',
    'and 7 earlier jobs of queue',
  ]);
  assert.equal(jobTable([list([])]), ['no jobs']);
});

test('a name is cut, and can give the terminal no orders', () => {
  const [, line = ''] = jobTable([list([job({ id: `\x1b[2J${'x'.repeat(100)}` })])]);
  assert.not(line.includes('\x1b') || line.includes('x'.repeat(41)));
  assert.is(printable('a\x1b]0;b\x07\u202ec'), 'a ]0;b c');
});

test('spans of time are told in the unit that fits', () => {
  for (const [ms, text] of [
    [-5, '0.0s'],
    [840, '0.8s'],
    [9_960, '10.0s'],
    [45_400, '45s'],
    [59_600, '1m00s'],
    [200_000, '3m20s'],
    [7_500_000, '2h05m'],
  ] as const)
    assert.is(spanText(ms), text);
});

test.run();
