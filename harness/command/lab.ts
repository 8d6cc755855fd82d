/** The process of the `lab` command. */
import { flushCompileCache } from 'node:module';
import { collectGarbage } from '../../infra/collectGarbage.ts';
import { runProgram, watchOutput } from './program.ts';

/** The variables that `harness/lab` has set for this process; they are not meant for what this process starts. */
const OWN = 'MESOS_LAB_OWN';
/** Those that make little in this thread once they run. */
const COLLECTING: readonly unknown[] = ['executor', 'fileserver', 'framework', 'slave'];
/** After this long they have started. */
const STARTED_MS = 1_000;

for (const name of [...(process.env[OWN]?.split(' ') ?? []), OWN]) delete process.env[name];
watchOutput(process.stdout);
await runProgram(process.argv.slice(2));
// Not only at its end: a daemon ends last of all, and those that start meanwhile would compile the same again.
flushCompileCache();
// Nor does a process collect what its start has left, a fifth of what it holds, until it makes as much again; an executor with threads
// makes it there. A master may have to be quick then, with all slaves of another one.
if (COLLECTING.includes(process.argv[2])) setTimeout(() => void collectGarbage(), STARTED_MS).unref();
