import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { offerFlow } from './offerFlow.ts';
import {
  frameworkRegistered,
  offerAccepted,
  offerDeclined,
  offerRescinded,
  offerSent,
  writer,
} from './testHistory.ts';

const master = writer('master@m:5050');
const RUN = { fromMs: 1000, toMs: 3000 };
const LINES = [
  master(0, frameworkRegistered('f1', 'hadoop')),
  master(1000, offerSent('o1', 'f1', 's1', { cpus: 1 })),
  master(1000, offerSent('o2', 'f1', 's2', { cpus: 1 })),
  master(1000, offerSent('o3', 'f2', 's3', { cpus: 1 })),
  master(1000, offerSent('o4', 'f2', 's4', { cpus: 1 })),
  master(1100, offerAccepted('o1', 1)),
  master(1600, offerDeclined('o2')),
  master(2990, offerRescinded('o3')),
];

test('offers are counted in the step in which they ended, and by framework', () => {
  const flow = fold(LINES, offerFlow())(RUN);
  assert.is(flow?.stepS, 0.25);
  assert.equal(flow?.accepted, [1, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(flow?.declined, [0, 0, 1, 0, 0, 0, 0, 0]);
  assert.equal(flow?.rescinded, [0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal(flow?.frameworks, [
    { name: 'hadoop', accepted: 1, declined: 1, rescinded: 0 },
    { name: 'f2', accepted: 0, declined: 0, rescinded: 1 },
  ]);
});

test('long runs have longer steps, and what ends outside of the run is not in them', () => {
  const flow = fold(LINES, offerFlow())({ fromMs: 1200, toMs: 1_501_200 });
  assert.is(flow?.stepS, 10);
  assert.is(flow?.accepted.length, 150);
  assert.is(
    flow?.accepted.reduce((sum, n) => sum + n, 0),
    0,
  );
  assert.is(flow?.declined[0], 1);
});

test('without offers there is nothing', () => {
  assert.is(fold([], offerFlow())(RUN), null);
});

test.run();
