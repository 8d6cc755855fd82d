/** Reading JSON that others have made: what is not as expected is as good as nothing. */

/** An object. */
export type Json = Readonly<Record<string, unknown>>;

/** An object; empty if it is none. */
export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** A list of objects; empty if it is none. */
export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);

/** Text; empty if it is none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A number, or `otherwise`. */
export const number = (value: unknown, otherwise = 0): number =>
  typeof value === 'number' ? value : otherwise;
