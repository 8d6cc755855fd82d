/** Rings of lines: bounded, and nothing is missing without being counted. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineRing } from './lineRing.ts';

test('a reader sees every line once and in order, or how many it has missed', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ is: fc.constant('add' as const), length: fc.nat(30) }),
      fc.record({ is: fc.constant('read' as const), most: fc.nat(60) }),
    ),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const ring = lineRing(5, 80);
      let added = 0;
      let next = 0;
      for (const step of all) {
        if (step.is === 'add') ring.add(`${added++} `.padEnd(step.length));
        else {
          const { from, leftOut, lines } = ring.from(next, step.most);
          assert.is(from, next + leftOut);
          assert.equal(
            lines.map((line) => Number.parseInt(line, 10)),
            lines.map((_, index) => from + index),
          );
          // Whoever asks gets on, however little it takes at once.
          if (next < added) assert.ok(lines.length > 0);
          next = from + lines.length;
        }
        assert.is(ring.next, added);
        assert.ok(ring.next - ring.first <= 5);
      }
    }),
  );
});

test.run();
