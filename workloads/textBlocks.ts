/** Text as a list of files, and as blocks that end at line ends. Pure: who reads the files is `corpus.ts`. */
import { createHash } from 'node:crypto';

/** A file of a text corpus. */
export interface TextFile {
  /** Relative to the folder of the corpus, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** A corpus as a list. */
export interface TextListing {
  /** Ordered by path, by code unit: the same on every machine. */
  readonly files: readonly TextFile[];
  readonly totalBytes: number;
  /** SHA-256 over the lines `path TAB bytes`: changes when a file is added, lost, renamed or resized. */
  readonly listSha256: string;
}

/** Orders, sums and hashes a list of files. */
export function listTexts(found: readonly TextFile[]): TextListing {
  const files = found.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const hash = createHash('sha256');
  for (const { path, bytes } of files) hash.update(`${path}\t${bytes}\n`);
  return {
    files,
    totalBytes: files.reduce((sum, file) => sum + file.bytes, 0),
    listSha256: hash.digest('hex'),
  };
}

/**
 * Where to cut the first block off a text: after the last line end within `blockBytes`, or, if the first line
 * is longer than a block, after its end. 0 if the text does not hold a whole block yet.
 */
export function endOfBlock(text: Uint8Array, blockBytes: number): number {
  if (text.length < blockBytes) return 0;
  const lineEnd = 10;
  const within = text.lastIndexOf(lineEnd, blockBytes - 1);
  return within >= 0 ? within + 1 : text.indexOf(lineEnd, blockBytes) + 1;
}
