import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawJobs, jobSeconds, taskSeconds } from './durations.ts';

test('the median job takes 84 s and the median task 23 s', () => {
  assert.is(jobSeconds(0.5), 84);
  assert.is(taskSeconds(0.5), 23);
});

test('the same seed draws the same jobs and tasks; another one others', () => {
  const drawn = (seed: number) => {
    const { jobs, taskMs } = drawJobs({ count: 20, seed, likeness: 0.5 });
    return { jobs, tasks: jobs.map(taskMs) };
  };
  assert.equal(drawn(1), drawn(1));
  assert.not.equal(drawn(1).tasks, drawn(2).tasks);
});

test('jobs have as many maps as their classes say: 39 in 101 have one, 3 in 101 more than 1,500', () => {
  const { jobs } = drawJobs({ count: 20_000, seed: 1, likeness: 0 });
  const part = (of: (maps: number) => boolean): number =>
    jobs.filter(({ maps }) => of(maps)).length / jobs.length;
  assert.ok(Math.abs(part((maps) => maps === 1) - 39 / 101) < 0.01);
  assert.ok(Math.abs(part((maps) => maps > 1_500) - 3 / 101) < 0.005);
  assert.ok(jobs.every(({ maps }) => maps >= 1 && maps <= 10_000));
});

test('tasks are as long as in the figure, however alike those of one job are', () => {
  for (const likeness of [0, 0.75, 1]) {
    const { jobs, taskMs } = drawJobs({ count: 4_000, seed: 1, likeness });
    const seconds = jobs.map((job) => taskMs(job) / 1_000).sort((a, b) => a - b);
    for (const p of [0.1, 0.5, 0.9]) {
      const below = seconds.filter((one) => one <= taskSeconds(p)).length / seconds.length;
      assert.ok(Math.abs(below - p) < 0.025, `${below} instead of ${p} with a likeness of ${likeness}`);
    }
  }
});

test('tasks of one job that are wholly alike are equally long', () => {
  const { jobs, taskMs } = drawJobs({ count: 1, seed: 1, likeness: 1 });
  const [first, second] = [...jobs, ...jobs].map(taskMs);
  assert.is(first, second);
});

test.run();
