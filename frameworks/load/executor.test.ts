import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { happen } from '../../mesos/driver/actor.ts';
import type { ExecutorDriver } from '../../mesos/driver/executor.ts';
import { encodeData, type TaskInfo } from '../../mesos/protocol/entities.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { createLoadExecutor } from './executor.ts';

/** An executor with a clock that is moved by hand, and the ends that it reports: state, and when. */
function start() {
  let now = 0;
  const timers: { readonly atMs: number; readonly run: () => void; is: 'set' | 'off' }[] = [];
  const ends: [state: string, atMs: number][] = [];
  const driver: ExecutorDriver = {
    random: seededRandom('test'),
    now: () => now,
    after(delayMs, due) {
      const timer = { atMs: now + delayMs, run: () => happen(due), is: 'set' as 'set' | 'off' };
      timers.push(timer);
      return {
        cancel() {
          timer.is = 'off';
        },
      };
    },
    record() {},
    sendStatus: (_, state) => void (state !== 'TASK_RUNNING' && ends.push([state, now])),
    sendFrameworkMessage() {},
    stop() {},
  };
  const executor = createLoadExecutor()(driver);
  return {
    ends,
    launch(ms: number, more: { readonly grace?: 'used' } = {}): void {
      executor.launchTask({ taskId: 't', data: encodeData({ work: 'sleep', ms, ...more }) } as TaskInfo);
    },
    kill: (graceMs?: number) => executor.killTask('t', graceMs),
    pass(ms: number): void {
      const untilMs = now + ms;
      for (;;) {
        const due = timers.filter(({ is, atMs }) => is === 'set' && atMs <= untilMs);
        const next = due.sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        now = next.atMs;
        next.is = 'off';
        next.run();
      }
      now = untilMs;
    },
  };
}

test('a task that is to end ends at once, whatever its grace', () => {
  const { launch, kill, pass, ends } = start();
  launch(100_000);
  pass(1_000);
  kill(30_000);
  pass(200_000);
  assert.equal(ends, [['TASK_KILLED', 1_000]]);
});

test('one that uses its grace goes on for nine tenths of it', () => {
  const { launch, kill, pass, ends } = start();
  launch(100_000, { grace: 'used' });
  pass(1_000);
  kill(30_000);
  pass(200_000);
  assert.equal(ends, [['TASK_KILLED', 28_000]]);
});

test('one that is done before its grace is over has finished', () => {
  const { launch, kill, pass, ends } = start();
  launch(20_000, { grace: 'used' });
  pass(1_000);
  kill(30_000);
  pass(200_000);
  assert.equal(ends, [['TASK_FINISHED', 20_000]]);
});

test('without a grace there is nothing to use', () => {
  for (const graceMs of [undefined, 0]) {
    const { launch, kill, pass, ends } = start();
    launch(20_000, { grace: 'used' });
    pass(1_000);
    kill(graceMs);
    pass(200_000);
    assert.equal(ends, [['TASK_KILLED', 1_000]]);
  }
});

test.run();
