import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileClient, FileServerError } from '../files/fileClient.ts';
import { askNameNode } from './nameNodeClient.ts';

/** Asks a namenode that answers no attempt, each of which takes so long. */
async function ask(attemptMs: number, patienceMs: number): Promise<{ tookMs: number; attempts: number }> {
  let nowMs = 0;
  let attempts = 0;
  const clock = {
    now: () => nowMs,
    after(ms: number, run: () => void) {
      nowMs += ms;
      queueMicrotask(run);
      return { cancel() {} };
    },
  };
  const client = Object.assign(new FileClient('secret'), {
    async post(): Promise<unknown> {
      attempts++;
      nowMs += attemptMs;
      throw new FileServerError('no answer');
    },
  });
  const error = await askNameNode(
    { url: 'http://127.0.0.1:1', client, clock, patienceMs },
    { call: 'nodes' },
  ).then(
    () => undefined,
    (reason: Error) => reason,
  );
  assert.is(error?.message, 'The namenode at http://127.0.0.1:1 cannot be reached: no answer.');
  return { tookMs: nowMs, attempts };
}

test('a namenode that refuses is asked again until patience ends', async () => {
  const { tookMs, attempts } = await ask(0, 10_000);
  assert.ok(tookMs >= 10_000 && tookMs < 12_000, `${tookMs} ms`);
  assert.ok(attempts > 5, `${attempts} attempts`);
});

test('the time in which a namenode says nothing counts as waiting for it', async () => {
  assert.equal(await ask(30_000, 3_000), { tookMs: 30_000, attempts: 1 });
  assert.equal(await ask(30_000, 60_000), { tookMs: 60_100, attempts: 2 });
});

test.run();
