import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LARGE_MAP_MS } from './largeBatch.ts';
import { runOnPartition } from './partition.ts';
import {
  REMOTE_OVER_LOCAL,
  rescaledScanMs,
  SCAN_INSTANCES,
  SCAN_NODES,
  SCAN_STATIC_LOCAL,
  SCAN_STATIC_MAP_MS,
  SCAN_STATIC_S,
  scanJob,
  scanPartition,
} from './scan.ts';
import { localFraction } from './staticReads.ts';

const instances = Array.from({ length: SCAN_INSTANCES }, (_, index) => index);

test('on its static partition the scan takes what figure 8 says, whatever a remote read costs', () => {
  for (const remoteSlowdown of Object.values(REMOTE_OVER_LOCAL)) {
    const job = scanJob({ remoteSlowdown });
    const mapMs = job.model.mapMs * (SCAN_STATIC_LOCAL + (1 - SCAN_STATIC_LOCAL) * remoteSlowdown);
    const mixed = { ...job, model: { ...job.model, mapMs } };
    const times = instances.map(
      (index) => runOnPartition([mixed], { slots: 4 * scanPartition(index), seed: index }).makespanMs / 1000,
    );
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    assert.ok(Math.abs(mean / SCAN_STATIC_S - 1) < 0.005, `${mean} s with a ratio of ${remoteSlowdown}`);
  }
});

test('the partitions have 5 or 6 slaves each, and all of them together', () => {
  const partitions = instances.map(scanPartition);
  assert.is(
    partitions.reduce((sum, slaves) => sum + slaves, 0),
    SCAN_NODES,
  );
  assert.equal(new Set(partitions), new Set([6, 5]));
});

test('the highest ratio is that of two static partitions of the paper that read locally to different parts', () => {
  const search = localFraction(24, 96, 3);
  const extraMs = (SCAN_STATIC_MAP_MS - LARGE_MAP_MS) / (search - SCAN_STATIC_LOCAL);
  const localMs = SCAN_STATIC_MAP_MS - (1 - SCAN_STATIC_LOCAL) * extraMs;
  assert.ok(Math.abs((localMs + extraMs) / localMs - REMOTE_OVER_LOCAL.high) < 0.01);
});

test('a job time is rescaled to itself for the assumed ratio, and on the static partition for any', () => {
  assert.is(Math.round(rescaledScanMs(400_000, 0.7, REMOTE_OVER_LOCAL.assumed)), 400_000);
  assert.is(Math.round(rescaledScanMs(565_000, SCAN_STATIC_LOCAL, REMOTE_OVER_LOCAL.high)), 565_000);
  assert.ok(rescaledScanMs(400_000, 1, REMOTE_OVER_LOCAL.high) < 400_000);
});

test.run();
