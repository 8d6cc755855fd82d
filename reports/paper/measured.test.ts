import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Quantity } from '../../harness/quantity.ts';
import type { CellResult } from '../../harness/result.ts';
import { completedCell, failedCell, framework, job, valuesCell } from '../results/testCells.ts';
import type { PaperClaim } from './claim.ts';
import { FRAMEWORKS, MACRO_CLAIMS } from './macro.ts';
import { judgeClaims } from './measured.ts';

/** Cells of three seeds in which large jobs take half as long on Mesos, and ranks wait 11, 12 and 13 s. */
function cells(limited: string | null = null): readonly CellResult[] {
  return [1, 2, 3].flatMap((seed) =>
    (['mesos', 'static'] as const).map((system) =>
      completedCell({
        seed,
        system,
        limited,
        meanCpus: system === 'mesos' ? 0.68 : 0.57,
        frameworks: [
          framework(FRAMEWORKS.large, [job('large-1', 'text search', 2400, system === 'mesos' ? 150 : 300)]),
          framework(FRAMEWORKS.torque, [job('tachyon-1', 'small tachyon', 24, 250, 10 + seed)]),
        ],
      }),
    ),
  );
}

function resultOf(id: string, of: readonly CellResult[]) {
  return judgeClaims(MACRO_CLAIMS, of).find((claim) => claim.id === id);
}

test('every claim gets a result, in the order of the claims', () => {
  const results = judgeClaims(MACRO_CLAIMS, []);
  assert.equal(
    results.map(({ id }) => id),
    MACRO_CLAIMS.map(({ id }) => id),
  );
  assert.ok(
    results.every(
      ({ verdict, clock, ours }) => verdict === 'not run' && clock === 'virtual' && ours === null,
    ),
  );
});

test('speed-ups are static times over Mesos times', () => {
  const result = resultOf('macro-speed-up-large', cells());
  assert.equal(result?.ours, { value: 2, interval: [2, 2], n: 3 });
  assert.is(result?.verdict, 'reproduced');
  assert.is(resultOf('macro-speed-up-large-text-search', cells())?.ours?.value, 2);
});

test('utilisation is a difference in points over the first 1,600 s, the time that the paper shows', () => {
  /** Steady for 1,600 s; what comes later does not count, and what never comes counts as idle. */
  const use = (level: number, steps: number) => ({ stepS: 10, values: [...Array(steps).fill(level), 1, 1] });
  const steady = cells().map((cell) =>
    cell.state === 'failed' || cell.kind === 'values'
      ? cell
      : {
          ...cell,
          utilisation: {
            ...cell.utilisation,
            cpus: cell.provenance.scenario === 'mesos' ? use(0.68, 160) : use(0.57, 160),
            mem: { stepS: 10, values: Array(cell.provenance.scenario === 'mesos' ? 160 : 80).fill(0.2) },
          },
        },
  );
  const gainOf = (resource: 'cpus' | 'mem') => {
    const quantity = { of: 'utilisation-gain', resource, windowS: 1600 } as const;
    const [claim] = MACRO_CLAIMS.filter(({ id }) => id === 'macro-utilisation-cpu');
    return judgeClaims(claim === undefined ? [] : [{ ...claim, quantity }], steady)[0];
  };
  const result = gainOf('cpus');
  assert.ok(Math.abs((result?.ours?.value ?? 0) - 11) < 1e-9);
  assert.is(result?.verdict, 'reproduced');
  assert.ok(Math.abs((gainOf('mem')?.ours?.value ?? 0) - 10) < 1e-9);
});

test('ramp-up is the mean wait of rigid jobs on Mesos', () => {
  assert.equal(resultOf('macro-ramp-up-torque', cells())?.ours, { value: 12, interval: [11, 13], n: 3 });
});

test('kinds of jobs that did not run have no number', () => {
  assert.is(resultOf('macro-speed-up-facebook-bin-8', cells())?.verdict, 'not run');
});

test('without the static half there is no speed-up', () => {
  const half = [
    completedCell({ frameworks: [framework(FRAMEWORKS.large, [])] }),
    failedCell('static', 1, 'x'),
  ];
  assert.is(resultOf('macro-speed-up-large', half)?.verdict, 'not run');
});

test('one limited run limits every number', () => {
  assert.is(resultOf('macro-speed-up-large', cells('the machine was full.'))?.verdict, 'harness-limited');
});

/** A claim about values of scenarios. */
function claimOf(quantity: Quantity, parts: Partial<PaperClaim> = {}): PaperClaim {
  return {
    id: 'a-claim',
    label: 'a claim',
    claim: 'Something is so.',
    value: 2,
    unit: '×',
    where: '§1',
    direction: 'higher',
    tolerance: 0.2,
    quantity,
    caveat: '',
    ...parts,
  };
}

/** Cells of one scenario with these values of `time (s)`, seed by seed. */
function timed(scenario: string, ...times: readonly number[]): readonly CellResult[] {
  return times.map((time, index) =>
    valuesCell({ scenario, seed: index + 1, values: { 'time (s)': time, 'wait (s)': time / 2 } }),
  );
}

test('a value is the median over the seeds of its scenario, on the clock on which that ran', () => {
  const claim = claimOf({ of: 'value', scenario: 'a', value: 'time (s)' }, { value: 4, unit: 's' });
  const [result] = judgeClaims([claim], [...timed('a', 3, 4, 5), ...timed('b', 9, 9, 9)]);
  assert.equal(result?.ours, { value: 4, interval: [3, 5], n: 3 });
  const emulated = valuesCell({ scenario: 'a', clock: 'emulated', values: { 'time (s)': 4 } });
  assert.is(judgeClaims([claim], [emulated])[0]?.clock, 'emulated');
  assert.is(judgeClaims([{ ...claim, clock: 'real' }], timed('a', 3))[0]?.verdict, 'not run');
});

test('samples of a cell count as runs of their own', () => {
  const claim = claimOf({ of: 'samples', scenario: 'a', samples: 'delay (s)' }, { value: 4, unit: 's' });
  const cell = { ...valuesCell({ scenario: 'a', values: {} }), samples: { 'delay (s)': [3, 5, 4] } };
  assert.equal(judgeClaims([claim], [cell])[0]?.ours, { value: 4, interval: [3, 5], n: 3 });
  assert.is(judgeClaims([claim], timed('a', 3))[0]?.verdict, 'not run');
});

test('ratios and differences are taken seed by seed', () => {
  const cells = [...timed('a', 2, 40, 600), ...timed('b', 1, 20, 300, 7)];
  const ratio = claimOf({ of: 'ratio', scenario: 'a', over: 'b', value: 'time (s)' });
  assert.equal(judgeClaims([ratio], cells)[0]?.ours, { value: 2, interval: [2, 2], n: 3 });
  const other = claimOf({
    of: 'ratio',
    scenario: 'a',
    over: 'b',
    value: 'time (s)',
    overValue: 'wait (s)',
  });
  assert.is(judgeClaims([other], cells)[0]?.ours?.value, 4);
  const difference = claimOf({ of: 'difference', scenario: 'a', minus: 'b', value: 'time (s)' });
  assert.is(judgeClaims([difference], cells)[0]?.ours?.value, 20);
});

test('a ratio of seeds that do not meet is no number, and the reason says so', () => {
  const ratio = claimOf({ of: 'ratio', scenario: 'a', over: 'b', value: 'time (s)' });
  const cells = [
    valuesCell({ scenario: 'a', seed: 1, values: { 'time (s)': 1 } }),
    valuesCell({ scenario: 'b', seed: 2, values: { 'time (s)': 1 } }),
  ];
  assert.is(judgeClaims([ratio], cells)[0]?.why, 'No seed gave both numbers.');
});

test('what gave no number is named', () => {
  const claim = claimOf({ of: 'value', scenario: 'a', value: 'rate (1/s)' });
  const why = (cells: readonly CellResult[]) => judgeClaims([claim], cells)[0]?.why;
  assert.is(why([]), 'The scenario a is not part of this report.');
  assert.is(why([failedCell('a', 1, 'No memory.')]), 'It failed: No memory.');
  assert.is(why(timed('a', 1)), 'The runs of a gave no rate (1/s).');
});

test('only a run that a number is made of limits it', () => {
  const claim = claimOf({ of: 'value', scenario: 'a', value: 'time (s)' });
  const busy = valuesCell({ scenario: 'b', limited: 'The machine was full.' });
  assert.is(judgeClaims([claim], [...timed('a', 2, 2, 2), busy])[0]?.verdict, 'reproduced');
  const own = valuesCell({ scenario: 'a', seed: 3, values: { 'time (s)': 2 }, limited: 'Full.' });
  assert.is(judgeClaims([claim], [...timed('a', 2, 2), own])[0]?.verdict, 'harness-limited');
});

test('a number that alone is not the system’s limits its own claims, and no others of its run', () => {
  const values = { 'time (s)': 2, 'rate (1/s)': 2 };
  const cells = [1, 2, 3].map((seed) =>
    valuesCell({ seed, values, limitedValues: { 'time (s)': 'Its pairs differ.' } }),
  );
  const verdictOf = (value: string) =>
    judgeClaims([claimOf({ of: 'value', scenario: 'a', value })], cells)[0]?.verdict;
  assert.is(verdictOf('time (s)'), 'harness-limited');
  assert.is(verdictOf('rate (1/s)'), 'reproduced');
  const samples = cells.map((cell) => ({ ...cell, samples: { 'time (s)': [2, 2], 'rate (1/s)': [2, 2] } }));
  const ofSamples = (name: string) =>
    judgeClaims([claimOf({ of: 'samples', scenario: 'a', samples: name })], samples)[0]?.verdict;
  assert.is(ofSamples('time (s)'), 'harness-limited');
  assert.is(ofSamples('rate (1/s)'), 'reproduced');
});

test('a value that is said not to depend on the seed needs one run, but only in virtual time and if it is so', () => {
  const claim = claimOf({ of: 'value', scenario: 'a', value: 'time (s)' }, { deterministic: true });
  assert.equal(judgeClaims([claim], timed('a', 2))[0]?.ours, { value: 2, interval: [2, 2], n: 1 });
  assert.is(judgeClaims([claim], timed('a', 2))[0]?.verdict, 'reproduced');
  assert.is(judgeClaims([claim], timed('a', 2, 2))[0]?.verdict, 'reproduced');
  assert.is(judgeClaims([claim], timed('a', 2, 2.01))[0]?.verdict, 'inconclusive');
  const real = valuesCell({ scenario: 'a', clock: 'real', values: { 'time (s)': 2 } });
  assert.is(judgeClaims([claim], [real])[0]?.verdict, 'inconclusive');
});

test('our explanation follows the verdict, unless there is nothing to explain', () => {
  const claim = claimOf(
    { of: 'value', scenario: 'a', value: 'time (s)' },
    { explanation: 'Slots are smaller here.' },
  );
  const whyOf = (...times: readonly number[]) => judgeClaims([claim], timed('a', ...times))[0]?.why ?? '';
  assert.match(whyOf(9, 9, 9), /\. Slots are smaller here\.$/);
  assert.not.match(whyOf(2, 2, 2), 'Slots');
});

test.run();
