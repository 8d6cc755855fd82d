/** The process of the `lab` command. */
import { flushCompileCache } from 'node:module';
import { runProgram } from './program.ts';

/** The variables that `harness/lab` has set for this process; they are not meant for what this process starts. */
const OWN = 'MESOS_LAB_OWN';

for (const name of [...(process.env[OWN]?.split(' ') ?? []), OWN]) delete process.env[name];
await runProgram(process.argv.slice(2));
// Not only at its end: a daemon ends last of all, and those that start meanwhile would compile the same again.
flushCompileCache();
