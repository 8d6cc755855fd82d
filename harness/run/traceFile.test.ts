import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTraceFile } from './traceFile.ts';

const SWIM = 'a\t0\t0\t100\t0\t7\nb\t9\t9\t100\t0\t7\n';
const SWF = '; MaxProcs: 8\n1 0 -1 60 4 -1 -1 4 -1 -1 1 1 1 -1 1 -1 -1 -1\n';

const files = suite('trace files');
let folder = '';
files.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-'));
});
files.after(() => rmSync(folder, { recursive: true }));

const written = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const refused = (path: string, what: RegExp): void =>
  assert.throws(
    () => readTraceFile(path),
    (error: unknown) => error instanceof TypeError && what.test(error.message),
  );

files('the format shows in the first line, whatever the name, packed or not', () => {
  const [plain, packed] = [
    readTraceFile(written('one', SWIM)),
    readTraceFile(written('two.gz', gzipSync(SWIM))),
  ];
  assert.is(plain.format, 'swim');
  assert.equal({ ...packed, name: 'one' }, plain);
  const log = readTraceFile(written('three', gzipSync(SWF)));
  assert.is(log.format === 'swf' && log.log.processors, 8);
});

files('what is neither, cannot be read or is cut is refused with the path', () => {
  refused(written('text', 'some text\n'), /text: line 1 of the trace is neither of SWIM/);
  refused(written('empty', ''), /empty: the trace is empty$/);
  refused(written('bad', `${SWIM}c\t8\t0\t1\t1\t1\n`), /bad: line 3 of the trace is of second 8/);
  refused(join(folder, 'nowhere'), /nowhere cannot be read/);
  refused(written('cut.gz', gzipSync(SWIM).subarray(0, 20)), /cut\.gz is packed, but cannot be unpacked/);
});

files('jobs that are further apart than any log goes on are refused: one of them has another clock', () => {
  const swim = (last: number): string => `a\t0\t0\t100\t0\t7\nb\t${last}\t9\t100\t0\t7\n`;
  refused(written('long', swim(1_700_000_000)), /long: its jobs span 54 years; 20 are the most/);
  refused(written('long-log', `${SWF}${SWF.slice(14).replace('1 0 ', '2 1700000000 ')}`), /span 54 years/);
  assert.is(readTraceFile(written('years', swim(600_000_000))).format, 'swim');
});

files.run();
