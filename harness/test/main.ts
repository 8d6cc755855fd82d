/** `npm test`: runs the tests; with a pattern, e.g. `npm test -- infra/faults`, only those in files whose paths match it. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { parse } from 'uvu/parse';
import { run } from 'uvu/run';

/** Properties are tried with the same values each time, so that whoever meets a failure can meet it again. */
const SEED = 20_110_330;

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

fc.configureGlobal({ seed: SEED });
const [pattern = ''] = process.argv.slice(2);
const { suites } = await parse(PROJECT, `(${pattern}).*\\.test\\.ts$`, {
  ignore: ['^node_modules$', '^out$'],
});
if (suites.length > 0) await run(suites);
else {
  console.error(`no file with tests has a path that matches '${pattern}'`);
  process.exitCode = 1;
}
