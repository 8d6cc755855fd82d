/** `npm test`: runs the tests; with a pattern, e.g. `npm test -- infra/faults`, only those in files whose paths match it. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parse } from 'uvu/parse';
import { wallClock } from '../../infra/wallClock.ts';
import { type Ended, runFiles } from './files.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Files that take this long are named at the end, lest they become many. */
const LONG_S = 10;

const [pattern = ''] = process.argv.slice(2);
const { suites } = await parse(PROJECT, `^(?=.*(?:${pattern})).*\\.test\\.ts$`, {
  ignore: ['^node_modules$', '^out$'],
});
if (suites.length === 0) {
  console.error(`no file with tests has a path that matches '${pattern}'`);
  process.exitCode = 1;
} else {
  const clock = wallClock();
  // The tests that take long wait for processes, and leave processors idle meanwhile.
  const ended = await runFiles(suites, Math.min(availableParallelism(), suites.length), ({ said }) =>
    console.log(said),
  );
  summarize(ended, clock.stop().wallSeconds);
}

/** What all files together gave, as uvu says it of one. */
function summarize(ended: readonly Ended[], seconds: number): void {
  const sum = (of: 'total' | 'passed' | 'skipped') => ended.reduce((all, file) => all + file[of], 0);
  const long = ended.filter((file) => file.seconds >= LONG_S).sort((a, b) => b.seconds - a.seconds);
  for (const { name, seconds } of long) console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${name}`);
  console.log(
    `\n  Total:     ${sum('total')}\n  Passed:    ${sum('passed')}\n  Skipped:   ${sum('skipped')}`,
  );
  console.log(`  Duration:  ${seconds.toFixed(1)} s\n`);
  if (sum('passed') + sum('skipped') < sum('total')) process.exitCode = 1;
}
