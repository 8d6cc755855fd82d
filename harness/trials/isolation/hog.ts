/**
 * The hog of NSDI'11 §6.7 as a program: so many processes that spin. All begin at the same time, for those that are started among
 * spinning ones take long to start; and all end with this process, however it ends.
 *
 *     node hog.ts COUNT each|one FILE
 *
 * `each`: every process is a session of its own, `one`: all are in the session of this one. FILE is written, with this process's
 * number in it, when they begin.
 */
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';

const [count, sessions, file = ''] = process.argv.slice(2);

/** Waits for a line, and then never again. */
const SPIN = 'read begin; while :; do :; done';

const spinners = Array.from({ length: Number(count) }, () =>
  spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', SPIN], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: sessions === 'each',
  }),
);
await Promise.all(
  spinners.map((spinner) => {
    // Without all of them it would be another experiment.
    spinner.once('exit', () => process.exit(1));
    return new Promise((resolve, reject) => spinner.once('spawn', resolve).once('error', reject));
  }),
);
writeFileSync(`${file}.part`, `${process.pid}`);
renameSync(`${file}.part`, file);
for (const { stdin } of spinners) stdin?.write('\n');
