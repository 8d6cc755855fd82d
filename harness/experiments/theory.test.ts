import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runVirtual } from '../run/virtual.ts';
import type { Findings, VirtualRunScenario } from './experiment.ts';
import { theory } from './theory.ts';

/** Runs a scenario of the experiment. */
async function found(id: string): Promise<readonly Findings[]> {
  const scenario = theory.scenarios.find((one): one is VirtualRunScenario => one.id === id);
  assert.ok(scenario !== undefined, id);
  const measures = (scenario.measures ?? []).map((make) => make());
  const outcome = await runVirtual({
    scenario: scenario.cluster,
    system: 'mesos',
    seed: 1,
    history: (line) => {
      for (const measure of measures) measure.observe(line);
    },
  });
  assert.ok(outcome.completed, id);
  return measures.map((measure) => measure.result());
}

const failed = (all: readonly Findings[]): readonly string[] =>
  all
    .flatMap(({ checks = [] }) => checks)
    .flatMap(({ id, verdict, detail }) => (verdict === 'passed' ? [] : `${id}: ${detail}`));

for (const id of [
  'rigid-constant-k10-beta1',
  'rigid-exponential-k10-beta1',
  'elastic-constant-k10-beta1',
  'elastic-exponential-k10-beta1',
  'rigid-exponential-k10-of-100-beta0.2',
])
  test(`${id} is as the exact formulas say`, async () => {
    assert.equal(failed(await found(id)), []);
  });

test('the waits of newcomers vary as they should, so that none of them depends on the one before', async () => {
  const [one] = await found('rigid-constant-k1-beta1');
  const detail = one?.checks?.find(({ id }) => id === 'ramp-up-as-expected')?.detail ?? '';
  const [, deviation = '0', expected = '0'] = /deviation ([\d.]+) T, expected ([\d.]+) T/.exec(detail) ?? [];
  assert.ok(Math.abs(Number(deviation) / Number(expected) - 1) < 0.25, detail);
});

test('large tasks starve beside small ones unless nobody is offered less than they need', async () => {
  const share = async (minimum: number): Promise<number> =>
    (await found(`minimum-offer-${minimum}`))[0]?.values['CPUs of large-tasks (%)'] ?? Number.NaN;
  assert.is(await share(1), 0);
  assert.ok((await share(4)) > 25);
});

test('no wait for short tasks where slots are kept for them, and tasks on these end at the limit', async () => {
  const waited = async (slots: string): Promise<number> => {
    const all = await found(`short-slots-${slots}`);
    assert.equal(failed(all), []);
    return all[0]?.values['wait of short, mean (s)'] ?? Number.NaN;
  };
  assert.ok((await waited('none')) > 5);
  assert.ok((await waited('kept')) < 0.1);
});

test('waste reaches its bound, and does not pass it', async () => {
  const all = await found('one-size-5.1');
  assert.equal(failed(all), []);
  assert.is(Math.round(all[0]?.values['CPUs not in use (%)'] ?? 0), 49);
});

test.run();
