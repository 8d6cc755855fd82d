import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeData, encodeData } from './entities.ts';
import { complaint, MASTER_INBOX, SLAVE_INBOX } from './message.ts';

const subscribe = { type: 'SUBSCRIBE', frameworkInfo: { user: 'me', name: 'test' } };

test('a message of the contract is accepted', () => {
  assert.is(complaint(MASTER_INBOX, subscribe), undefined);
});

test('what is no message at all is refused, and a reason is given', () => {
  for (const value of [undefined, null, 7, 'SUBSCRIBE', [], {}, { type: 7 }])
    assert.type(complaint(MASTER_INBOX, value), 'string');
});

test('a message for somebody else is refused', () => {
  assert.match(complaint(SLAVE_INBOX, { type: 'DECLINE' }) ?? '', /unexpected message 'DECLINE'/);
});

test('a name of the prototype is no message', () => {
  assert.match(complaint(MASTER_INBOX, { type: 'toString' }) ?? '', /unexpected/);
});

test('the complaint names the field', () => {
  const wrong = { type: 'SUBSCRIBE', frameworkInfo: { user: 'me', name: 7 } };
  assert.match(complaint(MASTER_INBOX, wrong) ?? '', /frameworkInfo\.name/);
});

test('ids that would lead out of a folder are refused', () => {
  for (const id of ['', '.', '..', 'a/b', 'a\\b', 'a\u0000', 'x'.repeat(256)])
    assert.type(
      complaint(MASTER_INBOX, { ...subscribe, frameworkInfo: { user: 'me', name: 'n', id } }),
      'string',
    );
});

test('resources that are not finite, or negative, are refused', () => {
  for (const cpus of [-1, Number.NaN, Number.POSITIVE_INFINITY, '4'])
    assert.type(
      complaint(MASTER_INBOX, {
        type: 'REGISTER_SLAVE',
        slaveInfo: { hostname: 'h', resources: { cpus }, attributes: {} },
      }),
      'string',
    );
});

test('opaque data keep any JSON value', () => {
  const long = [2_700, 2_731, 6_000, 8_200, 20_000].flatMap((n) => ['a'.repeat(n), '€'.repeat(n)]);
  for (const value of [null, 0, 'ä\u0000€', [1, { a: [] }], ...long])
    assert.equal(decodeData(encodeData(value)), value);
  assert.throws(() => decodeData('????'), SyntaxError);
});

test.run();
