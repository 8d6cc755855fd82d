import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { EXECUTOR_INBOX, MASTER_INBOX, SCHEDULER_INBOX, SLAVE_INBOX, STANDALONE_INBOX } from './message.ts';
import { checkOf } from './schemaCheck.ts';

const INBOXES = [MASTER_INBOX, SLAVE_INBOX, SCHEDULER_INBOX, STANDALONE_INBOX, EXECUTOR_INBOX];
const SCHEMAS: readonly v.GenericSchema[] = INBOXES.flatMap((inbox) => Object.values(inbox));

const JUNK = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    '.',
    '..',
    'a/b',
    'x'.repeat(300),
    true,
    NaN,
    -1,
    1.5,
    Infinity,
  ),
  fc.constantFrom<unknown>([], {}, [undefined], { constructor: 1 }, { type: 'no' }),
  fc.json().map((text): unknown => JSON.parse(text)),
);
const NAMES = fc.constantFrom('cpus', 'mem', 'cpus(gold)', 'ports', 'constructor', 'no name');

type Shape = v.GenericSchema & {
  readonly pipe?: readonly Shape[];
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly items?: readonly Shape[];
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly value?: Shape;
};

/** Values that mostly fit, and now and then do not. */
function like(schema: Shape): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 60, arbitrary: fitting(schema) }, { weight: 1, arbitrary: JUNK });
}

function fitting(schema: Shape): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'string':
      return fc.constantFrom('a', 'b-1', '127.0.0.1', 'YQ==');
    case 'number':
      return fc.constantFrom(0, 1, 2, 0.5, 1000);
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constant(schema.literal);
    case 'picklist':
      return fc.constantFrom(...(schema.options ?? []));
    case 'exact_optional':
      return like(schema.wrapped as Shape);
    case 'array':
      return fc.array(like(schema.item as Shape), { maxLength: 3 });
    case 'tuple':
      return fc.tuple(...(schema.items ?? []).map(like));
    case 'record':
      return fc.dictionary(NAMES, like(schema.value as Shape), { maxKeys: 3 });
    // As resources: the record follows it in the pipe.
    case 'custom':
      return fc.dictionary(NAMES, fc.constantFrom<unknown>(0, 1, -1, 'x'), { maxKeys: 3 });
    case 'variant':
      return fc.oneof(...((schema.options ?? []) as readonly Shape[]).map(like));
    case 'object': {
      const entries = Object.entries(schema.entries ?? {});
      const fields = Object.fromEntries(entries.map(([name, entry]) => [name, like(entry)]));
      const needed = entries.flatMap(([name, entry]) => (entry.type === 'exact_optional' ? [] : [name]));
      return fc.oneof(
        { weight: 30, arbitrary: fc.record(fields, { requiredKeys: needed }) },
        { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
      );
    }
    default:
      throw new Error(`a message has something of type '${schema.type}', of which this test has no example`);
  }
}

/** As it comes from the network. */
const asJson = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

test('it says of every message what valibot says', () => {
  let fit = 0;
  let all = 0;
  for (const schema of SCHEMAS)
    fc.assert(
      fc.property(like(schema as Shape), (value) => {
        const fits = v.is(schema, asJson(value));
        all++;
        if (fits) fit++;
        assert.is(checkOf(schema)(asJson(value)), fits);
      }),
      { numRuns: 200, seed: 1 },
    );
  // Else it would compare how both refuse.
  assert.ok(fit > 0.2 * all && fit < 0.9 * all, `${fit} of ${all}`);
});

test('what it has no quick check for it leaves to valibot', () => {
  const schema = v.object({ a: v.optional(v.string(), 'x'), b: v.pipe(v.string(), v.email()) });
  assert.is(checkOf(schema)({ b: 'a@b.example' }), true);
  assert.is(checkOf(schema)({ b: 'none' }), false);
});

test('a list that is too long does not fit, nor one with a wrong element at its end', () => {
  const check = checkOf(v.pipe(v.array(v.number()), v.maxLength(2)));
  assert.equal([[], [1, 2], [1, 2, 3], [1, 'x'], 1].map(check), [true, true, false, false, false]);
});

test.run();
