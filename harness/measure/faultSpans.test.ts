import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultSpans } from './faultSpans.ts';
import { fold } from './fold.ts';
import { slaveRegistered, writer } from './testHistory.ts';

const one = writer('master@m1:5050');
const other = writer('master@m2:5050');
const RUN = { fromMs: 1000, toMs: 20_000 };
const SLAVE = { cpus: 1 };
const lost = (t: number, slaveId: string) => one(t, { event: 'slave-lost', slaveId, reason: 'test' });

test('no master leads from the last line of one until the next is elected', () => {
  const lines = [
    one(0, { event: 'master-elected', masterId: 'a' }),
    one(2000, slaveRegistered('s1', SLAVE)),
    other(8000, { event: 'master-elected', masterId: 'b' }),
    other(9000, slaveRegistered('s1', SLAVE)),
  ];
  assert.equal(fold(lines, faultSpans())(RUN), [{ fromS: 1, toS: 7, label: 'no master' }]);
});

test('no master leads from the moment in which the one that leads is killed', () => {
  const kill = (subject: string) =>
    writer('faults@harness:0')(5000, { event: 'fault-injected', fault: 'kill-leader', subject });
  const lines = (subject: string) => [
    one(0, { event: 'master-elected', masterId: 'a' }),
    one(2000, slaveRegistered('s1', SLAVE)),
    kill(subject),
    other(8000, { event: 'master-elected', masterId: 'b' }),
  ];
  assert.equal(fold(lines('m1:5050'), faultSpans())(RUN), [{ fromS: 4, toS: 7, label: 'no master' }]);
  assert.equal(fold(lines('m3:5050'), faultSpans())(RUN), [{ fromS: 1, toS: 7, label: 'no master' }]);
  const again = { event: 'fault-injected', fault: 'kill-leader', subject: 'm1:5050' } as const;
  const forGood = [...lines('m1:5050').slice(0, -1), writer('faults@harness:0')(6000, again)];
  assert.equal(fold(forGood, faultSpans())(RUN), [{ fromS: 4, toS: 19, label: 'no master' }]);
});

test('slaves are lost until they register again, or to the end; together they are one span', () => {
  const lines = [
    one(0, slaveRegistered('s1', SLAVE)),
    one(0, slaveRegistered('s2', SLAVE)),
    lost(2000, 's1'),
    lost(3000, 's2'),
    one(4000, slaveRegistered('s1', SLAVE)),
    one(5000, slaveRegistered('s2', SLAVE)),
    lost(15_000, 's1'),
  ];
  assert.equal(fold(lines, faultSpans())(RUN), [
    { fromS: 1, toS: 4, label: 'slaves lost' },
    { fromS: 14, toS: 19, label: 'slaves lost' },
  ]);
});

test('a slave that comes back to its host as another one is lost no more', () => {
  const lines = [
    one(0, slaveRegistered('s1', SLAVE)),
    lost(2000, 's1'),
    one(4000, { event: 'slave-registered', slaveId: 's9', hostname: 'host-of-s1', resources: SLAVE }),
  ];
  assert.equal(fold(lines, faultSpans())(RUN), [{ fromS: 1, toS: 3, label: 'slaves lost' }]);
});

test('what is lost after the run has ended is no fault of it', () => {
  assert.equal(fold([one(0, slaveRegistered('s1', SLAVE)), lost(30_000, 's1')], faultSpans())(RUN), []);
});

test('a fault lasts from its injection until it is got over, if it was seen; one that is not got over lasts to the end', () => {
  const fault = writer('faults@harness');
  const of = { fault: 'cut-off', subject: 'node1' };
  const lines = [
    fault(2000, { event: 'fault-injected', ...of }),
    fault(2500, { event: 'fault-visible', ...of }),
    fault(4000, { event: 'fault-healed', ...of }),
    fault(5000, { event: 'fault-recovered', ...of }),
    fault(9000, { event: 'fault-injected', ...of }),
    fault(9100, { event: 'fault-visible', ...of }),
    fault(9500, { event: 'fault-injected', fault: 'kill-slave', subject: 'n1:5051' }),
  ];
  assert.equal(fold(lines, faultSpans())(RUN), [
    { fromS: 1, toS: 4, label: 'cut-off of node1' },
    { fromS: 8, toS: 19, label: 'cut-off of node1' },
  ]);
});

test.run();
