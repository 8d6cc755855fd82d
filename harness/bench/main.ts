/** `npm run bench`: measures, and prints a table or writes JSON. Names of benchmarks choose among them. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Measurement } from './measurement.ts';

/** By the first part of the ids that they yield. */
const BENCHMARKS: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = {
  virtual: async () => (await import('./virtual.ts')).benchVirtual(),
  speculation: async () => (await import('./speculation.ts')).benchSpeculation(),
  wire: async () => (await import('./wire.ts')).benchWire(),
  allocation: async () => (await import('./allocation.ts')).benchAllocation(),
  http: async () => (await import('./http.ts')).benchHttp(),
  failover: async () => (await import('./failover.ts')).benchFailover(),
  queue: async () => (await import('./queue.ts')).benchQueue(),
  'start-up': async () => (await import('./startUp.ts')).benchStartUp(),
  dfs: async () => (await import('./dfs.ts')).benchDfs(),
  wordcount: async () => (await import('./wordcount.ts')).benchWordcount(),
  iterations: async () => (await import('./iterations.ts')).benchIterations(),
  sort: async () => (await import('./sort.ts')).benchSort(),
  load: async () => (await import('./load.ts')).benchLoad(),
  isolation: async () => (await import('./isolation.ts')).benchIsolation(),
  tachyon: async () => (await import('./mpi.ts')).benchTachyon(),
  hpl: async () => (await import('./mpi.ts')).benchHpl(),
  raytrace: async () => (await import('./mpi.ts')).benchRaytrace(),
  lu: async () => (await import('./mpi.ts')).benchLu(),
};

const program = new Command('bench')
  .description('measure, as medians of several runs')
  .argument('[id...]', `which (default: all): ${Object.keys(BENCHMARKS).join(', ')}, or a whole id`)
  .option('--json <file>', 'write the figures to this file, as {id, value, unit, n, spread}');
await program.parseAsync();
const wanted = program.args;
const chosen = Object.keys(BENCHMARKS).filter(
  (name) => wanted.length === 0 || wanted.some((id) => id === name || id.startsWith(`${name}/`)),
);
const unknown = wanted.filter((id) => !chosen.some((name) => id === name || id.startsWith(`${name}/`)));
if (unknown.length > 0)
  program.error(`there is no benchmark '${unknown[0]}'; there is: ${Object.keys(BENCHMARKS).join(', ')}`);

const figures: Measurement[] = [];
for (const name of chosen) {
  process.stderr.write(`measuring ${name}\n`);
  const all = (await BENCHMARKS[name]?.()) ?? [];
  figures.push(
    ...all.filter(({ id }) => wanted.length === 0 || wanted.includes(name) || wanted.includes(id)),
  );
}
const { json } = program.opts();
if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 1)}\n`);
console.log(`${'figure'.padEnd(44)}${'median'.padStart(12)}  ${'unit'.padEnd(18)}${'n'.padStart(3)}  spread`);
for (const { id, value, unit, n, spread } of figures)
  console.log(
    `${id.padEnd(44)}${format(value).padStart(12)}  ${unit.padEnd(18)}${String(n).padStart(3)}  ${(100 * spread).toFixed(0)} %`,
  );

/** Three digits that count. */
function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
