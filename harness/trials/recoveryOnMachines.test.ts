import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine, MachineProvider, RunningProcess } from '../../infra/machine.ts';
import { netnsMachines } from '../../infra/netns/machines.ts';
import type { Trial } from '../experiments/experiment.ts';
import { type KillsPlan, measureKills } from './recoveryOnMachines.ts';

const PLAN: KillsPlan = {
  masters: 2,
  zookeepers: 3,
  sessionTimeoutMs: 2_000,
  tickMs: 400,
  electedWithinMs: 60_000,
  workingWithinMs: 60_000,
  slaves: 3,
  slaveResources: { cpus: 1, mem: 256 },
  frameworks: 2,
  taskMs: { type: 'exponential', mean: 500 },
  kills: 1,
  settleMs: 100,
  killWithinMs: 10,
  afterwardsMs: 100,
};

/** Runs in a folder of its own, which has to be empty in the end. */
async function inFolder(use: (trial: Trial, stop: () => void) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'recovery-test-'));
  const stopping = new AbortController();
  const trial = { seed: 1, folder, report() {}, provide: netnsMachines, stopping: stopping.signal };
  try {
    await use(trial, () => stopping.abort(new Error('enough')));
    assert.equal(readdirSync(folder), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the leader is killed on a machine of its own, and all come back to the next one from theirs', () =>
  inFolder(async (trial) => {
    const { values, samples, checks, machines } = await measureKills(PLAN, trial);
    assert.equal(
      checks?.map(({ id, verdict }) => [id, verdict]),
      [['all-back', 'passed']],
    );
    assert.equal(samples?.['MTTR (s)'], [values['MTTR (s)']]);
    assert.ok((values['elected (s)'] as number) > 0.5, 'a killed master closes no session');
    assert.ok((values['MTTR (s)'] as number) >= (values['elected (s)'] as number));
    assert.is(machines?.kind, 'netns');
    assert.is(machines?.count, 1 + PLAN.zookeepers + PLAN.masters + PLAN.slaves);
  }));

/** With what it fails; undefined: it does not. */
const failureOf = (plan: KillsPlan, trial: Trial): Promise<string | undefined> =>
  measureKills(plan, trial).then(
    () => undefined,
    (error: Error) => error.message,
  );

test('who stops it gets the reason, and nothing is left', () =>
  inFolder(async (trial, stop) => {
    const report: Trial['report'] = (_done, _total, detail) => {
      if (detail.startsWith('starting 3 slaves')) stop();
    };
    assert.is(await failureOf(PLAN, { ...trial, report }), 'enough');
  }));

/** Machines some of which start a shell for what they should: it says this, and waits. */
function idleMachines(name: RegExp, line: string, start: Start = (own) => own()): MachineProvider {
  const idle = (machine: Machine): Machine => ({
    ...machine,
    start: (spec) => {
      const shell = { program: 'sh', arguments: ['-c', `echo ${line}; exec sleep 600`] };
      return start(() => machine.start({ ...spec, ...shell }), machine.name);
    },
  });
  return async (folder, names) => {
    const provided = await netnsMachines(folder, names);
    return {
      ...provided,
      machines: provided.machines.map((one) => (name.test(one.name) ? idle(one) : one)),
      [Symbol.asyncDispose]: () => provided[Symbol.asyncDispose](),
    };
  };
}

/** Starts the shell of a machine, perhaps later. */
type Start = (own: () => Promise<RunningProcess>, machine: string) => Promise<RunningProcess>;

test('if slaves come to run no task, that is said, and the logs are kept', () =>
  inFolder(async (trial) => {
    const provide = idleMachines(/^node/, 'registered as idle');
    assert.is(
      await failureOf({ ...PLAN, workingWithinMs: 100 }, { ...trial, provide }),
      'not all of 3 slaves run a task after 0.1 s: look at the logs of the slaves and of the masters',
    );
    rmSync(join(trial.folder, 'logs'), { recursive: true });
  }));

test('if no master comes to lead, that is said, and the logs are kept', () =>
  inFolder(async (trial) => {
    const second = Promise.withResolvers<RunningProcess>();
    // The first listens after the second.
    const start: Start = async (own, name) => {
      if (name === 'master1') await (await second.promise).waitForLine(/listening/);
      const process = await own();
      if (name === 'master2') second.resolve(process);
      return process;
    };
    const provide = idleMachines(/^master/, 'listening on -', start);
    assert.is(
      await failureOf({ ...PLAN, electedWithinMs: 100 }, { ...trial, provide }),
      'none of master-1, master-2 leads after 0.1 s: look at the logs of the masters and of ZooKeeper',
    );
    rmSync(join(trial.folder, 'logs'), { recursive: true });
  }));

test.run();
