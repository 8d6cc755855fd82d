import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clockRuns } from '../results/clockRuns.ts';
import { sampleMix } from '../testdata/generate.ts';
import { runsTopics } from './runs.ts';

const mix = sampleMix({ virtualSeeds: 3, realSeeds: 1, stepS: 120, scale: 0.15 });
const virtual = runsTopics(clockRuns('virtual', mix), mix);

/** Topics by their command. */
const commandsOf = (ids: readonly string[]) =>
  ids.map((id) => virtual.find((topic) => topic.id === `virtual-${id}`)?.again);

test('what is told of all seeds is made again with all seeds', () => {
  const all = ['npx lab run mix --clock virtual --only mesos static --seeds 3'];
  const ids = ['shares', 'utilisation', 'speed-up', 'distribution', 'locality'];
  assert.equal(commandsOf(ids), Array(ids.length).fill(all));
});

test('what is told of one seed is made again with that seed', () => {
  const one = ['npx lab run mix --clock virtual --only mesos static --seed 1'];
  const ids = ['division', 'endings', 'timeline'];
  assert.equal(commandsOf(ids), Array(ids.length).fill(one));
  assert.is(virtual.length, 8);
});

test.run();
