import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sharedCluster } from '../experiments/macroCluster.ts';
import { runVirtual } from './virtual.ts';

/** How long after the first launch on a slave its executor says that the task runs; the shortest of all. */
async function shortestStartMs(executorStartMs: number): Promise<number> {
  const launchedMs = new Map<string, number>();
  let shortest = Number.POSITIVE_INFINITY;
  let finished = 0;
  const outcome = await runVirtual({
    scenario: sharedCluster({ scale: 0.1, executorStartMs }),
    system: 'mesos',
    seed: 1,
    history: (line) => {
      // Each rank has an executor of its own.
      if (line.event === 'task-launched' && line.taskId.startsWith('tachyon'))
        launchedMs.set(line.taskId, line.t);
      if (line.event !== 'task-updated') return;
      const atMs = launchedMs.get(line.taskId);
      if (line.state === 'TASK_RUNNING' && atMs !== undefined) shortest = Math.min(shortest, line.t - atMs);
      if (line.state === 'TASK_FINISHED' && atMs !== undefined) finished++;
    },
  });
  assert.ok(outcome.completed);
  assert.is(finished, launchedMs.size);
  return shortest;
}

test('executors that take 5 s to start begin with their first task only then, and all jobs end', async () => {
  assert.ok((await shortestStartMs(0)) < 100);
  const startMs = await shortestStartMs(5_000);
  assert.ok(startMs >= 5_000 && startMs < 5_100, `${startMs} ms`);
});

test.run();
