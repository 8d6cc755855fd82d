import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HadoopConfig } from './job.ts';
import { farJob, ids, type Run, start } from './testJobs.ts';

const at = (ms: number) => ({ submission: { when: 'at', ms } }) as const;
const pools = (
  named: Extract<HadoopConfig['scheduling'], { policy: 'fair' }>['pools'],
): Partial<HadoopConfig> => ({
  scheduling: { policy: 'fair', pools: named },
});

/** How many tasks of each job an offer of so many slots launches. */
function shares(run: Run, slots: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids(run.master.offer({ a: slots }).a)) {
    const [job = ''] = id.split('_');
    counts[job] = (counts[job] ?? 0) + 1;
  }
  return counts;
}

test('first in, first out: the first job takes all that it can use, the next what is left', () => {
  const jobs = [farJob('x', 6), farJob('y', 50), farJob('z', 50)];
  const run = start(jobs, { scheduling: { policy: 'fifo' } });
  assert.equal(shares(run, 4), { x: 4 });
  assert.equal(shares(run, 10), { x: 2, y: 8 });
});

test('pools share by their weights, and the jobs of a pool equally', () => {
  const jobs = [
    farJob('x', 50, { pool: 'research' }),
    farJob('y', 50, { pool: 'research' }),
    farJob('z', 50, { pool: 'production' }),
    farJob('w', 50),
  ];
  const run = start(jobs, pools({ production: { weight: 2, minSlots: 0 } }));
  assert.equal(shares(run, 40), { x: 5, y: 5, z: 20, w: 10 });
});

test('a pool below its minimum comes first, whatever the weights', () => {
  const jobs = [farJob('x', 50), farJob('z', 50, { ...at(10), pool: 'production' })];
  const run = start(
    jobs,
    pools({ default: { weight: 10, minSlots: 0 }, production: { weight: 1, minSlots: 6 } }),
  );
  assert.equal(shares(run, 10), { x: 10 });
  run.master.clock.advance(10);
  assert.equal(shares(run, 8), { x: 2, z: 6 }, 'its minimum is 6; the rest goes by weight');
});

test('a pool counts what its jobs still run when they have ended, until that has ended', () => {
  const jobs = [
    farJob('x', 4, { pool: 'p' }),
    farJob('y', 50, { pool: 'p' }),
    farJob('z', 50, { pool: 'q' }),
  ];
  const run = start(jobs, { failuresPerTaskMax: 1 });
  const first = run.master.offer({ a: 8 }).a ?? [];
  assert.equal(
    first
      .map(({ taskId }) => taskId.split('_')[0])
      .sort()
      .join(''),
    'xxyyzzzz',
  );
  run.control.delete('x');
  assert.equal(shares(run, 2), { y: 1, z: 1 }, 'the slots of x are still in use');
  for (const task of first.filter(({ taskId }) => taskId.startsWith('x')))
    run.master.update(task, 'TASK_KILLED');
  assert.equal(shares(run, 2), { y: 2 });
});

test('a job runs no more on a node where its tasks fail, as long as such nodes are few', () => {
  const run = start([farJob('j', 50), farJob('k', 50, at(1_000))], {
    failuresPerNodeMax: 2,
    failuresPerTaskMax: 10,
  });
  const { master } = run;
  const fail = (host: string): void => {
    const [task] = master.offer({ [host]: 1 })[host] ?? [];
    assert.ok(task, `${host} is used`);
    if (task) master.update(task, 'TASK_FAILED', { message: 'bad disk' });
  };
  for (const host of ['b', 'c', 'd', 'e']) master.offer({ [host]: 1 });
  fail('a');
  fail('a');
  assert.equal(master.offer({ a: 1 }).a, [], 'one of five');
  fail('b');
  fail('b');
  assert.is(master.offer({ b: 1 }).b?.length, 1, 'two of five are more than a quarter: then none is shunned');
  master.offer({ f: 1, g: 1, h: 1, i: 1 });
  assert.equal(master.offer({ a: 1, b: 1 }), { a: [], b: [] }, 'two of nine');
  master.clock.advance(1_000);
  const { a = [] } = master.offer({ a: 1 });
  assert.equal(ids(a), ['k_m_0_0'], 'another job has nothing against it');
});

test.run();
