import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachines } from '../../infra/local.ts';
import { ownGroup } from '../../infra/ownFolder.ts';
import { findCgroups } from '../../mesos/isolation/cgroupRoot.ts';
import { until } from '../../mesos/isolation/testContainers.ts';
import type { Trial } from '../experiments/experiment.ts';
import { type IsolationPlan, measureIsolation, SLOWDOWN } from './isolation.ts';

const PLAN: IsolationPlan = {
  isolation: 'process',
  web: { processes: 2, resources: { cpus: 1, mem: 512 } },
  perSecond: 20,
  hog: { processes: 3, sessions: 'each', resources: { cpus: 1, mem: 256 } },
  warmUpRequests: 10,
  requests: 30,
  blocks: 1,
  settleMs: 10,
};

/** Long enough for what ends it early. */
const SHORT: IsolationPlan = { ...PLAN, warmUpRequests: 1, requests: 2 };

/** Process ids of those whose variables name this folder: all that was started while it was TMPDIR. */
function runningFor(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(folder);
      } catch {
        // It has ended.
        return false;
      }
    });
}

/** Measures with a temporary folder of its own; when it is over nothing of it may be left. */
async function measured(plan: IsolationPlan, own: Partial<Trial> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const stopping = new AbortController().signal;
    return await measureIsolation(plan, {
      seed: 1,
      folder,
      report() {},
      provide: localMachines,
      stopping,
      ...own,
    });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    // The hog's processes are killed when their parent has ended, which the kernel may do a moment later.
    await until(() => runningFor(folder).length === 0);
    assert.equal(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  }
}

test('a web application is timed alone and beside a hog, in pairs', async () => {
  const { values, samples, checks } = await measured(PLAN);
  assert.is(samples?.[SLOWDOWN]?.length, 2);
  assert.ok(samples?.[SLOWDOWN]?.every((slowdown) => slowdown > 0));
  assert.ok((values['mean response alone (ms)'] ?? 0) > 0);
  assert.is(checks?.[0]?.verdict, 'passed');
});

test('in control groups the hog is counted by the kernel', async () => {
  const { values, samples } = await measured({ ...PLAN, isolation: 'cgroups' });
  assert.is(samples?.[SLOWDOWN]?.length, 2);
  assert.ok((values['the hog’s use of processors (CPUs)'] ?? 0) > 0);
  const left = findCgroups(ownGroup());
  assert.is(left.is, 'usable');
  if (left.is === 'usable') left.release();
});

test('who stops it while the hog spins gets the reason, and nothing is left', async () => {
  const stopping = new AbortController();
  const report: Trial['report'] = (_done, _total, detail) => {
    if (detail === 'beside the hog') stopping.abort(new Error('enough'));
  };
  let failure: unknown;
  await measured(SHORT, { stopping: stopping.signal, report }).catch((error) => {
    failure = error;
  });
  assert.is((failure as Error | undefined)?.message, 'enough');
});

test('if the harness is killed while the hog spins, all of it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-test-'));
  const script = `
    import { measureIsolation } from ${JSON.stringify(join(import.meta.dirname, 'isolation.ts'))};
    import { localMachines } from ${JSON.stringify(join(import.meta.dirname, '../../infra/local.ts'))};
    const stopping = new AbortController().signal;
    const report = (_done, _total, detail) => console.log(detail);
    const trial = { seed: 1, folder: ${JSON.stringify(folder)}, report, provide: localMachines, stopping };
    await measureIsolation(${JSON.stringify(SHORT)}, trial);`;
  const harness = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: harness.stdout })) if (line === 'beside the hog') break;
  assert.ok(runningFor(folder).length > PLAN.hog.processes);
  harness.kill('SIGKILL');
  await until(() => runningFor(folder).length === 0);
  rmSync(folder, { recursive: true });
});

test.run();
