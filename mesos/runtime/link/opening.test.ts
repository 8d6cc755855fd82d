import { METHODS } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Opening, openingOf } from './opening.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** What each beginning of some bytes tells; it must stay the same once it is known. */
function told(text: string): Opening | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const all = Array.from({ length: bytes.length + 1 }, (_, length) => openingOf(bytes.subarray(0, length)));
  const known = all.slice(all.lastIndexOf(undefined) + 1);
  assert.is(all[0], undefined);
  assert.ok(new Set(known).size <= 1, `${known}`);
  return known[0];
}

test('every method begins HTTP/1, and the preface HTTP/2, wherever the bytes are cut', () => {
  for (const method of METHODS) assert.is(told(`${method} / HTTP/1.1\r\n`), 'HTTP/1');
  assert.is(told(PREFACE), 'HTTP/2');
});

test('a method needs its blank before anything is known', () => {
  for (const text of ['G', 'GE', 'GET', 'P', 'PR', 'PRI', 'PROPPATCH', 'M-SEARCH'])
    assert.is(told(text), undefined);
  assert.is(openingOf(Buffer.from('PRI ')), 'HTTP/2');
  assert.is(openingOf(Buffer.from('PRINT ')), 'HTTP/1');
});

test('TLS shows by its first byte', () => {
  assert.is(told('\u0016'), 'TLS');
  assert.is(told('\u0016\u0003\u0001GET / '), 'TLS');
});

test('anything else is neither, at the first byte that no method has, and after twenty at the latest', () => {
  for (const text of ['\u0000', ' ', 'get / HTTP/1.1', '\r\n', 'GET/', 'GET\t/', 'G\u00ff', 'X'.repeat(21)])
    assert.is(told(text), 'other', text);
  assert.is(told('X'.repeat(20)), undefined);
  assert.is(told(`${'X'.repeat(20)} `), 'HTTP/1');
});

test.run();
