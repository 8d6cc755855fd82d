/** The two forms of the v1 API's messages, by their content types. */
import { ascii, fromJson, MalformedError, toJson } from './json.ts';
import { fromProtobuf, toProtobuf } from './protobuf.ts';
import type { Message, Value } from './schema.ts';

/** The content types, as HTTP names them. */
export const CONTENT_TYPES = ['application/json', 'application/x-protobuf'] as const;
/** One of {@link CONTENT_TYPES}. */
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Reads a message. Throws a {@link MalformedError}, whose text begins with `what` it was to be. */
export function decode<M extends Message>(
  schema: M,
  contentType: ContentType,
  bytes: Buffer,
  what: string,
): Value<M> {
  if (contentType === 'application/x-protobuf') {
    try {
      return fromProtobuf(schema, bytes);
    } catch (error) {
      throw new MalformedError(`Failed to parse body into ${what} protobuf: ${(error as Error).message}`);
    }
  }
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new MalformedError(`Failed to parse body into JSON: ${ascii((error as Error).message)}`);
  }
  try {
    return fromJson(schema, json);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new MalformedError(`Failed to convert JSON into ${what} protobuf: ${error.message}`);
  }
}

/** Writes a message: JSON as text, protobuf as bytes. */
export function encode<M extends Message>(
  schema: M,
  contentType: ContentType,
  value: Value<M>,
): string | Uint8Array {
  return contentType === 'application/json' ? toJson(value) : toProtobuf(schema, value);
}
