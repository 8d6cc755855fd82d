import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ClockKind, ExperimentResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { recoverySection } from './recovery.ts';

const resultOf = (cells: readonly CellResult[]): ExperimentResult => ({
  experiment: { id: 'recovery', title: 't', question: 'q', paper: 'p' },
  cells,
  claims: [],
  caveats: [],
  left: [],
});

/** Runs of three seeds in which everybody comes back within `backS` of an election `electedS` after the kill, give or take 1 s. */
function runs(
  scenario: string,
  slaves: number,
  electedS: number,
  backS: number,
  more: { readonly timeoutS?: number; readonly backoffS?: number; readonly clock?: ClockKind } = {},
): readonly CellResult[] {
  const { timeoutS = 10, backoffS = 0.1, clock = 'virtual' } = more;
  return [1, 2, 3].map((seed) => {
    const elected = electedS + seed - 2;
    return valuesCell({
      scenario,
      seed,
      clock,
      parameters: { slaves, 'session timeout (s)': timeoutS, 'registration back-off (s)': backoffS },
      values: {
        'detected (s)': elected,
        'elected (s)': elected,
        '50% of slaves back (s)': elected + backS / 2,
        'all slaves back (s)': elected + backS,
        'all frameworks back (s)': elected + backS / 4,
        'first offer (s)': elected + backS / 4,
        'launch rate restored (s)': elected + backS,
        'MTTR (s)': elected + backS,
        'election to all back (s)': backS,
        'launches before the kill (1/s)': 200,
      },
      curves: { 'launches (1/s)': { x: [-0.5, 0.5, elected], y: [200, 0, 3000] } },
    });
  });
}

const ALL = [
  ...runs('slaves-200', 200, 9, 0.1),
  ...runs('slaves-4000', 4_000, 9, 0.1),
  ...runs('timeout-5', 200, 4.8, 0.1, { timeoutS: 5 }),
  ...runs('backoff-5', 200, 9, 5, { backoffS: 5 }),
  ...runs('emulated-4000', 4_000, 9, 0.4, { clock: 'emulated' }),
];
const topicsOf = (cells: readonly CellResult[]) =>
  new Map(recoverySection(resultOf(cells)).map((topic) => [topic.id, topic]));

test('the findings are computed from the runs', () => {
  const topics = topicsOf(ALL);
  const finding = (id: string): string => (topics.get(id)?.finding ?? '').replaceAll('\u00a0', ' ');
  assert.match(finding('mttr'), /200 slaves all were back 9\.10 s after the kill/);
  assert.match(finding('mttr'), /99% of the latter passed before anybody noticed/);
  assert.match(finding('stages'), /Emulated, with 4,000.*all were back within 0\.40 s/);
  assert.match(finding('launches'), /peak of 3,000 per second/);
  assert.match(finding('waits'), /With 5 s it is within the paper’s 4 to 8 s/);
});

test('each clock has its strips, its stages and its launches; what is swept has not', () => {
  const topics = topicsOf(ALL);
  const [strips] = topics.get('mttr')?.figures ?? [];
  assert.is(strips?.state, 'drawn');
  assert.equal(strips?.state === 'drawn' && strips.datasets.map(({ rows }) => rows.length), [6, 3]);
  assert.is(topics.get('stages')?.figures.length, 2);
  assert.is(topics.get('launches')?.figures.length, 2);
});

test('the stages are those of the run with the median time to recovery', () => {
  const [figure] = topicsOf(runs('slaves-200', 200, 9, 0.1)).get('stages')?.figures ?? [];
  assert.is(figure?.state, 'drawn');
  if (figure?.state !== 'drawn') return;
  const [kill, election] = figure.datasets.map(({ rows }) => rows);
  assert.equal(kill, [
    ['nobody has noticed', 0, 9],
    ['election', 9, 9],
    ['all come back', 9, 9.1],
  ]);
  assert.equal(
    election?.find(([stage]) => stage === 'all slaves back'),
    ['all slaves back', 0, 100],
  );
  assert.not(election?.some(([stage]) => stage === '99% of slaves back'));
});

test('real processes stand beside what was predicted for the same cluster and the same sessions, and for no other', () => {
  const topic = topicsOf([
    ...runs('predicted-62-1s', 62, 9, 0.1, { timeoutS: 1 }),
    ...runs('predicted-62-10s', 62, 11, 0.1),
    ...runs('netns-62-1s', 62, 9, 0.4, { timeoutS: 1, clock: 'real' }),
  ]).get('on-machines');
  assert.match(
    topic?.finding.replaceAll('\u00a0', ' ') ?? '',
    /62 slaves and sessions of 1 s, all were back 9\.40 s .*predicted: 9\.10 s.*0\.40 s .*after the election; predicted: 0\.10 s/,
  );
  const stages = topic?.figures.find(({ id }) => id === 'recovery-stages-netns-62-1s');
  assert.is(stages?.state, 'drawn');
  assert.equal(stages?.state === 'drawn' && stages.datasets[0]?.rows, [
    ['nobody has noticed', 0, 9, 9],
    ['election', 9, 9, 9],
    ['all come back', 9, 9.4, 9.1],
  ]);
});

test('without runs every topic says so', () => {
  for (const { finding, figures } of topicsOf([]).values()) {
    assert.match(finding, 'Nothing can be said');
    assert.ok(figures.every(({ state }) => state === 'empty'));
  }
});

test.run();
