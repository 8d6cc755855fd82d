import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measurement } from '../bench/measurement.ts';
import { machineClass, readRecord } from './metricRecord.ts';
import { appendRecords, readRecords } from './recordFile.ts';
import { figuresOfBench, figuresOfComparison, figuresOfReport, recordsOf } from './recordsOf.ts';
import { MACHINE, recordOf } from './testRecords.ts';
import { trendsOf } from './trend.ts';

const test = suite<{ folder: string }>('records');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'records-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('what is appended is read again, and nothing is there at first', ({ folder }) => {
  const path = join(folder, 'new', 'records.ndjson');
  assert.equal(readRecords(path), { records: [], damaged: [] });
  appendRecords(path, [recordOf(0, 10)]);
  appendRecords(path, [recordOf(1, 11), recordOf(2, 12)]);
  assert.equal(readRecords(path).records, [recordOf(0, 10), recordOf(1, 11), recordOf(2, 12)]);
});

test('half a line that a crash left is passed over, and what comes after it is whole', ({ folder }) => {
  const path = join(folder, 'records.ndjson');
  appendRecords(path, [recordOf(0, 10)]);
  appendFileSync(path, JSON.stringify(recordOf(1, 11)).slice(0, 50));
  appendRecords(path, [recordOf(2, 12)]);
  const { records, damaged } = readRecords(path);
  assert.equal(
    records.map(({ value }) => value),
    [10, 12],
  );
  assert.is(damaged.length, 1);
  assert.match(damaged[0] ?? '', /records\.ndjson, line 2: /);
});

test('a line says what is wrong with it', ({ folder }) => {
  const path = join(folder, 'records.ndjson');
  writeFileSync(path, `${JSON.stringify({ ...recordOf(0, 1), commit: 'main' })}\n[]\n`);
  assert.equal(
    readRecords(path).damaged.map((line) => line.slice(line.indexOf(', line'))),
    [
      ', line 1: commit: is no commit',
      ', line 2: schemaVersion: Invalid key: Expected "schemaVersion" but received undefined',
    ],
  );
  assert.throws(() => readRecord('{'), /JSON/);
  assert.is(readFileSync(path, 'utf8').split('\n').length, 3);
});

test('a machine class is that of processors, memory and the first number of Node’s version', () => {
  const own = machineClass(MACHINE);
  assert.is(
    machineClass({
      ...MACHINE,
      nodeVersion: 'v24.9.9',
      kernel: 'Linux 7',
      memoryBytes: MACHINE.memoryBytes + 1,
    }),
    own,
  );
  for (const other of [
    { cores: 4 },
    { cpuModel: 'Other' },
    { nodeVersion: 'v26.0.0' },
    { memoryBytes: 2 ** 30 },
  ])
    assert.is.not(machineClass({ ...MACHINE, ...other }), own);
});

test('a trend has commits in the order of their times, whenever they were measured', () => {
  const [trend] = trendsOf([recordOf(2, 12), recordOf(0, 10), recordOf(1, 11)]);
  assert.equal(
    trend?.points.map(({ value }) => value),
    [10, 11, 12],
  );
});

test('a commit that was measured three times stands with its median and its widest bounds', () => {
  const [trend] = trendsOf([recordOf(0, 10), recordOf(0, 14), recordOf(0, 11)]);
  const [point] = trend?.points ?? [];
  assert.is(point?.value, 11);
  assert.equal(point?.interval, [9.9, 14.14]);
  assert.is(point?.n, 15);
});

test('a step is a change for the worse where less is better, and for the better where more is', () => {
  const values = Array.from({ length: 20 }, (_, n) => 100 + (n % 3) + (n < 12 ? 0 : 10));
  const verdict = (better: 'lower' | 'higher' | null) =>
    trendsOf(values.map((value, n) => recordOf(n, value, { better })))[0]?.changes.map((change) => [
      change.index,
      change.verdict,
    ]);
  assert.equal(verdict('lower'), [[12, 'worse']]);
  assert.equal(verdict('higher'), [[12, 'better']]);
  assert.equal(verdict(null), [[12, 'changed']]);
});

test('what is better is taken from the latest record that says it, for old ones did not', () => {
  const trend = trendsOf([
    recordOf(0, 1, { better: null }),
    recordOf(1, 1, { better: 'higher' }),
    recordOf(2, 1, { better: null }),
  ])[0];
  assert.is(trend?.better, 'higher');
});

test('figures and machine classes have trends of their own', () => {
  const trends = trendsOf([
    recordOf(0, 1),
    recordOf(0, 2, { metric: 'b' }),
    recordOf(0, 3, { machine: { ...MACHINE, cores: 64 } }),
  ]);
  assert.equal(
    trends.map(({ metric, points }) => [metric, points.length]),
    [
      ['b', 1],
      ['launch/us-per-launch', 1],
      ['launch/us-per-launch', 1],
    ],
  );
});

test('of a benchmark each figure is remembered with the interval of its own repetitions, of old lists without', () => {
  const list = [
    measurement('launch/us-per-launch', 'µs', 'lower', [5.1, 5.2, 5.0, 5.3, 5.9, 5.1, 5.2]),
    measurement('http/megabytes', 'MB', 'lower', [80]),
    { id: 'old', value: 3, unit: 's', n: 5 },
  ];
  const [launch, single, old] = figuresOfBench(JSON.parse(JSON.stringify(list)));
  assert.is(launch?.value, 5.2);
  const [low, high] = launch?.interval ?? [0, 0];
  assert.ok(low >= 5 && low < 5.2 && high > 5.2 && high <= 5.9, `${low} to ${high}`);
  assert.is(single?.interval, null);
  assert.equal(old, { metric: 'old', unit: 's', better: null, value: 3, interval: null, n: 5 });
});

test('of a comparison the head is remembered, as far as it gave figures', () => {
  const block = { seed: 1, base: [1], head: [4, 6], control: [1] };
  const ratio = { value: 5, interval: [4, 6] as const };
  const side = { median: 1, interval: [1, 1] as const };
  const figures = figuresOfComparison({
    figures: [
      {
        ...{
          kind: 'timed',
          id: 'a',
          unit: 's',
          better: 'lower',
          blocks: [block, { ...block, head: [5, 5] }],
        },
        ...{
          base: side,
          head: side,
          ratio,
          control: null,
          p: 1,
          blocksPlanned: 2,
          threshold: 0,
          detectable: 1,
          needed: null,
        },
        ...{ verdict: 'inconclusive', why: '' },
      },
      {
        ...{ kind: 'exact', id: 'b', unit: '', better: null, base: 1, head: 2, firstDifference: null },
        ...{ threshold: 0, verdict: 'differs', why: '' },
      },
      { kind: 'failed', id: 'c', side: 'head', verdict: 'failed', why: '' },
    ],
  });
  assert.equal(
    figures.map(({ metric, value, n }) => [metric, value, n]),
    [
      ['a', 5, 4],
      ['b', 2, 1],
    ],
  );
});

test('what is no number is not remembered, nor an interval with such an end', () => {
  // As results hold it that were stored: JSON has no word for it.
  const none = null as unknown as number;
  const figure = { unit: 's', better: null, n: 3 } as const;
  const { metric: _, value: __, interval: ___, ...frame } = recordOf(0, 1);
  const records = recordsOf(frame, [
    { ...figure, metric: 'gone', value: none, interval: null },
    { ...figure, metric: 'unsure', value: 1, interval: [0, none] },
  ]);
  assert.equal(
    records.map(({ metric, interval }) => [metric, interval]),
    [['unsure', null]],
  );
  for (const record of records) readRecord(JSON.stringify(record));
});

test('of a report our side of each claim is remembered', () => {
  const figures = figuresOfReport({
    experiments: [
      {
        experiment: { id: 'e', title: '', question: '', paper: '' },
        cells: [],
        caveats: [],
        left: [],
        claims: [
          {
            ...{
              id: 'c',
              label: '',
              claim: '',
              caveat: '',
              quantity: 'speed-up',
              unit: 'times',
              paper: 1,
              tolerance: 1,
            },
            ...{ bound: null, where: '', clock: 'virtual', verdict: 'reproduced', why: '' },
            ours: { value: 1.2, interval: [1, 1.4], n: 5 },
          },
        ] as never,
      },
    ],
  });
  assert.equal(figures, [
    { metric: 'e/c', unit: 'times', better: null, value: 1.2, interval: [1, 1.4], n: 5 },
  ]);
});

test.run();
