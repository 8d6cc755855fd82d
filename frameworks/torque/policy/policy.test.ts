import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { easy, reserve } from './easy.ts';
import { fcfs } from './fcfs.ts';
import { firstFit } from './firstFit.ts';
import { POLICIES } from './policies.ts';
import { type QueueView, slotsOf, type WaitingJob } from './policy.ts';
import { type QueuedJob, serve } from './testQueue.ts';

type View = QueueView<WaitingJob> & { readonly waiting: readonly WaitingJob[] };
const UNKNOWN = Number.POSITIVE_INFINITY;
const waits = (ranks: number, wallTimeMs = UNKNOWN, state: WaitingJob['state'] = 'queued'): WaitingJob => ({
  ranks,
  wallTimeMs,
  state,
});
const viewOf = (
  freeSlots: number,
  waiting: readonly WaitingJob[],
  taken: QueueView<WaitingJob>['taken'] = [],
): View => ({
  nowMs: 1000,
  freeSlots,
  waiting,
  gathering: waiting.filter(({ state }) => state === 'gathering'),
  taken,
});

const SLOTS = 12;
const anyRanks = fc.integer({ min: 1, max: SLOTS });
const anyState = fc.constantFrom<WaitingJob['state']>('queued', 'queued', 'backing-off', 'gathering');
const anyMs = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(UNKNOWN));
const anyView = fc
  .record({
    waiting: fc.array(fc.record({ ranks: anyRanks, wallTimeMs: anyMs, state: anyState }), {
      maxLength: 12,
    }),
    taken: fc.array(fc.record({ slots: fc.integer({ min: 1, max: 4 }), endsMs: anyMs }), { maxLength: 6 }),
    freeSlots: fc.oneof(fc.integer({ min: 0, max: SLOTS }), fc.constant(UNKNOWN)),
  })
  .map(
    (parts): View => ({
      nowMs: 20,
      gathering: parts.waiting.filter(({ state }) => state === 'gathering'),
      ...parts,
    }),
  );
const anyQueue = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 20 }),
      ranks: anyRanks,
      runMs: fc.integer({ min: 1, max: 60 }),
      tooMuchMs: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((jobs) => {
    let submitMs = 0;
    return jobs.map(({ gapMs, ranks, runMs, tooMuchMs }): QueuedJob => {
      submitMs += gapMs;
      return { submitMs, ranks, runMs, wallTimeMs: runMs + tooMuchMs };
    });
  });

test('every policy lets in jobs that fit together, in their order, none twice and none that backs off', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      for (const policy of Object.values(POLICIES)) {
        const chosen = policy(view);
        const fresh = chosen.filter(({ state }) => state !== 'gathering');
        assert.equal(
          fresh,
          view.waiting.filter((job) => fresh.includes(job)),
        );
        assert.is(new Set(chosen).size, chosen.length);
        assert.ok(chosen.every(({ state }) => state !== 'backing-off'));
        if (fresh.length > 0) assert.ok(slotsOf(chosen) <= view.freeSlots);
      }
    }),
  );
});

test('who gathers stays under EASY and first fit, and under FCFS as long as nobody before it waits', () => {
  fc.assert(
    fc.property(anyView, (view) => {
      for (const policy of [easy, firstFit])
        assert.equal(policy(view).slice(0, view.gathering.length), view.gathering);
      const served = fcfs(view);
      assert.equal(served, view.waiting.slice(0, served.length));
    }),
  );
});

test('EASY lets in all that FCFS does, and first fit leaves nobody out who fits', () => {
  fc.assert(
    fc.property(anyView, ({ waiting, ...rest }) => {
      const view = { ...rest, waiting: waiting.filter(({ state }) => state !== 'gathering'), gathering: [] };
      assert.equal(easy(view).slice(0, fcfs(view).length), fcfs(view));
      const chosen = firstFit(view);
      const free = view.freeSlots - slotsOf(chosen);
      assert.not(
        view.waiting.some((job) => !chosen.includes(job) && job.state === 'queued' && job.ranks <= free),
      );
    }),
  );
});

test('FCFS never reorders: no job starts before one that was submitted earlier', () => {
  fc.assert(
    fc.property(anyQueue, (jobs) => {
      const starts = serve(fcfs, SLOTS, jobs);
      starts.forEach((startMs, job) => {
        assert.ok(job === 0 || startMs >= (starts[job - 1] as number));
      });
    }),
  );
});

test('EASY never delays the head of the queue beyond its reservation when no job exceeds its wall time', () => {
  let passed = 0;
  fc.assert(
    fc.property(anyQueue, (jobs) => {
      const latestMs = new Map<number, number>();
      const starts = serve(easy, SLOTS, jobs, ({ view, started }) => {
        const left = view.waiting.filter(({ job }) => !started.includes(job));
        const [head] = left;
        if (head === undefined) return;
        const before = started.filter((job) => job < head.job);
        passed += started.length - before.length;
        const first = view.waiting.filter(({ job }) => before.includes(job));
        const reservation = reserve(head, {
          nowMs: view.nowMs,
          freeSlots: first.reduce((free, { ranks }) => free - ranks, view.freeSlots),
          taken: [
            ...view.taken,
            ...first.map(({ ranks, wallTimeMs }) => ({ slots: ranks, endsMs: view.nowMs + wallTimeMs })),
          ],
        });
        const startMs = reservation?.startMs ?? UNKNOWN;
        assert.ok(startMs <= (latestMs.get(head.job) ?? UNKNOWN), 'a reservation only ever moves forward');
        latestMs.set(head.job, startMs);
      });
      assert.is(starts.length, jobs.length);
      for (const [job, startMs] of latestMs) assert.ok((starts[job] as number) <= startMs);
    }),
    { numRuns: 300 },
  );
  assert.ok(passed > 100, 'jobs have passed others');
});

test('every queue comes to its end under every policy', () => {
  fc.assert(
    fc.property(anyQueue, fc.constantFrom(...Object.values(POLICIES)), (jobs, policy) => {
      assert.is(serve(policy, SLOTS, jobs).filter((startMs) => startMs >= 0).length, jobs.length);
    }),
  );
});

test('EASY: a job passes the head if it ends before the head can start, or needs only what that leaves', () => {
  // 2 of 8 slots are free; 4 more will be at 5 s, so the head starts then, and leaves 1.
  const head = waits(5, 10_000);
  const taken = [
    { slots: 4, endsMs: 5000 },
    { slots: 2, endsMs: 9000 },
  ];
  const [short, tooLong, narrow] = [waits(2, 4000), waits(2, 4001), waits(1, 60_000)];
  assert.equal(easy(viewOf(2, [head, tooLong, short], taken)), [short]);
  assert.equal(easy(viewOf(2, [head, tooLong, narrow], taken)), [narrow]);
  assert.equal(easy(viewOf(2, [head, narrow, waits(1, 60_000)], taken)), [narrow]);
  assert.equal(firstFit(viewOf(2, [head, tooLong, short], taken)), [tooLong]);
  assert.equal(fcfs(viewOf(2, [head, short], taken)), []);
});

test('EASY: without the wall times that a reservation needs nobody passes; beyond the size of the machine all may', () => {
  const [head, short] = [waits(5, 10_000), waits(1, 1)];
  assert.equal(easy(viewOf(2, [head, short], [{ slots: 4, endsMs: UNKNOWN }])), []);
  assert.equal(easy(viewOf(2, [head, short], [{ slots: 1, endsMs: 3000 }])), [short]);
  // It waits to try again: its slots are kept for it.
  assert.equal(easy(viewOf(6, [waits(5, 10_000, 'backing-off'), short, short])), [short]);
});

test('first fit may pass over a large job as long as small ones come, which FCFS and EASY do not', () => {
  const small = Array.from(
    { length: 40 },
    (_, n): QueuedJob => ({ submitMs: 10 * n, ranks: 1, runMs: 25, wallTimeMs: 30 }),
  );
  const large: QueuedJob = { submitMs: 5, ranks: 4, runMs: 10, wallTimeMs: 10 };
  const jobs = small.toSpliced(1, 0, large);
  const startOf = (policy: typeof fcfs): number => serve(policy, 4, jobs)[1] as number;
  assert.is(startOf(fcfs), 25);
  assert.is(startOf(easy), 25);
  assert.is(startOf(firstFit), 39 * 10 + 25, 'when the last of the small ones has ended');
});

test.run();
