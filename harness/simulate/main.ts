/** `npm run simulate`: runs seeded simulations, and says how to replay those that find something. */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { wallClock } from '../../infra/wallClock.ts';
import { EXIT } from '../command/exit.ts';
import { simulate } from './simulation.ts';

const SEED_MAX = 2 ** 31;
/** How often to tell how far it is. */
const SEEDS_PER_NOTE = 100;
const HOUR_MS = 3_600_000;

const program = new Command('simulate')
  .description('run random clusters with faults in virtual time, and check what they did')
  .option('--seeds <n>', 'number of simulations', wholeNumber(1, 1_000_000), 100)
  .option('--first-seed <n>', 'seed of the first; the others follow', wholeNumber(0, SEED_MAX), 1)
  .option('--history <file>', 'write the history of the last simulation to this file, as NDJSON');
await program.parseAsync();
const { seeds, firstSeed, history: historyFile } = program.opts();

const clock = wallClock();
let virtualMs = 0;
let events = 0;
let failed = 0;
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  const simulation = simulate(seed);
  virtualMs += simulation.virtualMs;
  events += simulation.events;
  for (const { check, detail } of simulation.findings) console.log(`seed ${seed}: ${check}: ${detail}`);
  if (simulation.findings.length > 0) {
    failed++;
    console.log(`replay: npm run simulate -- --seeds 1 --first-seed ${seed}`);
  }
  const done = seed - firstSeed + 1;
  if (done % SEEDS_PER_NOTE === 0 && done < seeds) process.stderr.write(`${done} of ${seeds} seeds\n`);
  if (historyFile !== undefined && done === seeds)
    writeFileSync(historyFile, simulation.history.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
const { wallSeconds } = clock.stop();
console.log(
  `${seeds} seeds from ${firstSeed}: ${(virtualMs / HOUR_MS).toFixed(1)} hours of virtual time, ${events} events, ` +
    `${wallSeconds.toFixed(1)} s; ${failed === 0 ? 'nothing found' : `${failed} seeds with findings`}`,
);
if (failed > 0) process.exitCode = EXIT.failed;

/** Reads a whole number in a range. */
function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return value;
  };
}
