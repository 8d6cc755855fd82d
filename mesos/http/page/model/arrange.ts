/** Filtering and sorting of many records, for a table of which a few are seen. */

/** How the records of a table are looked at. */
export interface Look<R> {
  /** What words are looked for in; in lower case. */
  readonly hay: (record: R) => string;
  /** What the records are told apart by in the choice beside the filter. */
  readonly kind: (record: R) => string;
  /** Does a choice take records of a kind? Beside the kinds themselves there may be groups of them. */
  readonly takes?: (choice: string, kind: string) => boolean;
  /** What each column is sorted by. Text is sorted as people count: node2 before node10. */
  readonly keys: Readonly<Record<string, (record: R) => string | number>>;
}

/** What is asked for. */
export interface Wanted {
  /** Words; all of them must occur. */
  readonly filter: string;
  /** A kind, or a group of them; empty: any. */
  readonly choice: string;
  readonly sort: string;
  readonly descending: boolean;
}

/** Records in their order. */
export interface Arranged<R> {
  readonly records: readonly R[];
  /** How many there are of each kind, before one is chosen. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Filters and sorts. Records with equal keys stay in their order. */
export function arrange<R>(
  all: Iterable<R>,
  { hay, kind, takes, keys }: Look<R>,
  wanted: Wanted,
): Arranged<R> {
  const words = wanted.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const { choice } = wanted;
  const kinds: Record<string, number> = {};
  const records: R[] = [];
  for (const record of all) {
    if (words.length > 0) {
      const text = hay(record);
      if (!words.every((word) => text.includes(word))) continue;
    }
    const its = kind(record);
    kinds[its] = (kinds[its] ?? 0) + 1;
    if (choice === '' || its === choice || takes?.(choice, its) === true) records.push(record);
  }
  const key = keys[wanted.sort];
  return { records: key === undefined ? records : sorted(records, key, wanted.descending), kinds };
}

function sorted<R>(
  records: readonly R[],
  key: (record: R) => string | number,
  descending: boolean,
): readonly R[] {
  const decorated = records.map((record, index) => {
    const value = key(record);
    return { record, index, value: typeof value === 'string' ? countable(value) : value };
  });
  const sign = descending ? -1 : 1;
  decorated.sort((a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : a.index - b.index));
  return decorated.map(({ record }) => record);
}

/** Text whose order is the one in which people count. */
function countable(text: string): string {
  return /\d/.test(text)
    ? text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, '0'))
    : text.toLowerCase();
}
