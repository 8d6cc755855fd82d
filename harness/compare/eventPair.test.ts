import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventPair } from './eventPair.ts';

const line = (fields: object): string => JSON.stringify({ t: 1500, seq: 3, event: 'offer-sent', ...fields });

test('of two events only the fields that differ are shown, however long the others are', () => {
  const offerId = 'x'.repeat(300);
  assert.equal(eventPair(line({ offerId, slaveId: 'S1' }), line({ offerId, slaveId: 'S2', hint: [1] })), [
    'offer-sent at 1.5 s, slaveId "S1", hint none',
    'offer-sent at 1.5 s, slaveId "S2", hint [1]',
  ]);
});

test('events that are not the same, or not at the same time, are shown as such', () => {
  assert.equal(eventPair(line({}), line({ t: 2000, event: 'task-launched' })), [
    'offer-sent at 1.5 s',
    'task-launched at 2 s',
  ]);
});

test('where a history has ended, or cannot be read, lines are shown as they are, but not whole', () => {
  assert.equal(eventPair('{"t":1}', null), ['{"t":1}', 'nothing more']);
  const [long, damaged] = eventPair(line({ name: 'x'.repeat(300) }), '{"t":');
  assert.is(long.length, 240);
  assert.match(long, /x…$/);
  assert.is(damaged, '{"t":');
});

test.run();
