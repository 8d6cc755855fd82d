import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { electionOf } from './electionOf.ts';
import { follow, stand, until } from './testElection.ts';
import { readZookeeperUrl } from './zookeeper/url.ts';

test('a URL of ZooKeeper names servers, a path, and perhaps a user', () => {
  assert.equal(readZookeeperUrl('zk://a:2181,[::1]:2182,10.0.0.1:2183/mesos/prod'), {
    servers: [
      { host: 'a', port: 2181 },
      { host: '::1', port: 2182 },
      { host: '10.0.0.1', port: 2183 },
    ],
    path: '/mesos/prod',
    credentials: undefined,
  });
  assert.is(readZookeeperUrl('zk://user:p@ss:word@a:1/mesos').credentials, 'user:p@ss:word');
});

test('what names no election is refused in one sentence that tells no password', () => {
  for (const [url, complaint] of [
    ['', /zk:\/\/HOST:PORT.*not by ''/],
    ['nowhere', /not by 'nowhere'/],
    ['host:0', /not by 'host:0'/],
    ['host:70000', /not by/],
    ['http://a:80/', /not by/],
    ['zk://', /'' is not HOST:PORT/],
    ['zk://a/mesos', /'a' is not HOST:PORT/],
    ['zk://a:2181,/mesos', /'' is not HOST:PORT/],
    ['zk://a:99999/mesos', /'a:99999' is not HOST:PORT/],
    ['zk://a:2181', /end with a path such as \/mesos, not ''/],
    ['zk://a:2181/', /end with a path/],
    ['zk://a:2181/mesos/', /end with a path/],
    ['zk://a:2181/a//b', /end with a path/],
    ['zk://a:2181/../b', /end with a path/],
    ['zk://secret@a:2181/mesos', /must be USER:PASSWORD/],
    ['zk://user:secret@a/mesos', /'a' is not HOST:PORT/],
    ['user:secret@a/mesos', /not by/],
    ['file://host/path', /file:\/\/\/PATH/],
    ['file:///', /file:\/\/\/PATH/],
    ['file:///folder/', /file:\/\/\/PATH/],
  ] as const)
    try {
      electionOf(url);
      assert.unreachable(url);
    } catch (error) {
      const { message } = error as Error;
      assert.match(message, complaint);
      assert.not.match(message, 'secret');
    }
});

test('at a fixed address one master leads, and everybody knows it', async () => {
  const election = electionOf('node1:5050');
  const follower = follow(election);
  const leader = stand(election, 'node1:5050');
  assert.not(leader.candidacy.leads());
  await until('it leads', () => leader.candidacy.leads());
  assert.equal(follower.seen, [{ is: 'held', master: 'master@node1:5050' }]);
  leader.candidacy.withdraw();
  assert.not(leader.candidacy.leads());
  assert.is(leader.told.length, 1);
  await election.close();
});

test.run();
