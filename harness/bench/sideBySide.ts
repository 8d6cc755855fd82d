/**
 * A process in which several versions of the code take turns at a benchmark made of rounds, for `lab compare`. Given are the benchmark,
 * a seed, the file for what was measured, and the versions' folders. Each version brings its own benchmark along.
 *
 * The turns go through the versions forth and back (A B C C B A), beginning with another one each time; and what is told of a version is
 * its ratio to the first one in the same turn, over all turns. So what the machine does beside it, for longer than a turn, hardly counts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { median } from '../statistics/quantile.ts';
import type { Benchmark } from './catalogue.ts';
import type { RoundsBenchmark } from './rounds.ts';

/** What it leaves, in the order of the versions. */
export interface SideBySide {
  readonly unit: string;
  readonly better: RoundsBenchmark['better'];
  readonly sides: readonly {
    readonly parameters: RoundsBenchmark['parameters'];
    /** By the last part of the figure's id. */
    readonly figures: Readonly<Record<string, number>>;
  }[];
}

/** Turns before those that count: the compiler has to see the code in use. */
const WARM_UP_TURNS = 10;
const TURNS = 20;

type Figures = Readonly<Record<string, number>>;

/** Lets them take turns. They start in the given order. */
async function takeTurns(
  benchmarks: readonly RoundsBenchmark[],
  order: readonly number[],
  seed: number,
): Promise<SideBySide> {
  const random = seededRandom(`side by side ${seed}`);
  const started = new Map(order.map((n) => [n, benchmarks[n]?.start(seed)]));
  const all = benchmarks.map((_, n) => started.get(n));
  const turns: (readonly (readonly Figures[])[])[] = [];
  for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
    const first = Math.floor(random.uniform() * all.length);
    const forth = all.map((_, n) => (n + first) % all.length);
    const seen = all.map((): Figures[] => []);
    for (const n of [...forth, ...forth.toReversed()]) seen[n]?.push(all[n]?.round() ?? {});
    if (turn >= WARM_UP_TURNS) turns.push(seen);
    // Whoever started this may be gone.
    await setImmediate();
  }
  // Versions need not have the same figures.
  const namesOf = (n: number): readonly string[] => Object.keys(turns[0]?.[n]?.[0] ?? {});
  return {
    unit: benchmarks[0]?.unit ?? '',
    // Versions from before it was told have rounds of which less is better.
    better: benchmarks.find((one) => 'better' in one)?.better ?? 'lower',
    sides: benchmarks.map(({ parameters }, n) => ({
      parameters,
      figures: Object.fromEntries(
        namesOf(n).map((name) => [name, figureOf(turns, n, namesOf(0).includes(name) ? 0 : n, name)]),
      ),
    })),
  };
}

/** Of a side, from its ratio to another one in each turn. */
function figureOf(
  turns: readonly (readonly (readonly Figures[])[])[],
  side: number,
  reference: number,
  name: string,
): number {
  const values = (turn: readonly (readonly Figures[])[], n: number): readonly number[] =>
    (turn[n] ?? []).map((figures) => Math.max(LEAST, figures[name] ?? Number.NaN));
  const logOf = (turn: readonly (readonly Figures[])[], n: number): number =>
    values(turn, n).reduce((sum, value) => sum + Math.log(value), 0) / 2;
  const first = median(turns.flatMap((turn) => values(turn, reference)));
  return first * Math.exp(median(turns.map((turn) => logOf(turn, side) - logOf(turn, reference))));
}

/** A clock may say of a round that it took no time. */
const LEAST = 1e-3;

async function load(folder: string, name: string): Promise<RoundsBenchmark> {
  const path = join(folder, 'harness', 'bench', 'catalogue.ts');
  const { BENCHMARKS } = (await import(pathToFileURL(path).href)) as {
    readonly BENCHMARKS: Readonly<Record<string, Benchmark>>;
  };
  const benchmark = BENCHMARKS[name];
  if (benchmark?.kind !== 'rounds') throw new Error(`${folder} has no benchmark ${name} made of rounds`);
  return benchmark.load();
}

if (import.meta.main) {
  if (process.env.MESOS_LAB_PARENT === 'stdin') process.stdin.on('close', () => process.exit()).resume();
  const [name = '', seed, file = '', ...folders] = process.argv.slice(2);
  // What is loaded or started first may have it easier, or harder, by its place in memory: each has its turn.
  const benchmarks = new Map<number, RoundsBenchmark>();
  const order = folders.map((_, n) => (n + Number(seed)) % folders.length);
  for (const n of order) benchmarks.set(n, await load(folders[n] as string, name));
  const result = await takeTurns(
    folders.map((_, n) => benchmarks.get(n) as RoundsBenchmark),
    order,
    Number(seed),
  );
  writeFileSync(file, JSON.stringify(result));
  process.exit();
}
