import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { happen } from './actor.ts';
import { within } from './testProbe.ts';
import { type TimerOwner, WireTimers } from './wireTimers.ts';

const now = (): number => performance.now();

function owner(timers: WireTimers): TimerOwner {
  return { timers: 0, isGone: false, timerCancelled: () => timers.cancelled(1), fire: happen };
}

test('timers run in the order of their times, equal times in the order they were asked for, none early', async () => {
  const start = now();
  // A clock that stands still while the timers are asked for, so that their times are equal.
  let frozen = true;
  const timers = new WireTimers(() => (frozen ? start : now()));
  const ran: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = owner(timers);
  const plan: [string, number][] = [
    ['e', 12],
    ['b', 5.3],
    ['a', 5.2],
    ['c', 5.3],
    ['d', 5.3],
  ];
  for (const [name, delay] of plan)
    timers.after(
      delay,
      () => {
        ran.push(name);
        assert.ok(now() >= start + delay, `${name} ran early`);
        if (name === 'e') resolve();
      },
      all,
    );
  frozen = false;
  await within('the last timer', promise);
  assert.is(ran.join(''), 'abcde');
  assert.is(all.timers, 0);
});

test('a cancelled timer does not run, however often it is cancelled', async () => {
  const timers = new WireTimers(now);
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = owner(timers);
  const timer = timers.after(1, () => assert.unreachable(), all);
  timer.cancel();
  timer.cancel();
  timers.after(2, resolve, all);
  await within('the timer that was not cancelled', promise);
});

test('of very many timers that are due at once, those after the first do not hold up the event loop', async () => {
  const timers = new WireTimers(now);
  const { promise, resolve } = Promise.withResolvers<void>();
  const all = owner(timers);
  let [ran, ranBeforeOthers] = [0, 0];
  const due = 1000;
  for (let n = 0; n < due; n++)
    timers.after(
      0,
      () => {
        if (ran++ === 0)
          setImmediate(() => {
            ranBeforeOthers = ran;
          });
        if (ran === due) resolve();
      },
      all,
    );
  await within('the last timer', promise);
  assert.ok(ranBeforeOthers > 0 && ranBeforeOthers < due / 2, String(ranBeforeOthers));
});

test('a delay of zero runs in a later turn, before a timer of 1 ms', async () => {
  const start = now();
  let frozen = true;
  const timers = new WireTimers(() => (frozen ? start : now()));
  const ran: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  timers.after(
    1,
    () => {
      ran.push(1);
      resolve();
    },
    owner(timers),
  );
  timers.after(0, () => ran.push(0), owner(timers));
  frozen = false;
  assert.equal(ran, []);
  await within('both timers', promise);
  assert.equal(ran, [0, 1]);
});

test('a timer may start another of no delay without keeping the rest waiting', async () => {
  const timers = new WireTimers(now);
  const all = owner(timers);
  const { promise, resolve } = Promise.withResolvers<void>();
  let again = true;
  const spin = (): void => {
    if (again) timers.after(0, spin, all);
  };
  spin();
  setTimeout(() => {
    again = false;
    resolve();
  }, 5);
  await within('a plain timer beside a spinning one', promise);
});

test('delays longer than setTimeout takes are waited for, not run at once', async () => {
  const timers = new WireTimers(now);
  const { promise, resolve } = Promise.withResolvers<void>();
  timers.after(2 ** 40, () => assert.unreachable(), owner(timers));
  timers.after(20, resolve, owner(timers));
  await within('the short timer', promise);
  timers.clear();
});

test('timers that are cancelled do not pile up', () => {
  let at = 0;
  const timers = new WireTimers(() => at++);
  const all = owner(timers);
  for (let n = 0; n < 100_000; n++) timers.after(1e9, () => {}, all).cancel();
  assert.is(all.timers, 0);
  assert.ok(timers.size < 3000, `${timers.size} timers are kept`);
  timers.clear();
});

test('timers whose owner is gone do not run, and do not pile up', async () => {
  const timers = new WireTimers(now);
  const gone = { ...owner(timers), isGone: false };
  for (let n = 0; n < 5_000; n++) timers.after(1, () => assert.unreachable(), gone);
  const { promise, resolve } = Promise.withResolvers<void>();
  timers.after(5, resolve, owner(timers));
  gone.isGone = true;
  timers.cancelled(gone.timers);
  assert.is(timers.size, 1);
  await within('the timer of the other', promise);
});

test('what is thrown out of the queue leaves the rest in order', async () => {
  const start = now();
  let frozen = true;
  const timers = new WireTimers(() => (frozen ? start : now()));
  const [gone, all] = [{ ...owner(timers), isGone: false }, owner(timers)];
  const ran: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const delays = Array.from({ length: 3_000 }, (_, n) => (n * 7919) % 3_000);
  for (const delay of delays)
    timers.after(delay / 1_000, () => ran.push(delay), delay % 3 === 0 ? all : gone);
  timers.after(3, resolve, all);
  gone.isGone = true;
  timers.cancelled(gone.timers);
  frozen = false;
  await within('the last', promise);
  assert.equal(
    ran,
    delays.filter((delay) => delay % 3 === 0).toSorted((a, b) => a - b),
  );
});

test.run();
