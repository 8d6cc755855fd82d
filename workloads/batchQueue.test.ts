import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchQueue } from './batchQueue.ts';

const OPTIONS = { seed: 1, jobs: 2000, slots: 128, load: 0.8 };
const jobs = batchQueue(OPTIONS);
const lastMs = (of: typeof jobs): number => {
  const last = of.at(-1)?.submission;
  return last?.when === 'at' ? last.ms : Number.NaN;
};

test('the same seed draws the same queue, another one another', () => {
  assert.equal(batchQueue(OPTIONS), jobs);
  assert.not.equal(batchQueue({ ...OPTIONS, seed: 2 }), jobs);
});

test('asks for as much of the machine as it is told', () => {
  for (const load of [0.5, 0.8, 1]) {
    const drawn = batchQueue({ ...OPTIONS, load });
    const slotMs = drawn.reduce((sum, { ranks, model }) => sum + ranks * model.workMs, 0);
    assert.ok(Math.abs(slotMs / (lastMs(drawn) * OPTIONS.slots) - load) < 1e-6);
  }
});

test('jobs fit the machine, come in order, and take no longer than their users say', () => {
  let before = 0;
  for (const { ranks, submission, model, wallTimeMs } of jobs) {
    assert.ok(ranks >= 1 && ranks <= OPTIONS.slots && Number.isInteger(ranks));
    assert.ok(wallTimeMs >= model.workMs);
    const ms = submission.when === 'at' ? submission.ms : -1;
    assert.ok(ms >= before);
    before = ms;
  }
});

test('sizes and lengths are as logs have them: powers of two, much asked for in vain', () => {
  const share = (of: (job: (typeof jobs)[number]) => boolean): number => jobs.filter(of).length / jobs.length;
  assert.ok(share(({ ranks }) => Number.isInteger(Math.log2(ranks))) > 0.75);
  assert.ok(Math.abs(share(({ ranks }) => ranks === 1) - 0.27) < 0.05);
  const used = share(({ model, wallTimeMs }) => model.workMs < wallTimeMs / 2);
  assert.ok(used > 0.4 && used < 0.8, `${used}`);
});

test.run();
