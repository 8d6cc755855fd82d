/** Groups of names, as clusters write them: `node[1-32]`, `rack[1-2]n[01-16]`, `node[1-3,7]`. */

/** Longest list that a group may stand for. */
const MEMBERS_MAX = 10_000;

/** The members of a group, in order; a text without brackets is its only member. Throws one sentence if it cannot be understood. */
export function membersOf(text: string): readonly string[] {
  const open = text.indexOf('[');
  const close = text.indexOf(']', open);
  if (open < 0) {
    if (text.includes(']')) throw new SyntaxError(`'${text}' has a ] without a [`);
    return [text];
  }
  if (close < 0) throw new SyntaxError(`'${text}' has a [ without a ]`);
  const numbers: string[] = [];
  for (const range of text.slice(open + 1, close).split(',')) {
    numbers.push(...numbersOf(range.trim(), text));
    if (numbers.length > MEMBERS_MAX) throw tooMany(text);
  }
  const rest = membersOf(text.slice(close + 1));
  if (numbers.length * rest.length > MEMBERS_MAX) throw tooMany(text);
  return numbers.flatMap((number) => rest.map((end) => `${text.slice(0, open)}${number}${end}`));
}

/** `08-11` is 08, 09, 10, 11. */
function numbersOf(range: string, text: string): readonly string[] {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range);
  const [, first = '', last = first] = match ?? [];
  if (match === null)
    throw new SyntaxError(
      `'${text}' has '${range}' in brackets; write numbers and ranges of them, e.g. [1-32] or [1-3,7]`,
    );
  const count = Number(last) - Number(first) + 1;
  if (count < 1) throw new SyntaxError(`'${text}' counts from ${first} down to ${last}`);
  if (count > MEMBERS_MAX) throw tooMany(text);
  return Array.from({ length: count }, (_, n) => String(Number(first) + n).padStart(first.length, '0'));
}

const tooMany = (text: string): SyntaxError =>
  new SyntaxError(`'${text}' stands for more than ${MEMBERS_MAX} names`);
