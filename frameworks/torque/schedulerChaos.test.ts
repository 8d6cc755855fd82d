/** Two queue servers on a cluster that loses and doubles messages and crashes executors, at random. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { POLICY_NAMES } from './policy/policies.ts';
import { clusterOf, configOf, HOUR, job, launch } from './testJobs.ts';

test('whatever gets lost or comes twice, every job ends, and starts only with all its ranks', () => {
  const arbitraryJobs = fc.array(
    fc.record({ ranks: fc.integer({ min: 1, max: 6 }), atS: fc.integer({ min: 0, max: 40 }) }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(
      arbitraryJobs,
      arbitraryJobs,
      fc.record({
        seed: fc.integer({ min: 0, max: 1e6 }),
        slots: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 5 }),
        messageLoss: fc.double({ min: 0, max: 0.3, noNaN: true }),
        duplication: fc.double({ min: 0, max: 0.5, noNaN: true }),
        crashAtS: fc.integer({ min: 1, max: 60 }),
        queue: fc.constantFrom(...POLICY_NAMES),
        slotsMax: fc.constantFrom(undefined, 6),
        wallTimeMs: fc.constantFrom(undefined, HOUR),
      }),
      (jobsA, jobsB, { slots, crashAtS, queue, slotsMax, wallTimeMs, ...chance }) => {
        const room = slots.reduce((sum, n) => sum + n, 0);
        const cluster = clusterOf(slots, chance);
        const ranksOf = new Map<string, number>();
        const start = (name: string, list: typeof jobsA) => {
          const jobs = list.map(({ ranks, atS }, i) =>
            job(`${name}${i}`, Math.min(ranks, room), atS * 1000, 8000, 0.5),
          );
          for (const { id, ranks } of jobs) ranksOf.set(id, ranks);
          const limits = {
            ...(slotsMax !== undefined && { slotsMax }),
            ...(wallTimeMs !== undefined && { defaultWallTimeMs: wallTimeMs }),
          };
          return launch(cluster, configOf(jobs, { name, queue, hoardTimeoutMs: 30_000, ...limits }));
        };
        const outcomes = [start('a', jobsA), start('b', jobsB)];
        let seen = 0;
        const check = (): boolean => {
          for (; seen < cluster.history.length; seen++) {
            const event = cluster.history[seen];
            if (event?.event !== 'job-started') continue;
            const own = (id: string): boolean => id.startsWith(`${event.jobId}-`);
            const running = cluster.tasks(event.framework, 'TASK_RUNNING').filter(own).length;
            assert.is(running, ranksOf.get(event.jobId), 'started with all its ranks');
          }
          for (const name of ['a', 'b'])
            assert.ok(cluster.held(name) <= (slotsMax ?? Number.POSITIVE_INFINITY));
          return outcomes.every((outcome) => outcome.done());
        };
        const crashMs = crashAtS * 1000;
        cluster.runUntil(() => check() || cluster.nowMs >= crashMs, crashMs);
        const [victim] = cluster.tasks('a', 'TASK_RUNNING');
        if (victim !== undefined) cluster.crashExecutor(victim);
        assert.ok(cluster.runUntil(check, 4 * HOUR), 'every job ends');
        for (const { summary } of outcomes)
          for (const { outcome, failures } of summary?.jobs ?? []) {
            assert.is(outcome, 'finished');
            assert.ok(failures <= 1);
          }
        assert.is(cluster.held('a') + cluster.held('b'), 0);
      },
    ),
    { numRuns: 150 },
  );
});

test.run();
