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

test('utilisation is a difference in points over the first 1,600 s, the time that the paper shows', () => {
  /** Steady for 1,600 s; what comes later does not count, and what never comes counts as idle. */
  const use = (level: number, steps: number) => ({ stepS: 10, values: [...Array(steps).fill(level), 1, 1] });
  const steady = cells().map((cell) =>
    cell.state === 'failed'
      ? cell
      : {
          ...cell,
          utilisation: {
            ...cell.utilisation,
            cpus: cell.provenance.system === 'mesos' ? use(0.68, 160) : use(0.57, 160),
            mem: { stepS: 10, values: Array(cell.provenance.system === 'mesos' ? 160 : 80).fill(0.2) },
          },
        },
  );
  const result = resultOf('mix-utilisation-cpus', steady);
  assert.ok(Math.abs((result?.ours?.value ?? 0) - 11) < 1e-9);
  assert.is(result?.verdict, 'reproduced');
  assert.ok(Math.abs((resultOf('mix-utilisation-mem', steady)?.ours?.value ?? 0) - 10) < 1e-9);
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
