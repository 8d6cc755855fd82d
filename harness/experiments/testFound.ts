/** For tests: what scenarios in virtual time find. */
import * as assert from 'uvu/assert';
import { type AllFindings, allFindings } from '../run/findings.ts';
import { runVirtual } from '../run/virtual.ts';
import type { Experiment, VirtualRunScenario } from './experiment.ts';

/** Runs a scenario of an experiment. */
export async function found({ scenarios }: Experiment, id: string, seed = 1): Promise<AllFindings> {
  const scenario = scenarios.find(
    (one): one is VirtualRunScenario => one.kind === 'virtual' && one.id === id,
  );
  assert.ok(scenario !== undefined, `there is no scenario ${id} in virtual time`);
  const measures = (scenario.measures ?? []).map((make) => make());
  const outcome = await runVirtual({
    scenario: scenario.cluster,
    system: scenario.system,
    seed,
    history: (line) => {
      for (const measure of measures) measure.observe(line);
    },
  });
  assert.ok(outcome.completed, id);
  return allFindings(measures.map((measure) => measure.result()));
}

/** Checks that did not pass. */
export function failed({ checks }: AllFindings): readonly string[] {
  return checks.flatMap(({ id, verdict, detail }) => (verdict === 'passed' ? [] : [`${id}: ${detail}`]));
}
