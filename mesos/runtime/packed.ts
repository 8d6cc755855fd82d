/** Things of which there is mostly one: that is held as it is, without a list, for there may be hundreds of thousands of holders. */
export type Packed<T extends object | string> = T | readonly T[];

const NONE: readonly never[] = [];

/** Holds what a list has, in no more room than it needs; without a list, nothing. */
export function packed<T extends object | string>(list: readonly T[] = NONE): Packed<T> {
  const [first] = list;
  if (first === undefined) return NONE;
  // One that grew, as those of `filter` do, has room for many more.
  return list.length === 1 ? first : list.slice();
}

/** What is held, as a list. */
export function unpacked<T extends object | string>(held: Packed<T>): readonly T[] {
  return isList(held) ? held : [held];
}

/** Are there several, or none? */
export function isList<T extends object | string>(held: Packed<T>): held is readonly T[] {
  return Array.isArray(held);
}

/** With one more, if it is not among them. */
export function withOne<T extends object>(held: Packed<T>, one: T): Packed<T> {
  if (held === one) return held;
  const list = unpacked(held);
  return list.includes(one) ? held : packed(list.concat([one]));
}

/** Without one, if it is among them. */
export function without<T extends object>(held: Packed<T>, one: T): Packed<T> {
  return held === one ? NONE : packed(unpacked(held).filter((each) => each !== one));
}
