import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authenticator } from './authentication.ts';

const test = suite('authentication over HTTP');

const basic = (principal: string, password: string): string =>
  `Basic ${Buffer.from(`${principal}:${password}`).toString('base64')}`;

const all = authenticator({
  credentials: [{ principal: 'alice', secret: 'wonder:land' }],
  tokens: [{ principal: 'robot', secret: 't0ken' }],
  secret: 'cluster',
  byCertificate: true,
});

test('without any secrets everybody is known, and has no name', () => {
  assert.equal(authenticator({})(undefined, undefined), { is: 'known', principal: undefined });
  assert.equal(authenticator({})(basic('alice', 'x'), undefined), { is: 'known', principal: undefined });
});

test('a password proves the name that it is for', () => {
  assert.equal(all(basic('alice', 'wonder:land'), undefined), { is: 'known', principal: 'alice' });
  assert.is(all(basic('alice', 'wonder'), undefined).is, 'unknown');
  assert.is(all(basic('bob', 'wonder:land'), undefined).is, 'unknown');
  assert.is(all(basic('__proto__', ''), undefined).is, 'unknown');
});

test('a token proves the name of its owner, and the secret of the cluster none', () => {
  assert.equal(all('Bearer t0ken', undefined), { is: 'known', principal: 'robot' });
  assert.equal(all('bearer  t0ken', undefined), { is: 'known', principal: 'robot' });
  assert.equal(all('Bearer cluster', undefined), { is: 'known', principal: undefined });
  assert.is(all('Bearer nonsense', undefined).is, 'unknown');
});

test('a certificate proves its name, unless something else is given that is wrong', () => {
  assert.equal(all(undefined, 'node1'), { is: 'known', principal: 'node1' });
  assert.is(all('Bearer nonsense', 'node1').is, 'unknown');
  assert.is(authenticator({ secret: 'cluster' })(undefined, 'node1').is, 'unknown');
});

test('whatever there is to prove a name by, who proves none is unknown, and is told of it alone', () => {
  const own = [{ principal: 'alice', secret: 'x' }];
  for (const [options, challenge] of [
    [{ credentials: own }, 'Basic realm="mesos"'],
    [{ tokens: own }, 'Bearer realm="mesos"'],
    [{ secret: 'cluster' }, 'Bearer realm="mesos"'],
    [{ byCertificate: true }, ''],
  ] as const)
    assert.equal(authenticator(options)(undefined, undefined), { is: 'unknown', challenge });
});

test('who is unknown is told what there is', () => {
  const verdict = all(undefined, undefined);
  assert.equal(verdict, { is: 'unknown', challenge: 'Basic realm="mesos", Bearer realm="mesos"' });
  for (const nonsense of ['Basic', 'Basic ', 'Basic !!!', 'Digest a=b', 'Bearer', '\u0000'])
    assert.is(all(nonsense, undefined).is, 'unknown');
});

test.run();
