/** A small emulation in real processes: what happens, not how fast. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EmulatedPeer, type Emulation, onEmulation, startEmulation } from './emulation.ts';
import type { Mark, ProbeReport } from './peerConfig.ts';

const SLAVES = 50;
const FRAMEWORKS = 10;
const ALL_SLAVES: Mark = { event: 'slave-registered', count: SLAVES };
const ALL_FRAMEWORKS: Mark = { event: 'framework-registered', count: FRAMEWORKS };
const MANY_ENDS: Mark = { event: 'task-updated/TASK_FINISHED', count: 10 * SLAVES };
const MARKS = [ALL_SLAVES, ALL_FRAMEWORKS, MANY_ENDS];
const TASK = { resources: { cpus: 1, mem: 256 } };

interface Small {
  readonly emulation: Emulation;
  readonly folder: string;
  /** Why processes ended that were not to. */
  readonly ends: string[];
}

async function withEmulation(run: (small: Small) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-emulation-'));
  const ends: string[] = [];
  await using emulation = await startEmulation({ folder, onEnd: (reason) => ends.push(reason) });
  await run({ emulation, folder, ends });
}

/** Slaves of two CPUs in two processes, and frameworks with short tasks of one in one. */
async function startAll(emulation: Emulation, masters: string): Promise<readonly EmulatedPeer[]> {
  const frameworks = await emulation.startFrameworks(masters, {
    ...{ frameworks: FRAMEWORKS, processes: 1, seed: 1 },
    task: { ms: { type: 'constant', value: 20 }, ...TASK },
  });
  const resources = { cpus: 2, mem: 512 };
  const hosts = await emulation.startHosts(masters, {
    slaves: SLAVES,
    processes: 2,
    resources,
    spreadMs: 100,
  });
  return [...frameworks, ...hosts];
}

test('slaves and frameworks of few processes fill a real master with tasks, and probes get theirs', () =>
  withEmulation(async ({ emulation, ends }) => {
    const master = await emulation.startMaster({ marks: MARKS });
    await startAll(emulation, master.address);
    for (const mark of MARKS) assert.is((await master.reached(mark)).count, mark.count);
    const probes: ProbeReport[] = [];
    const task = { ms: 50, ...TASK };
    const gap = { is: 'every', ms: 20 } as const;
    await emulation.probe(master.address, { probes: 4, task, gap, limitMs: 60_000 }, (probe) =>
      probes.push(probe),
    );
    assert.is(probes.length, 4);
    for (const probe of probes) {
      if (probe.outcome === 'failed') throw new Error(probe.reason);
      const { registeredMs, offeredMs, runningMs, finishedMs, delayMs } = probe;
      const times = [0, registeredMs, offeredMs, runningMs, finishedMs];
      assert.equal(
        times.toSorted((a, b) => a - b),
        times,
      );
      assert.ok(delayMs > 0 && finishedMs >= 50);
    }
    const { counts, wire } = await master.report();
    const running = (counts['task-launched'] ?? 0) - (counts['task-updated/TASK_FINISHED'] ?? 0);
    assert.ok(running <= 2 * SLAVES, `${running} tasks on ${2 * SLAVES} CPUs`);
    assert.is(counts['slave-lost'] ?? 0, 0);
    assert.is(counts['task-updated/TASK_LOST'] ?? 0, 0);
    assert.ok(wire.envelopesIn > wire.framesIn);
    assert.equal(ends, []);
  }));

test('of two masters in an election one leads, and the other when that is killed, with all slaves and frameworks', () =>
  withEmulation(async ({ emulation, folder, ends }) => {
    const url = `file://${join(folder, 'lock')}`;
    const elected: Mark = { event: 'master-elected', count: 1 };
    const options = { election: url, marks: [...MARKS, elected] };
    const first = await emulation.startMaster(options);
    await first.reached(elected);
    const second = await emulation.startMaster(options);
    await startAll(emulation, url);
    await first.reached(MANY_ENDS);
    await emulation.kill(first);
    for (const mark of [elected, ...MARKS]) await second.reached(mark);
    assert.equal(ends, []);
  }));

test('a process that ends by itself is told of, and nothing is left when the emulation is over', async () => {
  let peers: readonly EmulatedPeer[] = [];
  let place = '';
  await withEmulation(async ({ emulation, folder, ends }) => {
    place = folder;
    const master = await emulation.startMaster();
    const [host, ...others] = await emulation.startHosts(master.address, {
      ...{ slaves: 2, processes: 2, spreadMs: 0 },
      resources: { cpus: 1 },
    });
    peers = [master, ...others];
    host?.process.signal('SIGKILL');
    await host?.process.exited;
    assert.equal(ends, ['host2 was ended by SIGKILL']);
  });
  for (const { process } of peers) await process.exited;
  assert.not.ok(existsSync(place));
});

test('an emulation that is told to stop ends at once, with the reason and without a trace', async () => {
  const stopping = new AbortController();
  const started: EmulatedPeer[] = [];
  const run = onEmulation(async (emulation) => {
    const master = await emulation.startMaster();
    started.push(master);
    stopping.abort(new Error('that is enough'));
    return master.process.exited;
  }, stopping.signal);
  const reason = await run.then(
    () => 'it ended by itself',
    (error: Error) => error.message,
  );
  assert.is(reason, 'that is enough');
  for (const { process } of started)
    assert.not.ok(existsSync(`/proc/${process.pid}`), `${process.pid} lives`);
});

test('an emulation of which a process ends that was not to fails with what it said last', async () => {
  const never = new Promise<never>(() => {});
  const run = onEmulation(async (emulation) => {
    const master = await emulation.startMaster();
    master.process.signal('SIGKILL');
    return never;
  }, new AbortController().signal);
  const reason = await run.catch((error: Error) => error.message);
  assert.is(reason, 'master1 was ended by SIGKILL');
});

test.run();
