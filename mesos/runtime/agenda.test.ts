import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Agenda } from './agenda.ts';
import type { Cell, Event } from './virtualEvent.ts';

const nobody = {} as Cell;

test('what is added while time goes on is taken by time, and then by order, be it a message or not', () => {
  const additions = fc.array(
    fc.record({ isMessage: fc.boolean(), delay: fc.nat({ max: 5 }), taken: fc.nat({ max: 2 }) }),
  );
  fc.assert(
    fc.property(additions, (all) => {
      const agenda = new Agenda();
      const pending: Event[] = [];
      let now = 0;
      const check = (): void => {
        const expected = pending.sort((a, b) => a.at - b.at || a.order - b.order).shift();
        const event = agenda.take(Number.POSITIVE_INFINITY);
        assert.is(event, expected);
        now = event?.at ?? now;
      };
      for (const [order, { isMessage, delay, taken }] of all.entries()) {
        const time = { at: now + delay, order };
        const event: Event = isMessage
          ? { kind: 'message', ...time, to: nobody, from: nobody, message: { type: 'PING' } }
          : { kind: 'lost', ...time, to: nobody, peer: 'peer@node:1' };
        agenda.add(event, now);
        pending.push(event);
        for (let n = 0; n < taken; n++) check();
      }
      while (pending.length > 0) check();
      assert.is(agenda.size, 0);
    }),
  );
});

test('what is not wanted any more is dropped, also of what happens at once', () => {
  const agenda = new Agenda();
  const lost = (at: number, order: number): Event => ({
    kind: 'lost',
    at,
    order,
    to: nobody,
    peer: 'peer@node:1',
  });
  for (let order = 0; order < 6; order++) agenda.add(lost(order % 2, order), 0);
  assert.is(agenda.take(0)?.order, 0);
  agenda.keep(({ order }) => order !== 2 && order !== 3);
  assert.is(agenda.size, 3);
  assert.equal(
    [4, 1, 5].map(() => agenda.take(1)?.order),
    [4, 1, 5],
  );
});

test('what is later than the limit stays', () => {
  const agenda = new Agenda();
  agenda.add({ kind: 'lost', at: 2, order: 0, to: nobody, peer: 'peer@node:1' }, 0);
  assert.is(agenda.take(1), undefined);
  assert.is(agenda.size, 1);
  assert.is(agenda.take(2)?.at, 2);
});

test.run();
