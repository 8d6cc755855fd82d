/** Runs the files with tests that `npm test` sends to it, one after another; it says how each went as uvu does. */
import fc from 'fast-check';
import type { TestOrder } from './files.ts';

/** What uvu looks for: whether it waits to be told to run, the files with their suites, and which of the files is loading. */
declare global {
  var UVU_DEFER: number;
  var UVU_QUEUE: unknown[][];
  var UVU_INDEX: number;
}

/** Properties are tried with the same values each time, so that whoever meets a failure can meet it again. */
const SEED = 20_110_330;

fc.configureGlobal({ seed: SEED });
globalThis.UVU_DEFER = 1;
const { exec } = await import('uvu');

// Pipes that are opened when they are used first, which is no test's doing.
void [process.stdout, process.stderr];

process.on('message', async ({ name, file, graceMs }: TestOrder) => {
  const before = process.getActiveResourcesInfo();
  globalThis.UVU_QUEUE = [[name]];
  globalThis.UVU_INDEX = 0;
  await import(file);
  await exec();
  process.send?.(await leftOpen(before, graceMs));
});
process.on('disconnect', () => process.exit());

/** What still keeps this process from ending after so long, by its kind, if it was not there before; nothing as soon as nothing does. */
function leftOpen(before: readonly string[], graceMs: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    // It keeps no process from ending.
    const grace = AbortSignal.timeout(graceMs);
    const end = (open: readonly string[]): void => {
      grace.removeEventListener('abort', isOver);
      process.off('beforeExit', couldEnd);
      process.channel?.ref();
      resolve(open);
    };
    // Node's word for it: it lists things, too, that keep nobody, e.g. connections that have ended.
    const couldEnd = (): void => end([]);
    const isOver = (): void => {
      const open = process.getActiveResourcesInfo();
      for (const kind of before) if (open.includes(kind)) open.splice(open.indexOf(kind), 1);
      end(open.length > 0 ? open : ['what Node does not list']);
    };
    grace.addEventListener('abort', isOver);
    process.on('beforeExit', couldEnd);
    process.channel?.unref();
  });
}
