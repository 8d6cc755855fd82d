import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXPERIMENTS } from './catalogue.ts';
import { clockOf, type Experiment } from './experiment.ts';
import { REGISTER } from './register.ts';

/** All scenarios of clusters of all experiments. */
const clusters = EXPERIMENTS.flatMap(({ id, scenarios }) =>
  scenarios.flatMap((scenario) => (scenario.kind === 'trial' ? [] : [{ ...scenario, id }])),
);

test('every experiment is registered by its id', () => {
  assert.equal(
    EXPERIMENTS.map(({ id }) => id),
    Object.keys(REGISTER),
  );
});

test('every scenario has an id of its own among those of its clock', () => {
  for (const { id, scenarios } of EXPERIMENTS) {
    const keys = scenarios.map((scenario) => `${clockOf(scenario)} ${scenario.id}`);
    assert.is(new Set(keys).size, keys.length, id);
  }
});

test('ids can be typed in a shell', () => {
  for (const { id, scenarios } of EXPERIMENTS)
    for (const name of [id, ...scenarios.map((scenario) => scenario.id)])
      assert.match(name, /^[a-z0-9][a-z0-9.-]*$/);
});

test('a per cent sign follows its number without a space, as everywhere on the page', () => {
  for (const { id, title, question, paper, caveats, claims, scenarios } of EXPERIMENTS) {
    const labels = scenarios.map(({ label }) => label);
    const said = claims.flatMap(({ label, claim, caveat, explanation = '' }) => [
      label,
      claim,
      caveat,
      explanation,
    ]);
    for (const text of [title, question, paper, ...caveats, ...labels, ...said])
      assert.not.match(text, /\d[ \u00a0]%/, id);
  }
});

test('static partitions use all of the slaves, and none twice', () => {
  for (const { id, system, cluster } of clusters.filter(({ system }) => system === 'static'))
    assert.is(
      cluster.frameworks.reduce((sum, { partition }) => sum + partition, 0),
      cluster.slaves,
      `${id} ${system}`,
    );
});

test('every framework of a cluster has a name of its own, for its history goes by it', () => {
  for (const { id, cluster } of clusters)
    assert.is(new Set(cluster.frameworks.map(({ name }) => name)).size, cluster.frameworks.length, id);
});

/** What a claim names must be there, or it could never be judged. */
test('claims name scenarios of their experiment', () => {
  const named = ({ claims }: Experiment): readonly string[] =>
    claims.flatMap(({ quantity }) => {
      switch (quantity.of) {
        case 'value':
        case 'samples':
          return [quantity.scenario];
        case 'ratio':
          return [quantity.scenario, quantity.over];
        case 'difference':
          return [quantity.scenario, quantity.minus];
        default:
          return ['mesos'];
      }
    });
  for (const experiment of EXPERIMENTS)
    for (const id of named(experiment))
      assert.ok(
        experiment.scenarios.some((scenario) => scenario.id === id),
        `${experiment.id}: ${id}`,
      );
});

test.run();
