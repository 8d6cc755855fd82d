/** The protobuf form of the v1 API's messages: `application/x-protobuf`. */
import protobuf from 'protobufjs/minimal.js';
import { MalformedError } from './json.ts';
import type { Field, Message, Scalar, Type, Value } from './schema.ts';

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

const LENGTH_DELIMITED = 2;
const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  string: LENGTH_DELIMITED,
  bytes: LENGTH_DELIMITED,
  double: 1,
  bool: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
};

/** Reads a message from its protobuf form. Throws a {@link MalformedError}. */
export function fromProtobuf<M extends Message>(schema: M, bytes: Uint8Array): Value<M> {
  try {
    const reader = protobuf.Reader.create(bytes);
    return readMessage(schema, reader, reader.len, schema.name) as Value<M>;
  } catch (error) {
    if (error instanceof MalformedError) throw error;
    throw new MalformedError(`Failed to read the protobuf: ${(error as Error).message}`, { cause: error });
  }
}

function readMessage(schema: Message, reader: Reader, end: number, path: string): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.uint32();
    const entry = schema.byNumber.get(tag >>> 3);
    if (entry === undefined || (tag & 7) !== wireTypeOf(entry[1])) {
      reader.skipType(tag & 7);
      continue;
    }
    const [name, field] = entry;
    const where = `${path}.${name}`;
    if (field.rule === 'map') {
      const [key, item] = readEntry(field.type, reader, where);
      if (!Object.hasOwn(value, name)) value[name] = {};
      // Not assigned: a key may be `__proto__`.
      const own = { value: item, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(value[name] as object, key, own);
      continue;
    }
    const read = readValue(field.type, reader, where);
    if (read === undefined) continue;
    if (field.rule !== 'repeated') value[name] = read;
    else if (Object.hasOwn(value, name)) (value[name] as unknown[]).push(read);
    else value[name] = [read];
  }
  if (reader.pos !== end) throw new MalformedError(`Failed to read the protobuf: ${path} ends in the middle`);
  for (const [name, { rule }] of Object.entries(schema.fields))
    if (rule === 'required' && !Object.hasOwn(value, name))
      throw new MalformedError(`Not initialized: ${path}.${name}`);
  return value;
}

function wireTypeOf({ type, rule }: Field): number {
  if (rule === 'map') return LENGTH_DELIMITED;
  if (typeof type === 'string') return WIRE_TYPES[type];
  return type.kind === 'enum' ? 0 : LENGTH_DELIMITED;
}

/** An entry of a map: a message with the key as field 1 and the value as field 2. */
function readEntry(type: Type, reader: Reader, path: string): readonly [string, unknown] {
  const end = endOf(reader);
  let key = '';
  let item: unknown;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === ((1 << 3) | LENGTH_DELIMITED)) key = reader.string();
    else if (tag >>> 3 === 2 && (tag & 7) === wireTypeOf({ number: 2, rule: 'optional', type }))
      item = readValue(type, reader, path);
    else reader.skipType(tag & 7);
  }
  if (item === undefined) throw new MalformedError(`Not initialized: ${path}.${key}`);
  return [key, item];
}

function endOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a field is longer than the message');
  return end;
}

/** Undefined: an enum's number that is not known. */
function readValue(type: Type, reader: Reader, path: string): unknown {
  if (typeof type === 'string') return readScalar(type, reader);
  switch (type.kind) {
    case 'enum':
      return type.names.get(reader.int32());
    case 'message':
      return readMessage(type, reader, endOf(reader), path);
    case 'opaque':
      reader.skip(reader.uint32());
      return {};
    default:
      return type satisfies never;
  }
}

function readScalar(type: Scalar, reader: Reader): unknown {
  switch (type) {
    case 'string':
      return reader.string();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'bool':
      return reader.bool();
    case 'double':
      return reader.double();
    case 'int32':
      return reader.int32();
    case 'uint32':
      return reader.uint32();
    case 'int64':
      return Number(reader.int64());
    case 'uint64':
      return Number(reader.uint64());
    default:
      return type satisfies never;
  }
}

/** Writes a message in its protobuf form. What does not belong to the message is left out. */
export function toProtobuf<M extends Message>(schema: M, value: Value<M>): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(schema, value as Record<string, unknown>, writer);
  return writer.finish();
}

function writeMessage(schema: Message, value: Readonly<Record<string, unknown>>, writer: Writer): void {
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    const tag = ((field.number << 3) | wireTypeOf(field)) >>> 0;
    switch (field.rule) {
      case 'required':
      case 'optional':
        writeValue(field.type, given, writer.uint32(tag));
        break;
      case 'repeated':
        for (const item of given as readonly unknown[]) writeValue(field.type, item, writer.uint32(tag));
        break;
      case 'map':
        for (const [key, item] of Object.entries(given)) {
          writer.uint32(tag).fork();
          writer.uint32((1 << 3) | LENGTH_DELIMITED).string(key);
          writer.uint32((2 << 3) | wireTypeOf({ ...field, rule: 'optional' }));
          writeValue(field.type, item, writer);
          writer.ldelim();
        }
        break;
      default:
        field.rule satisfies never;
    }
  }
}

function writeValue(type: Type, value: unknown, writer: Writer): void {
  if (typeof type === 'string') return writeScalar(type, value, writer);
  switch (type.kind) {
    case 'enum':
      writer.int32(type.numbers[value as string] ?? 0);
      return;
    case 'message':
      writer.fork();
      writeMessage(type, value as Record<string, unknown>, writer);
      writer.ldelim();
      return;
    case 'opaque':
      writer.uint32(0);
      return;
    default:
      return type satisfies never;
  }
}

function writeScalar(type: Scalar, value: unknown, writer: Writer): void {
  switch (type) {
    case 'string':
      writer.string(value as string);
      return;
    case 'bytes':
      writer.bytes(Buffer.from(value as string, 'base64'));
      return;
    case 'bool':
      writer.bool(value as boolean);
      return;
    case 'double':
      writer.double(value as number);
      return;
    case 'int32':
      writer.int32(value as number);
      return;
    case 'uint32':
      writer.uint32(value as number);
      return;
    case 'int64':
      writer.int64(value as number);
      return;
    case 'uint64':
      writer.uint64(value as number);
      return;
    default:
      return type satisfies never;
  }
}

/** What stands before an embedded message: the number of its field, and its length. */
export function lengthPrefix(number: number, bytes: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32(((number << 3) | LENGTH_DELIMITED) >>> 0)
    .uint32(bytes)
    .finish();
}
