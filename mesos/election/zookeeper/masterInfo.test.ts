import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeLeadership, encodeMasterInfo, inOrder } from './masterInfo.ts';

/** As Apache Mesos 1.4 wrote it. */
const OF_MESOS =
  '{"address":{"hostname":"localhost","ip":"127.0.0.1","port":5050},"hostname":"localhost","id":"685fe32d-e30c-4df7-b891-3d96b06fee88","ip":16777343,"pid":"master@127.0.0.1:5050","port":5050,"version":"1.4.0"}';
const LEADERSHIP = {
  is: 'held',
  master: 'master@localhost:5050',
  masterId: '685fe32d-e30c-4df7-b891-3d96b06fee88',
};
const MASTER = { id: '685fe32d-e30c-4df7-b891-3d96b06fee88', address: 'localhost:5050', version: '1.4.0' };

test('the text is that of Apache Mesos, byte for byte', () => {
  assert.is(encodeMasterInfo(MASTER, '127.0.0.1').toString(), OF_MESOS);
  const other = encodeMasterInfo({ ...MASTER, address: 'mesos-master:5050' }, '192.168.33.10').toString();
  assert.match(other, '"ip":169978048,"pid":"master@192.168.33.10:5050"');
});

test('addresses that have no IPv4 form cannot be written', () => {
  assert.throws(() => encodeMasterInfo(MASTER, '::1'), /no IPv4 address/);
});

test('the leader is found by the host that it is known by', () => {
  assert.equal(decodeLeadership(Buffer.from(OF_MESOS)), LEADERSHIP);
});

test('newer fields do not matter, but what is no master is none', () => {
  const newer = OF_MESOS.replace('"hostname"', '"domain":{},"capabilities":[],"hostname"');
  assert.equal(decodeLeadership(Buffer.from(newer)), LEADERSHIP);
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{"id":"x"}',
    OF_MESOS.replaceAll('5050', '70000'),
    OF_MESOS.replaceAll('localhost', 'evil@host'),
    OF_MESOS.replaceAll('localhost', 'x'.repeat(10_000)),
  ])
    assert.is(decodeLeadership(Buffer.from(text)).is, 'unknown', text.slice(0, 50));
});

test('candidates are ordered by their numbers, also beyond ten digits', () => {
  assert.equal(
    inOrder([
      'json.info_0000000010',
      'log_replicas',
      'info_0000000001',
      'json.info_',
      'json.info_0000000009',
    ]),
    ['json.info_0000000009', 'json.info_0000000010'],
  );
  assert.equal(inOrder(['json.info_10000000000', 'json.info_2147483647']), [
    'json.info_2147483647',
    'json.info_10000000000',
  ]);
});

test.run();
