import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { CPU_USE, MEMORY_USE } from '../paper/macro.ts';
import { completedCell, framework, valuesCell } from '../results/testCells.ts';
import { macroSection } from './macro.ts';

const sum = (name: string): string => `job times of ${name}, sum (s)`;
const SMALL = [
  'selection of 1 tasks of facebook-hadoop, mean (s)',
  'text search of 2 tasks of facebook-hadoop, mean (s)',
  'aggregation of 12 tasks of facebook-hadoop, mean (s)',
];

/** All times are `seconds`, but for those of the large mix. */
function values(seconds: number, largeS: number): Readonly<Record<string, number>> {
  return {
    ...Object.fromEntries(['facebook-hadoop', 'spark', 'torque-mpi'].map((name) => [sum(name), seconds])),
    [sum('large-hadoop')]: largeS,
    ...Object.fromEntries(SMALL.map((name) => [name, seconds])),
    [CPU_USE]: 60,
    [MEMORY_USE]: 20,
  };
}

const result = (cells: readonly CellResult[]): ExperimentResult => ({
  experiment: { id: 'macro', title: 'Title', question: 'Question?', paper: 'Paper.' },
  cells,
  claims: [],
  caveats: [],
  left: [],
});

const topicOf = (cells: readonly CellResult[], id: string) => {
  const topic = macroSection(result(cells)).find((one) => one.id === id);
  assert.ok(topic !== undefined, id);
  return topic;
};

const run = (seed: number, system: 'mesos' | 'static', seconds: number, largeS: number): CellResult => ({
  ...completedCell({ seed, system, frameworks: [framework('large-hadoop', [])] }),
  values: values(seconds, largeS),
});

test('without runs every topic says so', () => {
  for (const id of ['calibration', 'paper-shares', 'paper-use', 'otherwise'])
    assert.match(topicOf([], id).finding, /^Nothing can be said/);
});

test('the calibration names the sum that is farthest from Table 4', () => {
  const { finding } = topicOf([run(1, 'static', 1684, 3143)], 'calibration');
  assert.match(finding, /within 76\.8%/);
  assert.match(finding, /facebook-hadoop/);
});

test('scenarios are compared with static partitions of the same seed, and remote reads with their own', () => {
  const of = (scenario: string, seed: number, seconds: number): CellResult =>
    valuesCell({ scenario, seed, values: values(seconds, seconds) });
  const cells = [1, 2, 3].flatMap((seed) => [
    run(seed, 'mesos', 50, 25),
    run(seed, 'static', 100, 100),
    of('lottery', seed, 100),
    of('remote-reads', seed, 100),
    of('remote-reads-static', seed, 300),
  ]);
  const topic = topicOf(cells, 'otherwise');
  assert.match(
    topic.finding,
    /2\.00, 2\.00, 2\.00 times as long .* fair sharing, 1\.00, 1\.00, 1\.00 with the lottery/,
  );
  assert.match(topic.finding, /unknown in a framework of their own/);
  const [table] = topic.tables;
  assert.match(JSON.stringify(table), /3\.00×/);
  const [figure] = topic.figures;
  assert.is(figure?.state, 'drawn');
});

test.run();
