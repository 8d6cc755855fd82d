import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redirectTarget, schedulerUrl } from './url.ts';

test('masters are named by HOST:PORT or by a URL, with a path or without', () => {
  for (const [where, url] of [
    ['http://a:5050', 'http://a:5050/api/v1/scheduler'],
    ['http://a:5050/', 'http://a:5050/api/v1/scheduler'],
    ['a:5050', 'http://a:5050/api/v1/scheduler'],
    ['127.0.0.1:1', 'http://127.0.0.1:1/api/v1/scheduler'],
    ['https://[::1]:5050', 'https://[::1]:5050/api/v1/scheduler'],
    ['http://proxy/mesos/', 'http://proxy/mesos/api/v1/scheduler'],
  ] as const)
    assert.is(schedulerUrl(where).href, url);
  assert.is(schedulerUrl('a:5050', 'https').href, 'https://a:5050/api/v1/scheduler');
});

test('what is no master is refused, and no password is repeated', () => {
  for (const where of [
    '',
    'http://',
    'ftp://a:1',
    'zk://a:1/mesos',
    'a b:1',
    'http://a:99999',
    'http://a/?x',
  ])
    assert.throws(() => schedulerUrl(where), /is no master; give HOST:PORT/);
  assert.throws(
    () => schedulerUrl('http://me:hush@a:5050'),
    (error: Error) => /without a user/.test(error.message) && !error.message.includes('hush'),
  );
});

const FROM = schedulerUrl('http://a:5050');

test('a redirect may be without a scheme, whole, bare, or a path', () => {
  for (const [location, url] of [
    ['//b:5051/api/v1/scheduler', 'http://b:5051/api/v1/scheduler'],
    ['//b:5051/master/api/v1/scheduler', 'http://b:5051/master/api/v1/scheduler'],
    ['//b:5051', 'http://b:5051/api/v1/scheduler'],
    ['http://b:5051/api/v1/scheduler', 'http://b:5051/api/v1/scheduler'],
    ['https://b:5051', 'https://b:5051/api/v1/scheduler'],
    ['b:5051', 'http://b:5051/api/v1/scheduler'],
    ['b.c-d:5051/api/v1/scheduler', 'http://b.c-d:5051/api/v1/scheduler'],
    ['10.0.0.1:5051', 'http://10.0.0.1:5051/api/v1/scheduler'],
    ['[::1]:5051/', 'http://[::1]:5051/api/v1/scheduler'],
    ['/other', 'http://a:5050/other'],
  ] as const)
    assert.is(redirectTarget(location, FROM).href, url, location);
});

test('a redirect keeps TLS, and leads nowhere but to HTTP', () => {
  const secure = schedulerUrl('https://a:5050');
  assert.is(redirectTarget('//b:1', secure).href, 'https://b:1/api/v1/scheduler');
  assert.throws(() => redirectTarget('http://b:1', secure), /it leads from TLS to http:\/\/b:1/);
  for (const location of ['file:///etc/passwd', 'javascript:alert(1)', '//', 'http://b:99999'])
    assert.throws(() => redirectTarget(location, FROM), /which is no place for HTTP/);
});

test.run();
