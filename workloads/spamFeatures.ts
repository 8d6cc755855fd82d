/**
 * The spam corpus as examples for logistic regression: hashed words, in the text format of `logisticRegression.ts`.
 *
 * An e-mail's words (runs of letters, digits, `$` and `!`, in lower case) are hashed to the indices 1 to `dimensions - 1`. A
 * feature's value is 1 + ln(count), and the values of an example are scaled to a Euclidean length of 1, with five decimals. Label 1 is
 * spam.
 */
import { type Corpus, readTexts } from './corpus.ts';
import { seededUniform, shuffled } from './random.ts';

/** Weights of the model, the bias included. */
export const SPAM_DIMENSIONS = 16_384;
/** Of so many examples one is kept for testing. */
const TEST_EVERY = 5;

/** Which examples, and how often. */
export interface SpamOptions {
  /** Default {@link SPAM_DIMENSIONS}. */
  readonly dimensions?: number;
  /** Four fifths are for training, one for testing; default all. */
  readonly part?: 'train' | 'test' | 'all';
  /** How often to go through the corpus, for a larger data set of the same model; default 1. */
  readonly copies?: number;
}

/** The examples as lines, in an order that mixes both labels: the same on every machine. Some 5 kB each. */
export async function* spamExamples(
  corpus: Corpus,
  { dimensions = SPAM_DIMENSIONS, part = 'all', copies = 1 }: SpamOptions = {},
): AsyncGenerator<Buffer, void, void> {
  const lines: Buffer[] = [];
  for await (const { path, bytes } of readTexts(corpus))
    lines.push(Buffer.from(exampleLine(bytes, path.startsWith('spam') ? 1 : 0, dimensions)));
  const mixed = shuffled(lines, seededUniform('spam')).filter(
    (_, index) => part === 'all' || (index % TEST_EVERY === 0) === (part === 'test'),
  );
  for (let copy = 0; copy < copies; copy += 1) yield* mixed;
}

/** An e-mail as an example, with its newline. */
function exampleLine(email: Buffer, label: 0 | 1, dimensions: number): string {
  const counts = new Map<number, number>();
  for (const word of email
    .toString('latin1')
    .toLowerCase()
    .match(/[a-z0-9$!]{2,40}/g) ?? []) {
    const index = 1 + (hashWord(word) % (dimensions - 1));
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const indices = Uint32Array.from(counts.keys()).sort();
  const values = Array.from(indices, (index) => 1 + Math.log(counts.get(index) as number));
  const length = Math.hypot(...values);
  const shown = new Map<number, string>();
  let line = String(label);
  for (const [at, value] of values.entries()) {
    // Most words are there once.
    const text = shown.get(value) ?? (value / length).toFixed(5);
    shown.set(value, text);
    line += ` ${indices[at]}:${text}`;
  }
  return `${line}\n`;
}

/** FNV-1a with a final mix; 32 bits, unsigned. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
