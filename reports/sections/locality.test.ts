import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExperimentResult } from '../../harness/result.ts';
import { valuesCell } from '../results/testCells.ts';
import { localitySection } from './locality.ts';

const NOTHING: ExperimentResult = {
  experiment: { id: 'locality', title: '', question: '', paper: '' },
  claims: [],
  caveats: [],
  cells: [],
  left: [],
};

const cell = (scenario: string, waitS: number, local: number, jobS: number) =>
  valuesCell({
    scenario,
    parameters: { 'wait (s)': waitS },
    values: { 'local maps (%)': local, 'job time (s)': jobS },
  });

test('the finding names the shortest wait after which 95% of maps are local, and the speed-up', () => {
  const cells = [
    cell('wait-5s', 5, 99, 300),
    cell('wait-1s', 1, 96, 310),
    cell('no-wait', 0, 60, 400),
    cell('static', 0, 18, 600),
  ];
  const [waits] = localitySection({ ...NOTHING, cells });
  assert.match(waits?.finding ?? '', /wait of 1\.00\u00a0s is enough: 96\.0% .* 2\.00× as fast/);
});

test('variants without a wait are compared if there are two of them', () => {
  const cells = [cell('no-wait', 0, 70, 400), cell('no-wait-2010', 0, 57, 430)];
  const [, start] = localitySection({ ...NOTHING, cells });
  assert.match(start?.finding ?? '', /from 57\.0% to 70\.0%/);
});

test('runs with real blocks have a topic of their own, with what a remote read cost', () => {
  const real = (scenario: string, local: number, more: Readonly<Record<string, number>> = {}) =>
    valuesCell({ scenario, values: { 'local maps (%)': local, ...more } });
  const cells = [
    real('netns-static', 25, { 'remote over local (×)': 2.1 }),
    real('netns-wait-0.5s', 97),
    cell('static', 0, 18, 600),
  ];
  const [, , topic] = localitySection({ ...NOTHING, cells });
  assert.match(topic?.finding ?? '', /remote map took 2\.10× as long .* half a map 97\.0% were local/);
  assert.is(topic?.figures[0]?.state, 'drawn');
});

test('how many seeds there are is left to the charts, for it is the user who says so', () => {
  for (const { caveat } of localitySection(NOTHING)) assert.not.match(caveat, /seeds?\b/);
});

test('a report without runs says so', () => {
  const topics = localitySection(NOTHING);
  assert.is(topics.length, 2);
  for (const { figures } of topics) for (const figure of figures) assert.is(figure.state, 'empty', figure.id);
  assert.match(topics[1]?.finding ?? '', /^Too few/);
});

test.run();
