/**
 * How the messages of the v1 API are described: fields with their names, numbers and kinds. From one description come the
 * TypeScript type, the JSON codec and the protobuf codec.
 *
 * A value of a message has the shape of its JSON: names in snake case, enums by name, bytes in base64.
 */

/** Kinds of plain values. 64-bit integers are numbers: what is counted here stays below 2⁵³. */
export type Scalar = 'string' | 'bool' | 'double' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bytes';

/** An enum: its names with their numbers. */
export interface Enum<N extends string = string> {
  readonly kind: 'enum';
  readonly numbers: Readonly<Record<N, number>>;
  readonly names: ReadonlyMap<number, N>;
}

/** A message. */
export interface Message<F extends Fields = Fields> {
  readonly kind: 'message';
  readonly name: string;
  readonly fields: F;
  readonly byNumber: ReadonlyMap<number, readonly [string, Field]>;
}

/** A message that this system does not look into: only whether it is there. */
export interface Opaque {
  readonly kind: 'opaque';
}

/** What a field can hold. */
export type Type = Scalar | Enum | Message | Opaque;

/** How often a field occurs. A `map` has text as its keys. */
export type Rule = 'required' | 'optional' | 'repeated' | 'map';

/** A field. */
export interface Field<T extends Type = Type, R extends Rule = Rule> {
  readonly number: number;
  readonly rule: R;
  readonly type: T;
}

/** The fields of a message, by name. */
export type Fields = Readonly<Record<string, Field>>;

type ValueOf<T extends Type> = T extends 'string' | 'bytes'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends Scalar
      ? number
      : T extends Enum<infer N>
        ? N
        : T extends Message<infer F>
          ? ValuesOf<F>
          : unknown;

type Keys<F extends Fields, R extends Rule> = {
  [K in keyof F]: F[K]['rule'] extends R ? K : never;
}[keyof F];

type ValuesOf<F extends Fields> = { readonly [K in Keys<F, 'required'>]: ValueOf<F[K]['type']> } & {
  readonly [K in Keys<F, 'optional'>]?: ValueOf<F[K]['type']>;
} & { readonly [K in Keys<F, 'repeated'>]?: readonly ValueOf<F[K]['type']>[] } & {
  readonly [K in Keys<F, 'map'>]?: Readonly<Record<string, ValueOf<F[K]['type']>>>;
};

/** The type of a message's values. */
export type Value<M extends Message> = M extends Message<infer F> ? ValuesOf<F> : never;

/** Describes a message. */
export function message<F extends Fields>(name: string, fields: F): Message<F> {
  const byNumber = new Map(Object.entries(fields).map((entry) => [entry[1].number, entry]));
  return { kind: 'message', name, fields, byNumber };
}

/** Describes an enum. */
export function enumOf<N extends string>(numbers: Readonly<Record<N, number>>): Enum<N> {
  const names = new Map(Object.entries<number>(numbers).map(([name, number]) => [number, name as N]));
  return { kind: 'enum', numbers, names };
}

/** A message that is not looked into. */
export const opaque: Opaque = { kind: 'opaque' };

/** Describes a field that must be there. */
export const required = <T extends Type>(number: number, type: T): Field<T, 'required'> => ({
  number,
  rule: 'required',
  type,
});

/** Describes a field that may be absent. */
export const optional = <T extends Type>(number: number, type: T): Field<T, 'optional'> => ({
  number,
  rule: 'optional',
  type,
});

/** Describes a list. */
export const repeated = <T extends Type>(number: number, type: T): Field<T, 'repeated'> => ({
  number,
  rule: 'repeated',
  type,
});

/** Describes a map from text. */
export const mapOf = <T extends Type>(number: number, type: T): Field<T, 'map'> => ({
  number,
  rule: 'map',
  type,
});
