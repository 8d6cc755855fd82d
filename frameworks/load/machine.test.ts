import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Clock, happen, type Timer } from '../../mesos/driver/actor.ts';
import { sharedMachine } from './machine.ts';

/** A clock that is set by hand; timers go off in order. */
function handClock() {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const clock: Pick<Clock, 'now' | 'after'> = {
    now: () => now,
    after(delay, due): Timer {
      const timer = { at: now + delay, run: () => happen(due) };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  const runUntil = (ms: number): void => {
    for (;;) {
      const [next] = [...timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > ms) break;
      timers.delete(next);
      now = next.at;
      next.run();
    }
    now = ms;
  };
  return { clock, runUntil };
}

/** Two CPUs and 4 GiB; tells when each piece of work was done. */
function machine() {
  const { clock, runUntil } = handClock();
  const ends: Record<string, number> = {};
  const shared = sharedMachine({ cpus: 2, mem: 4096, swapCost: 3 });
  const run = (name: string, cpus: number, mem: number, ms: number) =>
    shared.run(clock, { cpus, mem }, ms, () => {
      ends[name] = Math.round(clock.now());
    });
  return { run, runUntil, ends };
}

test('who needs no more than there is takes its time', () => {
  const { run, runUntil, ends } = machine();
  run('a', 1, 50, 100);
  run('b', 1, 50, 150);
  runUntil(1_000);
  assert.equal(ends, { a: 100, b: 150 });
});

test('what together needs twice as much takes twice as long, as long as it is together', () => {
  const { run, runUntil, ends } = machine();
  run('a', 2, 0, 100);
  runUntil(50);
  run('b', 2, 0, 100);
  runUntil(1_000);
  // a has 50 to do, at half the speed; b has done 50 by then, and does the rest alone.
  assert.equal(ends, { a: 150, b: 200 });
});

test('who has more memory waits longer where it is short', () => {
  const { run, runUntil, ends } = machine();
  run('small', 0, 1024, 100);
  run('large', 0, 5120, 1_000);
  runUntil(10_000);
  // Half as much again as there is: 1 + 3 × 1/2 × 1 times slower, and 1 + 3 × 1/2 × 5, until the small one is gone; then 1 + 3 × 1/4 × 5.
  assert.is(ends.small, 250);
  assert.is(ends.large, Math.round(250 + (1_000 - 250 / 8.5) * 4.75));
});

test('who is cancelled is never done, and slows nobody any more', () => {
  const { run, runUntil, ends } = machine();
  run('a', 2, 0, 100);
  const b = run('b', 2, 0, 100);
  runUntil(100);
  b.cancel();
  b.cancel();
  runUntil(1_000);
  assert.equal(ends, { a: 150 });
});

test.run();
