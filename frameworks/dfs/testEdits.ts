/** For tests: edits of a namespace, at random, of which many can be made and some cannot. */
import fc from 'fast-check';
import type { Edit } from './edits.ts';

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((steps) => `/${steps.join('/')}`);
const writer = fc.constantFrom('w1', 'w2', 'w3');
const modifiedMs = fc.integer({ min: 0, max: 9 });
const settings = {
  blockBytes: fc.constantFrom(64, 128),
  replication: fc.integer({ min: 1, max: 3 }),
};
const block = fc.record({
  id: fc.integer({ min: 0, max: 15 }).map((n) => `b${n}`),
  bytes: fc.integer({ min: 0, max: 99 }),
  crc32: fc.constant(1),
});

/** Edits, one after the other. */
export const editsArbitrary: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        edit: fc.constant('create' as const),
        writer,
        path,
        ...settings,
        overwrite: fc.boolean(),
      }),
    },
    { weight: 5, arbitrary: fc.record({ edit: fc.constant('add' as const), writer, block }) },
    { weight: 4, arbitrary: fc.record({ edit: fc.constant('complete' as const), writer, modifiedMs }) },
    fc.record({ edit: fc.constant('abandon' as const), writer }),
    fc.record({ edit: fc.constant('remove' as const), path }),
    { weight: 2, arbitrary: fc.record({ edit: fc.constant('rename' as const), from: path, to: path }) },
    fc.record({ edit: fc.constant('replicate' as const), path, replication: settings.replication }),
    fc.record({ edit: fc.constant('start' as const), epoch: fc.integer({ min: 1, max: 5 }) }),
  ),
  { maxLength: 60 },
);
