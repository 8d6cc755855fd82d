import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import type { Trial } from '../experiments/experiment.ts';
import { hasZookeeper, measureRecovery, type RecoveryPlan } from './recovery.ts';

const SLAVE = { cpus: 1, mem: 256 };
const PLAN: RecoveryPlan = {
  slaves: 20,
  slaveResources: SLAVE,
  hosts: 2,
  frameworks: 3,
  task: { ms: { type: 'exponential', mean: 500 }, resources: SLAVE },
  election: { by: 'file lock' },
  settleMs: 200,
  killWithinMs: 10,
  afterwardsMs: 200,
};

/** Runs in a folder of its own, which has to be empty in the end. */
async function inFolder(use: (trial: Trial, stop: () => void) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'recovery-test-'));
  const stopping = new AbortController();
  try {
    await use({ seed: 1, folder, report() {}, provide: localMachines, stopping: stopping.signal }, () =>
      stopping.abort(new Error('enough')),
    );
    assert.equal(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('when the process of the master is killed all come back to the next one', () =>
  inFolder(async (trial) => {
    const { values, checks, curves } = await measureRecovery(PLAN, trial);
    assert.equal(
      checks?.map(({ verdict, detail }) => [verdict, detail]),
      [
        [
          'passed',
          '0 slaves and 0 frameworks are missing; 0 slaves were given up; the next master was deposed 0 times',
        ],
      ],
    );
    const mttrS = values['MTTR (s)'] as number;
    assert.ok(mttrS > 0 && mttrS >= (values['elected (s)'] as number));
    assert.ok((values['CPU time of the next master until all were back (s)'] as number) > 0);
    assert.is(curves?.['slaves back (%)']?.y.at(-1), 100);
  }));

test('with ZooKeeper it is the end of its session that tells', () =>
  inFolder(async (trial) => {
    if (!hasZookeeper()) return;
    const election = { by: 'ZooKeeper', sessionTimeoutMs: 1_000, tickMs: 200 } as const;
    const { values, checks } = await measureRecovery({ ...PLAN, election }, trial);
    assert.is(checks?.[0]?.verdict, 'passed');
    assert.ok((values['elected (s)'] as number) > 0.3);
  }));

test('who stops it gets the reason, and nothing is left', () =>
  inFolder(async (trial, stop) => {
    let failure: unknown;
    const report: Trial['report'] = (done) => {
      if (done === 1) stop();
    };
    await measureRecovery(PLAN, { ...trial, report }).catch((error) => {
      failure = error;
    });
    assert.is((failure as Error | undefined)?.message, 'enough');
  }));

test.run();
