/**
 * The JSON of the v1 API. It is read as leniently as Apache Mesos reads it, since clients count on that: unknown fields are
 * passed over, `null` is absent, a single value may stand for a list of one, numbers and truth values may be text.
 */
import type { Enum, Field, Message, Scalar, Type, Value } from './schema.ts';

/** A value that is not what the message needs. The text says where and what. */
export class MalformedError extends Error {}

/** The value of a field that must be there; `name` is how the sender calls it. Throws a {@link MalformedError}. */
export function required<M extends object, K extends keyof M & string>(
  message: M,
  field: K,
  name: string = field,
): NonNullable<M[K]> {
  const given = message[field];
  if (given === undefined || given === null) throw new MalformedError(`Expecting '${name}' to be present`);
  return given;
}

/** Reads a message from a JSON value. Throws a {@link MalformedError}. */
export function fromJson<M extends Message>(schema: M, json: unknown): Value<M> {
  return readMessage(schema, json, schema.name) as Value<M>;
}

function readMessage(schema: Message, json: unknown, path: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(path, 'an object', json);
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
    const read =
      given === undefined || given === null ? undefined : readField(field, given, `${path}.${name}`);
    if (read !== undefined) value[name] = read;
    else if (field.rule === 'required') throw new MalformedError(`Not initialized: ${path}.${name}`);
  }
  return value;
}

function readField(field: Field, json: unknown, path: string): unknown {
  switch (field.rule) {
    case 'required': {
      const value = readValue(field.type, json, path);
      if (value === undefined) throw wrong(path, 'one of its names', json);
      return value;
    }
    case 'optional':
      return readValue(field.type, json, path);
    case 'repeated':
      return (Array.isArray(json) ? json : [json]).map((item, i) => {
        const value = readValue(field.type, item, `${path}[${i}]`);
        if (value === undefined) throw wrong(`${path}[${i}]`, 'one of its names', item);
        return value;
      });
    case 'map': {
      if (typeof json !== 'object' || json === null || Array.isArray(json))
        throw wrong(path, 'an object', json);
      const entries = Object.entries(json).filter(([, item]) => item !== null);
      return Object.fromEntries(
        entries.map(([key, item]) => [key, readValue(field.type, item, `${path}.${key}`)]),
      );
    }
    default:
      return field.rule satisfies never;
  }
}

/** Undefined: an enum's name that is not known. */
function readValue(type: Type, json: unknown, path: string): unknown {
  if (typeof type === 'string') return readScalar(type, json, path);
  switch (type.kind) {
    case 'enum':
      return readEnum(type, json, path);
    case 'message':
      return readMessage(type, json, path);
    case 'opaque':
      return json;
    default:
      return type satisfies never;
  }
}

function readEnum({ numbers }: Enum, json: unknown, path: string): string | undefined {
  if (typeof json !== 'string') throw wrong(path, 'the name of an enum value', json);
  return Object.hasOwn(numbers, json) ? json : undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function readScalar(type: Scalar, json: unknown, path: string): unknown {
  switch (type) {
    case 'string':
      if (typeof json !== 'string') throw wrong(path, 'text', json);
      return json;
    case 'bytes':
      if (typeof json !== 'string' || !BASE64.test(json)) throw wrong(path, 'bytes in base64', json);
      return json;
    case 'bool':
      if (json === true || json === 'true') return true;
      if (json === false || json === 'false') return false;
      throw wrong(path, 'true or false', json);
    case 'double':
      return readNumber(json, path, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    case 'int32':
      return readInteger(json, path, -(2 ** 31), 2 ** 31 - 1);
    case 'uint32':
      return readInteger(json, path, 0, 2 ** 32 - 1);
    case 'int64':
      return readInteger(json, path, -(2 ** 63), 2 ** 63);
    case 'uint64':
      return readInteger(json, path, 0, 2 ** 64);
    default:
      return type satisfies never;
  }
}

function readInteger(json: unknown, path: string, min: number, max: number): number {
  const value = readNumber(json, path, min, max);
  if (!Number.isInteger(value)) throw wrong(path, 'a whole number', json);
  return value;
}

function readNumber(json: unknown, path: string, min: number, max: number): number {
  const value = typeof json === 'string' && json.trim() !== '' ? Number(json) : json;
  if (typeof value !== 'number' || Number.isNaN(value)) throw wrong(path, 'a number', json);
  if (value < min || value > max) throw wrong(path, `a number from ${min} to ${max}`, json);
  return value;
}

/** Longest piece of what came that an answer repeats. */
const SHOWN_MAX = 60;

function wrong(path: string, expected: string, json: unknown): MalformedError {
  const shown = JSON.stringify(json) ?? 'nothing';
  const cut = shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown;
  return new MalformedError(`Expecting ${path} to be ${expected}, not ${cut}`);
}

/**
 * A value as JSON on one line, in ASCII: one client compares its length in characters with that in bytes, and drops what
 * differs. What is `undefined` is left out; infinite numbers are text.
 */
export function toJson(value: unknown): string {
  return ascii(JSON.stringify(value, finite));
}

/** JSON with all that is not ASCII escaped. */
export function ascii(json: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /[^\u0000-\u007f]/.test(json) ? json.replace(/[^\u0000-\u007f]/g, escaped) : json;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function finite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}
