import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PeerReport } from '../emulate/peerConfig.ts';
import { type Look, loadValues, memoryValues, whyLimited } from './processLoad.ts';

const WIRE = {
  ...{ envelopesIn: 0, envelopesOut: 0, bytesIn: 0, bytesOut: 0, framesIn: 0, framesOut: 0 },
  ...{ envelopesWithin: 0, links: 0 },
  dropped: { unreachable: 0, broken: 0, unsendable: 0, malformed: 0, invalid: 0, unknownActor: 0, closed: 0 },
};
const report = (parts: Partial<PeerReport> = {}): PeerReport => ({
  ...{ atMs: 0, cpuMs: 0, rssBytes: 0, heapBytes: 0, counts: {}, wire: WIRE },
  loopDelayMs: { p50: 0, p99: 0, max: 0 },
  ...parts,
});
const look = (master: Partial<PeerReport>, host: Partial<PeerReport> = {}): Look => ({
  master: report(master),
  hosts: [report(host), report(host)],
  frameworks: [report()],
});

test('rates and processor time are of the time between two looks', () => {
  const from = look({ atMs: 1_000, cpuMs: 50, counts: { 'task-launched': 7 } }, { atMs: 1_000 });
  const to = look(
    {
      ...{ atMs: 3_000, cpuMs: 650, counts: { 'task-launched': 107 } },
      wire: { ...WIRE, envelopesIn: 300, envelopesOut: 500 },
    },
    { atMs: 3_000, cpuMs: 200 },
  );
  const values = loadValues({ from, to });
  assert.is(values['messages at the master (1/s)'], 400);
  assert.is(values['tasks launched (1/s)'], 50);
  assert.is(values['CPU of the master (%)'], 30);
  assert.is(values['CPU of the slaves (%)'], 20);
});

test('memory of a slave is what the heaps have grown by, over the slaves', () => {
  const empty = { emptyMaster: report({ heapBytes: 1_024 }), emptyHosts: [report(), report()] };
  const values = memoryValues(empty, look({ heapBytes: 21 * 1_024 }, { heapBytes: 15 * 1_024 }), 10);
  assert.is(values['memory of a slave at the master (KiB)'], 2);
  assert.is(values['memory of a slave in its process (KiB)'], 3);
});

test('the harness is the limit if the machine or the processes around the master are too busy, not if the master is', () => {
  const late = { loopDelayMs: { p50: 1, p99: 500, max: 900 } };
  const span = (to: Look) => ({ from: look({}), to });
  assert.is(whyLimited(span(look({})), 0.5), undefined);
  assert.is(whyLimited(span(look(late)), 0.5), undefined);
  assert.is(whyLimited(span(look({})), 0.9), undefined);
  assert.match(whyLimited(span(look({})), 0.91) ?? '', /busy \(91%/);
  assert.match(whyLimited(span(look({})), 0.99) ?? '', /All processors of the machine were busy \(99%/);
  assert.match(whyLimited(span(look({}, late)), 0.5) ?? '', /slaves or frameworks were 500 ms late/);
});

test.run();
