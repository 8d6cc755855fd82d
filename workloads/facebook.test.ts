import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitMapTimes, runDraws } from './calibration.ts';
import {
  FACEBOOK_BINS,
  facebookMix,
  HADOOP_SET_UP_MS,
  STATIC_BUSY_SLOT_S,
  STATIC_SLOTS,
  SUBMISSION_SPAN_MS,
} from './facebook.ts';
import type { MapReduceJob } from './jobs.ts';
import { meanSecondsByBin } from './partition.ts';

const submittedMs = (job: MapReduceJob): number =>
  job.submission.when === 'at' ? job.submission.ms : Number.NaN;

test('the mix has the 100 jobs, 5,014 maps and 148 reduces of Table 3', () => {
  const jobs = facebookMix({ seed: 1 });
  assert.is(jobs.length, 100);
  assert.is(new Set(jobs.map((job) => job.id)).size, 100);
  assert.is(
    jobs.reduce((sum, job) => sum + job.maps, 0),
    5014,
  );
  assert.is(
    jobs.reduce((sum, job) => sum + job.reduces, 0),
    148,
  );
  for (const bin of FACEBOOK_BINS) assert.is(jobs.filter((job) => job.bin === bin.bin).length, bin.jobs);
});

test('jobs come in order, 14 s apart on average, within 25 minutes, with gaps that vary', () => {
  const times = facebookMix({ seed: 3 }).map(submittedMs);
  assert.is(times[0], 0);
  assert.ok(Math.abs((times[99] as number) - 99 * 14_000) <= 1);
  assert.ok((times[99] as number) <= SUBMISSION_SPAN_MS);
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  assert.ok(Math.min(...gaps) >= 0);
  const variance = gaps.reduce((sum, gap) => sum + (gap - 14_000) ** 2, 0) / gaps.length;
  assert.ok(Math.sqrt(variance) > 7_000, 'gaps of a Poisson stream have a deviation near their mean');
});

test('the same seed draws the same mix and another seed another', () => {
  assert.equal(facebookMix({ seed: 7 }), facebookMix({ seed: 7 }));
  assert.not.equal(
    facebookMix({ seed: 7 }).map((job) => job.bin),
    facebookMix({ seed: 8 }).map((job) => job.bin),
  );
});

test("on 96 slots, fair between jobs, the mix gives Table 5's static column within 2%", () => {
  const runs = runDraws((seed) => facebookMix({ seed }), { slots: STATIC_SLOTS, draws: 40 });
  const seen = meanSecondsByBin(runs);
  for (const { bin, staticS } of FACEBOOK_BINS) {
    const error = Math.abs((seen.get(bin) ?? 0) / staticS - 1);
    assert.ok(error < 0.02, `bin ${bin}: ${seen.get(bin)} s against ${staticS} s`);
  }
});

test('the fitted mix keeps 96 slots as busy as figure 5a shows, within 2%', () => {
  const runs = runDraws((seed) => facebookMix({ seed }), { slots: STATIC_SLOTS, draws: 40 });
  const busyS = runs.reduce((sum, run) => sum + run.busySlotMs / 1000, 0) / runs.length;
  assert.ok(Math.abs(busyS / STATIC_BUSY_SLOT_S - 1) < 0.02, `${busyS} against ${STATIC_BUSY_SLOT_S}`);
});

test('waves alone explain the small jobs, and would ask for twice the work that figure 5a shows', () => {
  let workS = 0;
  for (const { bin, maps, reduces, steps, jobs, staticS, mapMs } of FACEBOOK_BINS) {
    const waves = Math.ceil(maps / STATIC_SLOTS) + Math.ceil(reduces / STATIC_SLOTS);
    const waveMs = (staticS * 1000 - steps * HADOOP_SET_UP_MS) / waves;
    if (bin <= 3)
      assert.ok(Math.abs((HADOOP_SET_UP_MS + waves * mapMs) / (staticS * 1000) - 1) < 0.17, `bin ${bin}`);
    workS += (jobs * (maps + reduces) * waveMs) / 1000;
  }
  assert.ok(workS > 1.9 * STATIC_BUSY_SLOT_S, `${workS}`);
});

test('the fit finds the task times again from a poor first guess', () => {
  const fitted = fitMapTimes({
    bins: FACEBOOK_BINS.map((bin) => ({ ...bin, mapMs: 10_000 })),
    draw: (bins, seed) => facebookMix({ seed, bins }),
    slots: STATIC_SLOTS,
    setUpMs: ({ steps }) => steps * HADOOP_SET_UP_MS,
    draws: 40,
    rounds: 15,
  });
  for (const [index, { bin, mapMs }] of fitted.entries()) {
    const ours = (FACEBOOK_BINS[index] as (typeof FACEBOOK_BINS)[number]).mapMs;
    assert.ok(Math.abs(mapMs / ours - 1) < 0.04, `bin ${bin}: ${mapMs} ms against ${ours} ms`);
  }
});

test('with remote reads on the static partition, a local map is shorter such that the mean stays', () => {
  const reads = { localFraction: 0.5, remoteSlowdown: 1.5 };
  const plain = facebookMix({ seed: 1 });
  const local = facebookMix({ seed: 1, staticReads: reads });
  for (const [index, job] of local.entries())
    assert.ok(Math.abs(job.model.mapMs * 1.25 - (plain[index] as MapReduceJob).model.mapMs) <= 1);
});

test.run();
