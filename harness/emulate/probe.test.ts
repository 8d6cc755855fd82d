/** Probes in virtual time, where it is known how long everything takes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLoadExecutor } from '../../frameworks/load/executor.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import type { ProbeReport } from './peerConfig.ts';
import { begin, createProbe, inWords, type Progress } from './probe.ts';

const TASK = { ms: 10_000, resources: { cpus: 1 } };

/** Runs a probe on one slave; the master rescinds offers that are not answered within `offerTimeoutMs`. */
function probe(
  forMs = 60_000,
  offerTimeoutMs = 0,
): { readonly reports: readonly ProbeReport[]; readonly progress: Progress; readonly lost: number } {
  const lines: HistoryLine[] = [];
  const cluster = new VirtualCluster({ seed: 1, history: (line) => lines.push(line) });
  const options = { ...MASTER_DEFAULTS, allocation: fair(), offerTimeoutMs };
  const address = cluster.process('master:5050').spawn('master', master(options));
  const node = cluster.process('node:5051');
  const isolation = emulated(node, { load: createLoadExecutor() }, (run) => cluster.at(cluster.now, run));
  const own = { hostname: 'node', resources: { cpus: 2 }, attributes: {} };
  node.spawn('slave', slave({ master: address, ...own, isolation }));
  cluster.run(() => false, 5_000);
  const reports: ProbeReport[] = [];
  const progress = begin(0);
  const factory = createProbe(TASK, cluster.now, progress, (report) => reports.push(report));
  const frameworkInfo = { user: 'probe', name: 'probe' };
  cluster
    .process('probe:0')
    .spawn('probe', schedulerActor({ master: address, frameworkInfo, factory, stopped() {} }));
  cluster.run(() => false, cluster.now + forMs);
  const isFailed = (line: HistoryLine): boolean => line.event === 'offer-rescinded';
  return { reports, progress, lost: lines.filter(isFailed).length };
}

test('a probe runs one task, leaves, and tells how much longer than that it took', () => {
  const { reports } = probe();
  assert.is(reports.length, 1);
  const [report] = reports;
  if (report?.outcome !== 'finished') throw new Error('it has not finished');
  const { registeredMs, offeredMs, runningMs, finishedMs, delayMs } = report;
  assert.ok(0 < registeredMs && registeredMs <= offeredMs && offeredMs < runningMs);
  assert.is(delayMs, finishedMs - TASK.ms);
  assert.ok(delayMs > runningMs && delayMs < 100, `${delayMs} ms`);
});

test('an offer that was void when the probe took it is taken for none: it waits for the next', () => {
  // Rescinded before any answer can have come.
  const { reports, lost } = probe(100, 0.01);
  assert.ok(lost > 0);
  assert.equal(reports, []);
});

test('of a probe that has not ended it is told how far it came', () => {
  const { reports, progress } = probe(1_000);
  assert.equal(reports, []);
  assert.is(inWords(progress), 'its task ran after 0.0 s, and its end was not told');
  assert.is(
    inWords({ ...progress, runningMs: 0, offeredMs: 1_250 }),
    'it took an offer after 1.3 s, and its task was not told to run',
  );
  assert.is(
    inWords({ ...begin(1), linkedMs: 20, registeredMs: 100 }),
    'it had registered after 0.1 s and had no offer',
  );
  assert.is(inWords({ ...begin(1), linkedMs: 100 }), 'it had a link after 0.1 s and was not registered');
  assert.is(inWords(begin(1)), 'it had no link to the master');
});

test.run();
