/** What all v1 endpoints have in common: how a call comes in, and in which form its answer is wanted. */
import { CONTENT_TYPES, type ContentType, decode, encode } from '../v1/codec.ts';
import { MalformedError } from '../v1/json.ts';
import type { Message, Value } from '../v1/schema.ts';
import { Unsupported } from '../v1/translate/refusal.ts';
import { type Answer, Refusal, type Request } from './exchange.ts';

/** Refuses all methods but POST. */
export function requirePost({ method }: Request): void {
  if (method !== 'POST') refuseMethod(method, ['POST']);
}

/** Refuses all methods but those that read. */
export function requireGet({ method }: Request): void {
  if (method !== 'GET' && method !== 'HEAD') refuseMethod(method, ['GET', 'HEAD']);
}

/** Refuses a method, and says which there are. */
export function refuseMethod(method: string | undefined, allowed: readonly string[]): never {
  const expected = allowed.map((name) => `'${name}'`).join(', ');
  const sentence = `405 Method Not Allowed. Expecting one of { ${expected} }, but received '${method}'.`;
  throw new Refusal(405, sentence, { Allow: allowed.join(', ') });
}

/** Reads the call in a request's body. Throws a {@link Refusal}. */
export async function readCall<M extends Message>(
  request: Request,
  schema: M,
  name: string,
): Promise<{ readonly call: Value<M>; readonly contentType: ContentType }> {
  const given = request.headers['content-type'];
  if (given === undefined) throw new Refusal(400, "Expecting 'Content-Type' to be present");
  const contentType = CONTENT_TYPES.find((known) => known === given);
  const body = await request.body();
  if (contentType === undefined)
    throw new Refusal(415, "Expecting 'Content-Type' of application/json or application/x-protobuf");
  const call = refusing(400, '', () => decode(schema, contentType, body, name));
  return { call, contentType };
}

/** Runs something; what is malformed or not supported is refused with this status. */
export function refusing<T>(status: number, prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof MalformedError || error instanceof Unsupported)
      throw new Refusal(status, prefix + error.message);
    throw error;
  }
}

/** The form of the answer; JSON where the client takes any. Throws a {@link Refusal}. */
export function acceptedType({ headers }: Request): ContentType {
  const { accept } = headers;
  if (accept === undefined) return 'application/json';
  const wanted = accept.split(',').map((range) => (range.split(';')[0] ?? '').trim());
  if (wanted.some((type) => type === '*/*' || type === 'application/*' || type === 'application/json'))
    return 'application/json';
  if (wanted.includes('application/x-protobuf')) return 'application/x-protobuf';
  throw new Refusal(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
}

/** An answer in the form that the request wants. Throws a {@link Refusal}. */
export function answerAs<M extends Message>(request: Request, schema: M, value: Value<M>): Answer {
  const contentType = acceptedType(request);
  return {
    status: 200,
    headers: { 'Content-Type': contentType },
    body: encode(schema, contentType, value),
  };
}
