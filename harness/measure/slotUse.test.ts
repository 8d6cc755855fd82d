import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold } from './fold.ts';
import { slotUse } from './slotUse.ts';
import {
  frameworkRegistered,
  launched,
  offerAccepted,
  offerDeclined,
  offerSent,
  slaveRegistered,
  updated,
  writer,
} from './testHistory.ts';

const master = writer('master@m:5050');
const SLAVE = { cpus: 4, mem: 4096 };
/** For 10 s `a` holds all four CPUs in an offer, then two of them by a task for 20 s; `b` holds two in an offer for the last 10 s. */
const LINES = [
  master(0, slaveRegistered('s', SLAVE)),
  master(0, frameworkRegistered('fa', 'a')),
  master(0, frameworkRegistered('fb', 'b')),
  master(0, offerSent('o1', 'fa', 's', SLAVE)),
  master(10_000, offerAccepted('o1', 1)),
  master(10_000, launched('t', 'fa', 's', { cpus: 2, mem: 1 })),
  master(20_000, offerSent('o2', 'fb', 's', { cpus: 2 })),
  master(30_000, offerDeclined('o2')),
  master(30_000, updated('t', 'fa', 's', 'TASK_FINISHED')),
];

test('CPUs are in use, in offers, or neither', () => {
  const { values } = fold(LINES, slotUse({ fromMs: 0, toMs: 40_000 }, ['a', 'b', 'nobody']));
  assert.equal(values, {
    'in use (%)': 25,
    'in offers (%)': 37.5,
    'a share (%)': 25,
    'a in offers (%)': 25,
    'b share (%)': 0,
    'b in offers (%)': 12.5,
    'nobody share (%)': 0,
    'nobody in offers (%)': 0,
  });
});

test('only the window counts', () => {
  const { values } = fold(LINES, slotUse({ fromMs: 20_000, toMs: 30_000 }));
  assert.equal(values, { 'in use (%)': 50, 'in offers (%)': 50 });
});

test('what a master had offered is offered no more when another one leads', () => {
  const next = writer('master@n:5050');
  const lines = [
    master(0, slaveRegistered('s', SLAVE)),
    master(0, frameworkRegistered('fa', 'a')),
    master(0, offerSent('o1', 'fa', 's', SLAVE)),
    next(10_000, { event: 'master-elected', masterId: 'n' }),
    next(20_000, offerSent('o1', 'fa', 's', { cpus: 2 })),
  ];
  const { values } = fold(lines, slotUse({ fromMs: 0, toMs: 40_000 }));
  assert.is(values['in offers (%)'], 50);
});

test.run();
