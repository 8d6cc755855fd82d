/** Random values of any message, made from its description. */
import * as fc from 'fast-check';
import type { Field, Message, Scalar, Type } from './schema.ts';

const SCALARS: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
  bytes: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  bool: fc.boolean(),
  double: fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  uint64: fc.integer({ min: 0, max: 2 ** 52 }),
};

/** Values of a message. Lists and maps are absent or have entries; messages without description are empty. */
export function valuesOf(message: Message, depth = 4): fc.Arbitrary<Record<string, unknown>> {
  const arbitraries: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const [name, field] of Object.entries(message.fields)) {
    if (field.rule === 'required') requiredKeys.push(name);
    else if (depth <= 0) continue;
    arbitraries[name] = valuesOfField(field, depth);
  }
  return fc.record(arbitraries, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<
    Record<string, unknown>
  >;
}

function valuesOfField({ rule, type }: Field, depth: number): fc.Arbitrary<unknown> {
  const value = valuesOfType(type, depth - 1);
  switch (rule) {
    case 'required':
    case 'optional':
      return value;
    case 'repeated':
      return fc.array(value, { minLength: 1, maxLength: 2 });
    case 'map':
      return fc
        .array(fc.tuple(fc.stringMatching(/^[a-z_]{1,9}$/), value), { minLength: 1, maxLength: 2 })
        .map((entries) => Object.fromEntries(entries));
    default:
      return rule satisfies never;
  }
}

function valuesOfType(type: Type, depth: number): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return SCALARS[type];
  switch (type.kind) {
    case 'enum':
      return fc.constantFrom(...Object.keys(type.numbers));
    case 'message':
      return valuesOf(type, depth);
    case 'opaque':
      return fc.constant({});
    default:
      return type satisfies never;
  }
}
