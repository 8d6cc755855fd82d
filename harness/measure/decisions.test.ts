import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryEvent } from '../../mesos/protocol/history.ts';
import { decisions } from './decisions.ts';
import { fold } from './fold.ts';
import { writer } from './testHistory.ts';

const decided = (framework: string, tookMs: number, tasks: number): HistoryEvent => ({
  event: 'job-decided',
  framework,
  jobId: 'job',
  tookMs,
  tasks,
});

test('a scheduler is busy while it decides, as far as that is in the window', () => {
  const [a, b] = [writer('a@a:1'), writer('b@b:1')];
  const lines = [
    a(1_000, decided('a', 1_000, 3)),
    a(11_000, decided('a', 2_000, 0)),
    b(12_000, decided('b', 100, 1)),
    a(15_000, decided('a', 1_000, 1)),
    a(22_000, decided('a', 4_000, 1)),
  ];
  assert.equal(fold(lines, decisions({ fromMs: 10_000, toMs: 20_000 })).values, {
    'a busy (%)': 40,
    'a decisions (decisions)': 3,
    'a for nothing (%)': 100 / 3,
    'b busy (%)': 1,
    'b decisions (decisions)': 1,
    'b for nothing (%)': 0,
  });
});

test('who does not say how long it thinks has no values', () => {
  assert.equal(fold([], decisions({ fromMs: 0, toMs: 1 })).values, {});
});

test.run();
