/**
 * The word count of wordcount.ts in one process: `wordcountPeer.ts reference|table FOLDER REDUCES OUTPUT`, over all files of a folder.
 * `reference` is the reference that jobs are held against, with a Map; `table` has the table of a map task, all in memory,
 * and is about as fast as one thread of Node can be.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINE_MARGIN_BYTES, partName, writeLine } from '../../frameworks/hadoop/outputParts.ts';
import { WORDCOUNT } from '../../frameworks/hadoop/program/wordcount.ts';
import { FoldTable } from '../../frameworks/hadoop/records/foldTable.ts';
import { writeAll } from '../../frameworks/hadoop/records/runWriter.ts';
import { runReference } from '../../frameworks/hadoop/reference.ts';

const [, , how = '', folder = '', count = '', output = ''] = process.argv;
const reduces = Number(count);
const TABLE_BYTES = 2 ** 30;
const BUFFER_BYTES = 256 * 1024;

function* blocks(): Generator<Buffer, void, void> {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  for (const name of names.sort()) yield readFileSync(join(folder, name));
}

mkdirSync(output, { recursive: true });
if (how === 'reference') await withReference();
else withTable();

async function withReference(): Promise<void> {
  for (const { name, bytes } of await runReference({ type: 'wordcount' }, blocks(), reduces))
    writeFileSync(join(output, name), bytes);
}

function withTable(): void {
  const { fold } = WORDCOUNT;
  const table = new FoldTable({ bytesMax: TABLE_BYTES, fold, partitions: reduces });
  const mapper = WORDCOUNT.startMap({ index: 0, tag: undefined, side: new Map(), count: () => undefined });
  const into = {
    emit(bytes: Uint8Array, start: number, end: number, value: number): void {
      if (!table.add(bytes, start, end, value)) throw new Error('the table is full');
    },
  };
  for (const block of blocks()) mapper.map(block, 0, block.length, into);
  const files = Array.from({ length: reduces }, (_, part) =>
    openSync(join(output, partName('reduce', part)), 'w'),
  );
  const buffer = Buffer.alloc(BUFFER_BYTES);
  let [filled, open] = [0, 0];
  const flush = (): void => {
    writeAll(files[open] as number, buffer.subarray(0, filled));
    filled = 0;
  };
  table.forEachInOrder((part, bytes, start, end, value) => {
    if (part !== open || filled + end - start + LINE_MARGIN_BYTES > buffer.length) flush();
    open = part;
    filled = writeLine(buffer, filled, bytes, start, end, value);
  });
  flush();
  for (const file of files) closeSync(file);
}
