import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, ExperimentResult } from '../../harness/result.ts';
import { draw } from '../figures/testDraw.ts';
import { valuesCell } from '../results/testCells.ts';
import { scalabilitySection } from './scalability.ts';

const LOAD = {
  'messages at the master (1/s)': 35_000,
  'tasks launched (1/s)': 3_300,
  'tasks running': 100_000,
  'CPU of the master (%)': 61,
  'CPU of the slaves (%)': 45,
  'CPU of the frameworks (%)': 30,
  'event loop of the master, 99th percentile (ms)': 4,
  'event loops of the slaves, 99th percentile (ms)': 8,
  'event loops of the frameworks, 99th percentile (ms)': 6,
  'short probes': 1_000,
  'added delay of short probes, 50th percentile (ms)': 9,
  'added delay of short probes, 99th percentile (ms)': 217,
  'short probes, until begun, mean (ms)': 1,
  'short probes, until linked, mean (ms)': 5,
  'short probes, until registered, mean (ms)': 2,
  'short probes, until offered, mean (ms)': 0,
  'short probes, until running, mean (ms)': 4,
  'short probes, until told of the end, mean (ms)': 6,
  'memory of a slave at the master (KiB)': 3.9,
  'memory of a slave in its process (KiB)': 12.8,
};

function size(slaves: number, delaysS: readonly number[], limited: string | null = null): CellResult {
  const parameters = { slaves, frameworks: 200 };
  const cell = valuesCell({
    scenario: `slaves-${slaves}`,
    clock: 'emulated',
    parameters,
    values: LOAD,
    limited,
  });
  return { ...cell, samples: { 'added delay (s)': delaysS } };
}

const resultOf = (...cells: readonly CellResult[]): ExperimentResult => ({
  experiment: { id: 'scalability', title: '', question: '', paper: '' },
  ...{ cells, claims: [], caveats: [], left: [] },
});

test('the finding is of the largest size: median with interval, the paper, tails, load', () => {
  const topics = scalabilitySection(
    resultOf(size(50_000, [0.012, 0.009, 0.031, 0.01, 0.02]), size(1_000, [0.02])),
  );
  const plain = topics.map(({ finding }) => finding.replaceAll('\u00a0', ' '));
  assert.match(
    plain[0] ?? '',
    /With 50,000 slaves, the median of 5 probes was delayed by 12 ms \[9, 31; 93\.8% sure\] \(paper: 0\.75 s/,
  );
  assert.match(plain[0] ?? '', /Of 1,000 short probes, 50% within 9 ms and 99% within 217 ms\./);
  assert.match(
    plain[1] ?? '',
    /a short probe took on average 1(\.0)? ms until begun, 5(\.0)? ms until linked, .* and 6(\.0)? ms until told of the end/,
  );
  assert.match(plain[2] ?? '', /35,000 messages a second in 61% of a core; the slaves took 45%/);
});

test('figures are drawn; a size that the harness limited is marked, and sizes that were not run are named', async () => {
  const result = resultOf(size(1_000, [0.02, 0.03]), size(5_000, [0.3, 0.4], 'All processors were busy.'));
  const topics = scalabilitySection(result);
  for (const { figures } of topics)
    for (const figure of figures) if (figure.state === 'drawn') await draw(figure);
  const [delay] = topics[0]?.figures ?? [];
  if (delay?.state !== 'drawn') throw new Error('there is no chart of delays');
  assert.ok(delay.key.some(({ label }) => label === 'median, harness-limited'));
  assert.match(delay.notes.join(' '), /No value of ours: .*50000/);
  assert.match(topics[0]?.finding ?? '', /Limited by the harness: All processors were busy\./);
});

test('where the machine was the limit of short probes alone, that is said of them alone', () => {
  const detail = 'All processors of the machine were busy (93% of the time).';
  const cell = size(50_000, [0.1]);
  if (cell.state !== 'completed') throw new Error('it has not run');
  const check = { id: 'short-probes-wait-for-the-system', claim: '', verdict: 'unknown', detail } as const;
  const [topic] = scalabilitySection(resultOf({ ...cell, checks: [check] }));
  assert.match(
    topic?.finding.replaceAll('\u00a0', ' ') ?? '',
    /within 217 ms\. These are limited by the harness: All processors of the machine were busy \(93% of the time\)\.$/,
  );
});

test('without runs it says so', () => {
  for (const { finding } of scalabilitySection(resultOf())) assert.match(finding, /^No run of this report/);
});

test.run();
