/**
 * Messages of the v1 API whose lists are long: they are written item by item, and what is to be written is made only then. The
 * result is that of `encode`, but for lists without items, which are left out.
 */
import type { ContentType } from '../../v1/codec.ts';
import { ascii } from '../../v1/json.ts';
import { lengthPrefix, toProtobuf } from '../../v1/protobuf.ts';
import type { Field, Message, Value } from '../../v1/schema.ts';
import { type Production, Sheet } from './sheet.ts';

/** A value whose lists may be made while they are written. */
export type Lazily<V> = V extends readonly (infer E)[]
  ? Iterable<E>
  : V extends object
    ? { readonly [K in keyof V]: Lazily<V[K]> }
    : V;

type Lazy = Readonly<Record<string, unknown>>;

/** Writes a message. `make` is asked when it begins. */
export function messageProduction<M extends Message>(
  schema: M,
  contentType: ContentType,
  make: () => Lazily<Value<M>>,
): Production {
  if (contentType === 'application/json') return (sheet) => writeJson(sheet, schema, make() as Lazy);
  return function* (sheet) {
    const { pieces } = yield* protobufOf(schema, make() as Lazy);
    yield* writeAll(sheet, pieces);
  };
}

/** Writes a record of a stream: a message and before it its length, which is not known until all of it is made. */
export function recordProduction<M extends Message>(
  schema: M,
  contentType: ContentType,
  make: () => Lazily<Value<M>>,
): Production {
  return function* (sheet) {
    const { pieces, bytes } =
      contentType === 'application/json'
        ? yield* gathered((own) => writeJson(own, schema, make() as Lazy))
        : yield* protobufOf(schema, make() as Lazy);
    // It stands in one piece with what follows: there are clients that take a length by itself for nothing.
    sheet.write(`${bytes}\n`);
    yield* writeAll(sheet, pieces);
  };
}

/** What has been made. */
export interface Made {
  readonly pieces: readonly Uint8Array[];
  readonly bytes: number;
}

/** Writes what has been made. */
export function* writeAll(sheet: Sheet, pieces: readonly Uint8Array[]): Generator<void, void> {
  for (const piece of pieces) {
    sheet.writeBytes(piece);
    if (sheet.isFull) yield;
  }
}

/** Makes something as a whole, with all pauses that it takes. */
export function* gathered(production: Production): Generator<void, Made> {
  const sheet = new Sheet();
  const pieces: Uint8Array[] = [];
  for (const _ of production(sheet)) {
    pieces.push(...sheet.take());
    yield;
  }
  pieces.push(...sheet.take());
  return { pieces, bytes: lengthOf(pieces) };
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of pieces) bytes += length;
  return bytes;
}

/** A list of messages, which may be long. */
function isList({ rule, type }: Field): boolean {
  return rule === 'repeated' && typeof type === 'object' && type.kind === 'message';
}

/** The schema of a message that is not in a list, and may have long ones itself. */
function nestOf({ rule, type }: Field): Message | undefined {
  if (rule !== 'required' && rule !== 'optional') return undefined;
  return typeof type === 'object' && type.kind === 'message' ? type : undefined;
}

function* writeJson(sheet: Sheet, schema: Message, value: Lazy): Generator<void, void> {
  let separator = '{';
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = value[name];
    if (given === undefined) continue;
    const start = `${separator}"${name}":`;
    const nest = nestOf(field);
    if (isList(field)) {
      if (!(yield* writeJsonList(sheet, start, given as Iterable<unknown>))) continue;
    } else {
      sheet.write(start);
      if (nest === undefined) sheet.write(ascii(JSON.stringify(given)));
      else yield* writeJson(sheet, nest, given as Lazy);
    }
    separator = ',';
  }
  sheet.write(separator === '{' ? '{}' : '}');
}

/** False: there is nothing in it, and nothing was written. */
function* writeJsonList(sheet: Sheet, start: string, items: Iterable<unknown>): Generator<void, boolean> {
  let separator = `${start}[`;
  for (const item of items) {
    sheet.write(separator);
    sheet.write(ascii(JSON.stringify(item)));
    separator = ',';
    if (sheet.isFull) yield;
  }
  if (separator !== ',') return false;
  sheet.write(']');
  return true;
}

/** Messages that are made together. */
const BATCH = 100;

function* protobufOf(schema: Message, value: Lazy): Generator<void, Made> {
  const pieces: Uint8Array[] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = value[name];
    if (given === undefined) continue;
    const nest = nestOf(field);
    if (isList(field))
      for (const batch of batches(given as Iterable<unknown>)) {
        pieces.push(toProtobuf(schema, { [name]: batch }));
        yield;
      }
    else if (nest === undefined) pieces.push(toProtobuf(schema, { [name]: given }));
    else {
      const inner = yield* protobufOf(nest, given as Lazy);
      pieces.push(lengthPrefix(field.number, inner.bytes), ...inner.pieces);
    }
  }
  return { pieces, bytes: lengthOf(pieces) };
}

function* batches(items: Iterable<unknown>): Iterable<readonly unknown[]> {
  let batch: unknown[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
