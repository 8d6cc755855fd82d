import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult } from '../../harness/result.ts';
import { completedCell, failedCell, framework, job } from '../results/testCells.ts';
import { FRAMEWORKS, MIX_CLAIMS } from './claims.ts';
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
  return judgeClaims(MIX_CLAIMS, of, 'virtual').find((claim) => claim.id === id);
}

test('every claim gets a result, in the order of the claims', () => {
  const results = judgeClaims(MIX_CLAIMS, [], 'real');
  assert.equal(
    results.map(({ id }) => id),
    MIX_CLAIMS.map(({ id }) => id),
  );
  assert.ok(
    results.every(({ verdict, clock, ours }) => verdict === 'not run' && clock === 'real' && ours === null),
  );
});

test('speed-ups are static times over Mesos times', () => {
  const result = resultOf('mix-speed-up-large', cells());
  assert.equal(result?.ours, { value: 2, interval: [2, 2], n: 3 });
  assert.is(result?.verdict, 'reproduced');
  assert.is(resultOf('mix-speed-up-large-text-search', cells())?.ours?.value, 2);
});

test('utilisation is a difference in points', () => {
  const result = resultOf('mix-utilisation-cpus', cells());
  assert.ok(Math.abs((result?.ours?.value ?? 0) - 11) < 1e-9);
  assert.is(result?.verdict, 'reproduced');
});

test('ramp-up is the mean wait of rigid jobs on Mesos', () => {
  assert.equal(resultOf('mix-ramp-up-torque', cells())?.ours, { value: 12, interval: [11, 13], n: 3 });
});

test('kinds of jobs that did not run have no number', () => {
  assert.is(resultOf('mix-speed-up-facebook-bin-8', cells())?.verdict, 'not run');
});

test('without the static half there is no speed-up', () => {
  const half = [
    completedCell({ frameworks: [framework(FRAMEWORKS.large, [])] }),
    failedCell('static', 1, 'x'),
  ];
  assert.is(resultOf('mix-speed-up-large', half)?.verdict, 'not run');
});

test('one limited run limits every number', () => {
  assert.is(resultOf('mix-speed-up-large', cells('the machine was full.'))?.verdict, 'harness-limited');
});

test.run();
