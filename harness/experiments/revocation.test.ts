import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Check } from '../result.ts';
import { runVirtual } from '../run/virtual.ts';
import type { VirtualRunScenario } from './experiment.ts';
import { revocation } from './revocation.ts';

/** Runs one of the scenarios: its values, and its checks that have not passed. */
async function run(id: string) {
  const scenario = revocation.scenarios.find((one): one is VirtualRunScenario => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  const measures = (scenario.measures ?? []).map((make) => make());
  const { completed } = await runVirtual({
    scenario: scenario.cluster,
    system: 'mesos',
    seed: 1,
    history: (line) => {
      for (const measure of measures) measure.observe(line);
    },
  });
  assert.ok(completed);
  const found = measures.map((measure) => measure.result());
  const broken: readonly Check[] = found.flatMap(({ checks = [] }) =>
    checks.filter(({ verdict }) => verdict !== 'passed'),
  );
  return {
    values: Object.assign({}, ...found.map(({ values }) => values)) as Readonly<Record<string, number>>,
    broken,
  };
}

const WAIT = 'newcomer time to its share (s)';

test('with revocation the newcomer has its share after the patience and the grace; without, when tasks have ended by themselves', async () => {
  const [revoked, never] = [await run('10min-revoked'), await run('10min-never')];
  const wait = revoked.values[WAIT] ?? Number.NaN;
  // 5 s of patience, and nine tenths of 10 s of grace.
  assert.ok(wait > 13.9 && wait < 14.2, String(wait));
  assert.equal(revoked.broken, []);
  // The sum of T/n for n from 400 down to 301 slots is 173 s, with a standard deviation of 17 s.
  const alone = never.values[WAIT] ?? Number.NaN;
  assert.ok(alone > 173 - 3 * 17 && alone < 173 + 3 * 17, String(alone));
  assert.is(never.values['revoked (tasks)'], 0);
  assert.is(never.values['work lost (task-s)'], 0);
});

test('a framework that has just what it is guaranteed loses nothing, though its tasks are the latest', async () => {
  const { values, broken } = await run('beside-protected');
  assert.is(values['revoked from protected (tasks)'], 0);
  assert.ok((values['revoked from batch (tasks)'] ?? 0) > 100);
  assert.equal(broken, []);
});

test.run();
