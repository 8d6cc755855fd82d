/**
 * Does a value, which came as JSON, fit a schema? The same answer as valibot's `is`, which makes a copy of all that it looks at; this
 * makes nothing. Each message that comes from the network is looked at so. A property that is undefined counts as absent.
 */
import * as v from 'valibot';

/** Says whether a value fits. */
export type Check = (value: unknown) => boolean;

const known = new WeakMap<v.GenericSchema, Check>();

/** The check of a schema, made when it is asked for first. */
export function checkOf(schema: v.GenericSchema): Check {
  const made = known.get(schema);
  if (made !== undefined) return made;
  const { pipe } = schema as { readonly pipe?: Pipe };
  const quick = pipe === undefined ? schemaOf(schema as Schema) : pipeOf(pipe);
  const check = quick ?? ((value: unknown) => v.is(schema, value));
  known.set(schema, check);
  return check;
}

/** The schemas of which this knows what they mean, as far as they are used for messages. */
type Schema =
  | { readonly type: 'string' | 'number' | 'boolean' }
  | { readonly type: 'literal'; readonly literal: unknown }
  | { readonly type: 'picklist'; readonly options: readonly unknown[] }
  | { readonly type: 'array'; readonly item: v.GenericSchema }
  | { readonly type: 'object'; readonly entries: Readonly<Record<string, v.GenericSchema>> }
  | { readonly type: 'record'; readonly key: v.GenericSchema; readonly value: v.GenericSchema }
  | { readonly type: 'variant'; readonly key: string; readonly options: readonly v.GenericSchema[] }
  | { readonly type: 'custom'; readonly check: Check };

/** Undefined: it is not known. */
function schemaOf(schema: Schema): Check | undefined {
  switch (schema.type) {
    case 'string':
      return (value) => typeof value === 'string';
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return (value) => value === schema.literal;
    case 'picklist': {
      const options = new Set(schema.options);
      return (value) => options.has(value);
    }
    case 'array': {
      const item = checkOf(schema.item);
      return (value) => Array.isArray(value) && value.every(item);
    }
    case 'object':
      return objectOf(schema.entries);
    case 'record':
      return recordOf(checkOf(schema.key), checkOf(schema.value));
    case 'variant':
      return variantOf(schema.key, schema.options);
    case 'custom':
      return (value) => schema.check(value);
    default:
      schema satisfies never;
      return undefined;
  }
}

interface Field {
  readonly name: string;
  readonly isOptional: boolean;
  readonly check: Check;
}

function objectOf(entries: Readonly<Record<string, v.GenericSchema>>): Check | undefined {
  const fields: Field[] = [];
  for (const [name, schema] of Object.entries(entries)) {
    const optional = optionalOf(schema);
    if (optional === 'other') return undefined;
    fields.push({
      name,
      isOptional: optional !== undefined,
      check: checkOf(optional?.wrapped ?? schema),
    });
  }
  return (value) => {
    if (!isObject(value)) return false;
    for (const { name, isOptional, check } of fields) {
      const own = value[name];
      if (!(own === undefined ? isOptional : check(own))) return false;
    }
    return true;
  };
}

/** What an optional entry wraps; `other` if it is optional in a way that messages have no use for. */
function optionalOf(schema: v.GenericSchema): { readonly wrapped: v.GenericSchema } | 'other' | undefined {
  const {
    type,
    wrapped,
    default: byDefault,
    fallback,
  } = schema as v.GenericSchema & {
    readonly wrapped?: v.GenericSchema;
    readonly default?: unknown;
    readonly fallback?: unknown;
  };
  if (fallback !== undefined || byDefault !== undefined || type === 'optional' || type === 'nullish')
    return 'other';
  return type === 'exact_optional' && wrapped !== undefined ? { wrapped } : undefined;
}

function recordOf(key: Check, entry: Check): Check {
  return (value) => {
    if (!isObject(value)) return false;
    for (const name in value) if (isCounted(value, name) && !(key(name) && entry(value[name]))) return false;
    return true;
  };
}

/** Records pass over keys that every object seems to have. */
function isCounted(value: object, name: string): boolean {
  return Object.hasOwn(value, name) && name !== '__proto__' && name !== 'prototype' && name !== 'constructor';
}

/** Options that a literal tells apart. */
function variantOf(key: string, options: readonly v.GenericSchema[]): Check | undefined {
  const checks = new Map<unknown, Check>();
  for (const option of options) {
    const { entries } = option as { readonly entries?: Readonly<Record<string, v.GenericSchema>> };
    const word = entries?.[key] as { readonly type: string; readonly literal?: unknown } | undefined;
    if (word?.type !== 'literal' || checks.has(word.literal)) return undefined;
    checks.set(word.literal, checkOf(option));
  }
  return (value) => isObject(value) && (checks.get(value[key])?.(value) ?? false);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A schema with more conditions. */
function pipeOf([first, ...rest]: Pipe): Check | undefined {
  const checks = [checkOf(first)];
  for (const item of rest) {
    const check =
      item.kind === 'schema' ? checkOf(item) : item.kind === 'validation' ? actionOf(item) : undefined;
    if (check === undefined) return undefined;
    checks.push(check);
  }
  return (value) => {
    for (const check of checks) if (!check(value)) return false;
    return true;
  };
}

type Pipe = readonly [v.GenericSchema, ...Item[]];
type Item =
  | (v.GenericSchema & { readonly kind: 'schema' })
  | Action
  | { readonly kind: 'transformation' | 'metadata' };

/** What a pipe asks of a value that fits its first schema. */
type Action = { readonly kind: 'validation' } & (
  | {
      readonly type: 'min_length' | 'max_length' | 'min_value' | 'max_value' | 'gt_value';
      readonly requirement: number;
    }
  | { readonly type: 'max_entries'; readonly requirement: number }
  | { readonly type: 'finite' | 'integer' | 'safe_integer' }
  | { readonly type: 'check'; readonly requirement: Check }
);

function actionOf(action: Action): Check | undefined {
  switch (action.type) {
    case 'min_length':
      return (value) => (value as string | readonly unknown[]).length >= action.requirement;
    case 'max_length':
      return (value) => (value as string | readonly unknown[]).length <= action.requirement;
    case 'min_value':
      return (value) => (value as number) >= action.requirement;
    case 'max_value':
      return (value) => (value as number) <= action.requirement;
    case 'gt_value':
      return (value) => (value as number) > action.requirement;
    case 'max_entries':
      return (value) => countOf(value as object) <= action.requirement;
    case 'finite':
      return Number.isFinite;
    case 'integer':
      return Number.isInteger;
    case 'safe_integer':
      return Number.isSafeInteger;
    case 'check':
      return (value) => action.requirement(value);
    default:
      action satisfies never;
      return undefined;
  }
}

function countOf(value: object): number {
  let count = 0;
  for (const name in value) if (isCounted(value, name)) count++;
  return count;
}
