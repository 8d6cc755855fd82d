/** Two lines of a history, one of each side, for people. */

/** Characters of a line that are shown. */
const WIDTH = 240;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What is shown of the lines at which two histories part, null where one has ended: when and what happened, and then only the fields
 * that differ. Lines that cannot be read are shown as they are.
 */
export function eventPair(base: string | null, head: string | null): readonly [string, string] {
  const [one, other] = [fieldsOf(base), fieldsOf(head)];
  if (one === undefined || other === undefined) return [cut(base ?? NO_MORE), cut(head ?? NO_MORE)];
  return [inWords(one, other), inWords(other, one)];
}

const NO_MORE = 'nothing more';

function fieldsOf(line: string | null): Fields | undefined {
  try {
    const read: unknown = JSON.parse(line ?? '');
    return typeof read === 'object' && read !== null ? (read as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function inWords(fields: Fields, others: Fields): string {
  const text = (name: string, of: Fields): string => JSON.stringify(of[name]) ?? 'none';
  const names = [...new Set([...Object.keys(fields), ...Object.keys(others)])];
  const different = names.filter(
    (name) => !['t', 'event'].includes(name) && text(name, fields) !== text(name, others),
  );
  const what = `${String(fields.event)} at ${Number(fields.t) / 1000} s`;
  return cut([what, ...different.map((name) => `${name} ${text(name, fields)}`)].join(', '));
}

const cut = (text: string): string => (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text);
