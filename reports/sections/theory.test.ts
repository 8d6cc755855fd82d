import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { draw } from '../figures/testDraw.ts';
import { valuesCell } from '../results/testCells.ts';
import { drfSection } from './drf.ts';
import { theorySection } from './theory.ts';
import type { Topic } from './topic.ts';

function resultOf(cells: readonly CellResult[]): ExperimentResult {
  const experiment = { id: 'x', title: 'X', question: 'Does it?', paper: 'Somewhere.' };
  return { experiment, cells, claims: [], caveats: [], left: [] };
}

/** Newcomers to ten slots and to a hundred, of which `over` says how much later than T ln k they had all. */
function newcomers(over: number): readonly CellResult[] {
  return [10, 100].flatMap((k) =>
    [1, 2, 3].map((seed) =>
      valuesCell({
        scenario: `rigid-exponential-k${k}-beta1`,
        seed,
        parameters: {
          job: 'rigid',
          'lengths of others': 'exponential',
          k,
          β: 1,
          'length of its tasks (T)': 1,
        },
        values: {
          'newcomers (count)': 50,
          'ramp-up (T)': Math.log(k) + over,
          'ramp-up by the paper (T)': Math.log(k),
          'ramp-up, exact (T)': Math.log(k) + 0.6,
        },
      }),
    ),
  );
}

const topicOf = (topics: readonly Topic[], id: string): Topic => {
  const topic = topics.find((one) => one.id === id);
  assert.ok(topic !== undefined, id);
  return topic as Topic;
};

test('sections say that nothing can be said where nothing was run', () => {
  for (const topics of [theorySection(resultOf([])), drfSection(resultOf([]))]) {
    assert.ok(topics.length > 0);
    for (const { finding, figures } of topics) {
      assert.match(finding, /^Nothing can be said/);
      assert.ok(figures.every(({ state }) => state === 'empty'));
    }
  }
});

test('ids of topics and figures are unique in a section', () => {
  for (const topics of [theorySection(resultOf([])), drfSection(resultOf([]))]) {
    const figures = topics.flatMap((topic) => topic.figures.map(({ id }) => id));
    assert.is(new Set(figures).size, figures.length);
    assert.is(new Set(topics.map(({ id }) => id)).size, topics.length);
  }
});

test('ramp-up is set against both formulas, and by how much it is above the paper’s is computed', async () => {
  const topic = topicOf(theorySection(resultOf(newcomers(0.55))), 'ramp-up');
  assert.match(topic.finding, /0\.55 T more than the paper’s T ln k/);
  assert.match(topic.finding, /300 newcomers/);
  assert.match(topic.finding, /Mathematics says 0\.60 T/);
  const [figure] = topic.figures;
  assert.ok(figure?.state === 'drawn');
  if (figure?.state !== 'drawn') return;
  assert.equal(
    figure.datasets[1]?.columns.map(({ title }) => title),
    ['slots k', 'paper: T ln k', 'exact: T (1 + 1/2 + … + 1/k)'],
  );
  assert.is((await draw(figure)).length, 1);
});

test('table 2 has a row for ours, the paper’s and the exact value of what was run', () => {
  const cells = [1, 2, 3].map((seed) =>
    valuesCell({
      scenario: 'rigid-constant-k24-beta1',
      seed,
      values: { 'ramp-up (T)': 0.96, 'ramp-up by the paper (T)': 1, 'ramp-up, exact (T)': 0.96 },
    }),
  );
  const [table] = topicOf(theorySection(resultOf(cells)), 'ramp-up').tables;
  assert.match(table?.html ?? '', /k = 24 slots and β = 1/);
  assert.match(table?.html ?? '', /ramp-up \(T\)<\/th><td[^>]*>paper<\/td><td[^>]*>1</);
});

test('policies are shown beside the paper’s numbers', () => {
  const cells = ['drf', 'slots-3'].map((scenario) =>
    valuesCell({
      scenario,
      values: {
        'small jobs done (count)': scenario === 'drf' ? 80 : 36,
        'large jobs done (count)': 40,
        'small job, mean (s)': 28,
        'large job, mean (s)': 55,
      },
    }),
  );
  const topic = topicOf(drfSection(resultOf(cells)), 'jobs-done');
  assert.match(topic.finding, /80 small and 40 large jobs are done, with 3 slots on a machine 36 and 40/);
  const [figure] = topic.figures;
  const row = figure?.state === 'drawn' ? figure.datasets[0]?.rows[0] : undefined;
  assert.is(row?.at(-1), 91);
});

test.run();
