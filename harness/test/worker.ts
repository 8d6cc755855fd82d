/** Runs the files with tests that `npm test` sends to it, one after another; it says how each went as uvu does. */
import fc from 'fast-check';

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

let running = false;
process.on('message', async ({ name, file }: { readonly name: string; readonly file: string }) => {
  running = true;
  globalThis.UVU_QUEUE = [[name]];
  globalThis.UVU_INDEX = 0;
  await import(file);
  await exec();
  running = false;
});
process.on('disconnect', () => {
  if (running) process.exit(1);
});
