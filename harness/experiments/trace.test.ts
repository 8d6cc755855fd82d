import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jobTimes } from '../measure/jobTimes.ts';
import { runVirtual } from '../run/virtual.ts';
import type { Scenario } from './experiment.ts';
import { trace } from './trace.ts';

const GIB = 2 ** 30;
const SWIM = ['a\t10\t10\t5\t0\t5', `b\t40\t30\t${GIB}\t${GIB}\t5`, `c\t70\t30\t${2 * GIB}\t0\t0`].join('\n');
const SWF = [1, 2, 3, 4]
  .map((id) => `${id} ${60 * id} -1 ${100 * id} ${id * id} -1 -1 -1 -1 -1 1 1 1 -1 1 -1 -1 -1`)
  .concat('5 400 -1 30 96 -1 -1 -1 -1 -1 1 1 1 -1 1 -1 -1 -1')
  .join('\n');

const replays = suite('replayed traces');
let folder = '';
replays.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-'));
});
replays.after(() => rmSync(folder, { recursive: true }));

function scenariosFrom(name: string, text: string): readonly Scenario[] {
  const path = join(folder, name);
  writeFileSync(path, text);
  return trace.input?.scenarios(path) ?? [];
}

/** Runs a scenario, and gives the means of job times by framework. */
async function meansOf(scenario: Scenario | undefined): Promise<readonly (number | undefined)[]> {
  if (scenario?.kind !== 'virtual') throw new Error('no such scenario');
  const measure = jobTimes();
  const { cluster, system } = scenario;
  const run = await runVirtual({
    scenario: cluster,
    system,
    seed: 1,
    history: (line) => measure.observe(line),
  });
  assert.ok(run.completed);
  const { values } = measure.result();
  return ['small-jobs', 'large-jobs'].map((name) => values[`mean job time, ${name} (s)`]);
}

replays('a SWIM trace runs to its end on both systems, and its shape is that of the file', async () => {
  const [shape, mesos, onStatic] = scenariosFrom('day.tsv', SWIM);
  for (const scenario of [mesos, onStatic])
    for (const meanS of await meansOf(scenario)) assert.ok((meanS ?? 0) > 20);
  assert.is(shape?.kind, 'trial');
  assert.is(mesos?.parameters['jobs in the trace'], 3);
  assert.is(mesos?.parameters.trace, 'day.tsv');
});

replays('a log of rigid jobs runs to its end on both systems', async () => {
  const [, mesos, onStatic] = scenariosFrom('queue.swf', SWF);
  for (const scenario of [mesos, onStatic]) {
    const [small, large] = await meansOf(scenario);
    assert.ok((small ?? 0) >= 250, `${small}`);
    assert.ok((large ?? 0) >= 30, `${large}`);
  }
});

replays('without a file there is nothing to run', () => {
  assert.equal(trace.scenarios, []);
});

replays.run();
