/** Sorts the lines of a file in a single process, the obvious way: what Dryad's sort is measured against. */
import { readFileSync, writeFileSync } from 'node:fs';

const [input = '', output = ''] = process.argv.slice(2);
const lines = readFileSync(input, 'latin1').split('\n');
lines.pop();
lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
writeFileSync(output, `${lines.join('\n')}\n`, 'latin1');
