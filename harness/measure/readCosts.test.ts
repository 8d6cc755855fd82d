import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { readCosts } from './readCosts.ts';
import {
  blockRead,
  frameworkRegistered,
  jobFinished,
  jobSubmitted,
  launched,
  updated,
  writer,
} from './testHistory.ts';

const SLOT = { cpus: 1 };

function valuesOf(lines: readonly HistoryLine[]) {
  const measure = readCosts();
  for (const line of lines) measure.observe(line);
  return measure.result().values;
}

/** A framework with one map, which ran for so long, on a driver or a master of this name. */
function oneMap(by: string, name: string, locality: 'local' | 'remote', runMs: number): HistoryLine[] {
  const [books, scheduler] = [writer(by), writer(name)];
  return [
    books(1_000, frameworkRegistered('f-1', name)),
    scheduler(1_000, jobSubmitted(name, 'job', 1_000)),
    books(2_000, launched('map-0', 'f-1', 's', SLOT)),
    books(3_000, updated('map-0', 'f-1', 's', 'TASK_RUNNING')),
    scheduler(3_000 + runMs, blockRead(name, 'map-0', locality)),
    scheduler(3_000 + runMs, jobFinished(name, 'job')),
  ];
}

test('what a remote read costs is known where maps of both kinds ran, also if two drivers use the same ids', () => {
  const values = valuesOf([
    ...oneMap('driver-a', 'a', 'local', 1_000),
    ...oneMap('driver-b', 'b', 'remote', 3_000),
  ]);
  assert.equal(values, {
    'job time (s)': 4,
    'local map (s)': 1,
    'remote map (s)': 3,
    'remote over local (×)': 3,
  });
});

test('without remote maps only what local ones took is told', () => {
  assert.equal(valuesOf(oneMap('master', 'a', 'local', 2_000)), { 'job time (s)': 4, 'local map (s)': 2 });
});

test.run();
