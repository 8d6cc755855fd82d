import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recovery as measured } from '../measure/recovery.ts';
import { runVirtual } from '../run/virtual.ts';
import type { Findings, VirtualRunScenario } from './experiment.ts';
import { recovery } from './recovery.ts';

/** Runs one of the scenarios on a few slaves. */
async function run(id: string, seed = 1): Promise<Findings> {
  const scenario = recovery.scaled?.(0.1).find((one): one is VirtualRunScenario => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  const measure = measured();
  const { completed } = await runVirtual({
    scenario: scenario.cluster,
    system: 'mesos',
    seed,
    history: (line) => measure.observe(line),
  });
  assert.ok(completed);
  return measure.result();
}

test('all come back to the next master, stage after stage', async () => {
  const { values, checks } = await run('slaves-20');
  const stages = ['detected', 'elected', '1% of slaves back', '50% of slaves back', '99% of slaves back'];
  const times = [...stages, 'all slaves back'].map((name) => values[`${name} (s)`] ?? Number.NaN);
  assert.equal(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.is(
    values['MTTR (s)'],
    Math.max(times.at(-1) as number, values['all frameworks back (s)'] as number),
  );
  assert.is(checks?.[0]?.verdict, 'passed');
  // A session of 10 s, less the time since the last of its three heartbeats, and up to a tick of 2 s more.
  const mttrS = values['MTTR (s)'] as number;
  assert.ok(mttrS > 6.6 && mttrS < 12.2, String(mttrS));
});

test('the same seed kills at the same time, another seed at another', async () => {
  const [once, again, other] = [await run('slaves-20'), await run('slaves-20'), await run('slaves-20', 2)];
  assert.equal(once, again);
  assert.is.not(once.values['MTTR (s)'], other.values['MTTR (s)']);
});

test('a shorter session is missed sooner, and a longer back-off holds slaves back', async () => {
  assert.ok(((await run('timeout-1')).values['MTTR (s)'] as number) < 1.5);
  const { values } = await run('backoff-5');
  const afterS = values['election to all back (s)'] as number;
  assert.ok(afterS > 3 && afterS < 5.1, String(afterS));
});

test.run();
