/** What the v1 API has and this system does not: it is refused, never passed over. */

/** A message that asks for something that this system does not have. The text is one sentence for its sender. */
export class Unsupported extends Error {}

/** Throws an {@link Unsupported} if a message has one of these fields. */
export function refuseFields<T extends object>(
  name: string,
  value: T,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields) {
    const given = value[field];
    if (given === undefined || (Array.isArray(given) && given.length === 0)) continue;
    throw new Unsupported(`'${name}.${field}' is not supported by this system; leave it out`);
  }
}
