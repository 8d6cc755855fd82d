/** `npm run bench`: measures, and prints a table or writes JSON. Names of benchmarks choose among them. */
import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { BenchPlan } from './benchPlan.ts';
import { BENCHMARKS, type Benchmark } from './catalogue.ts';
import type { Measurement } from './measurement.ts';
import { benchRounds } from './rounds.ts';

// Who started it may die in any way: then nobody wants the figures.
if (process.env.MESOS_LAB_PARENT === 'stdin')
  process.stdin
    .on('close', () => process.exit())
    .resume()
    .unref();

const program = new Command('bench')
  .description('measure, as medians of several runs')
  .argument('[id...]', `which (default: all): ${Object.keys(BENCHMARKS).join(', ')}, or a whole id`)
  .option(
    '--json <file>',
    'write the figures to this file, as {id, value, unit, better, interval, n, spread}',
  )
  .option('--repetitions <n>', 'of each, where a benchmark lets one choose', whole)
  .option('--seed <n>', 'of what is drawn', whole, 1);
await program.parseAsync();
const wanted = program.args;
const chosen = Object.keys(BENCHMARKS).filter(
  (name) => wanted.length === 0 || wanted.some((id) => id === name || id.startsWith(`${name}/`)),
);
const unknown = wanted.filter((id) => !chosen.some((name) => id === name || id.startsWith(`${name}/`)));
if (unknown.length > 0)
  program.error(`there is no benchmark '${unknown[0]}'; there is: ${Object.keys(BENCHMARKS).join(', ')}`);

const { json, repetitions, seed } = program.opts();
const plan: BenchPlan = { seed, wants, ...(repetitions !== undefined && { repetitions }) };
const figures: Measurement[] = [];
for (const name of chosen) {
  process.stderr.write(`measuring ${name}\n`);
  const all = await measure(name, BENCHMARKS[name] as Benchmark);
  figures.push(...all.filter(({ id }) => wants(id)));
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 1)}\n`);
console.log(
  `${'figure'.padEnd(44)}${'median'.padStart(12)}  ${'unit'.padEnd(18)}${'n'.padStart(3)}  ${'interval'.padEnd(20)}  spread`,
);
for (const { id, value, unit, interval, n, spread } of figures) {
  const bounds = interval === null ? 'none' : `[${interval.map(format).join(', ')}]`;
  console.log(
    `${id.padEnd(44)}${format(value).padStart(12)}  ${unit.padEnd(18)}${String(n).padStart(3)}  ${bounds.padEnd(20)}  ${(100 * spread).toFixed(0)}%`,
  );
}

/** Three digits that count. */
function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Is this figure asked for, or a part of what it belongs to? */
function wants(id: string): boolean {
  return wanted.length === 0 || wanted.some((one) => id === one || id.startsWith(`${one}/`));
}

async function measure(name: string, benchmark: Benchmark): Promise<readonly Measurement[]> {
  switch (benchmark.kind) {
    case 'rounds':
      return benchRounds(name, await benchmark.load(), plan);
    case 'whole':
      return benchmark.run(plan);
    default:
      return benchmark satisfies never;
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
