/**
 * Counts words. A word is a run of ASCII letters, digits and bytes of 128 and above (so that words in UTF-8
 * stay whole), with ASCII letters made lower-case. Everything else separates words.
 */
import type { FoldProgram, NumberCollector } from './mapReduce.ts';

/** For each byte: the byte that stands for it in a word, or 0 if it separates words. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  if (/[A-Z]/.test(character)) return byte + 32;
  return byte >= 128 || /[a-z0-9]/.test(character) ? byte : 0;
});

/** The program that counts words. */
export const WORDCOUNT: FoldProgram = {
  shape: 'fold',
  startMap: () => ({ map: countWords }),
  fold: (a, b) => a + b,
};

function countWords(bytes: Uint8Array, start: number, end: number, collector: NumberCollector): void {
  let word = start;
  for (let at = start; at < end; at += 1) {
    const folded = FOLDED[bytes[at] as number] as number;
    if (folded !== 0) bytes[at] = folded;
    else {
      if (at > word) collector.emit(bytes, word, at, 1);
      word = at + 1;
    }
  }
  if (end > word) collector.emit(bytes, word, end, 1);
}
