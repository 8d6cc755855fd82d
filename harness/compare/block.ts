/** One block of a comparison: what both sides and the control came to, measured as near to each other as can be. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../infra/machine.ts';
import { processorTicks, takenByOthers } from '../../infra/stillness.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { BENCHMARKS } from '../bench/catalogue.ts';
import type { Measurement } from '../bench/measurement.ts';
import type { SideBySide } from '../bench/sideBySide.ts';
import type { Block, FailedComparison } from '../comparison.ts';
import { PROJECT } from '../run/provenance.ts';
import { blamed, ending, type Failure, failureOf, limitBy } from './failure.ts';
import type { CodeSide } from './side.ts';

/** What is measured: a benchmark, or some of its figures. */
export interface Target {
  /** As the user said, e.g. `launch` or `allocation/1k-100`. */
  readonly id: string;
  /** The benchmark. */
  readonly name: string;
  readonly kind: 'rounds' | 'whole';
}

/** What is stored of a block. */
export interface MeasuredBlock {
  readonly seed: number;
  readonly wallSeconds: number;
  /** Part of the processors' time that went to others; null if the kernel does not tell. */
  readonly taken: number | null;
  readonly figures: readonly FigureInBlock[];
}

/** A figure of it. */
export interface FigureInBlock extends Omit<Block, 'seed'> {
  readonly id: string;
  readonly unit: string;
  /** Null if neither side says it, as versions from before benchmarks told it do not. */
  readonly better: Measurement['better'] | null;
  /** What decides how much work it is, on both sides; absent where the base does not tell. */
  readonly parameters?: { readonly base: Parameters; readonly head: Parameters };
}

type Parameters = Readonly<Record<string, string | number>>;

/** How a block ended. */
export type BlockOutcome =
  | { readonly is: 'measured'; readonly block: MeasuredBlock }
  | { readonly is: 'failed'; readonly failure: FailedComparison };

/** How long a process may take before it is ended. */
export interface Limits {
  /** While it is not known how long the base takes. */
  readonly firstSeconds: number;
  /** However quick the base is. */
  readonly leastSeconds: number;
}

/** Both sides. */
export interface Sides {
  readonly base: CodeSide;
  readonly head: CodeSide;
}

/** The target that a user names; undefined if there is no such benchmark. */
export function targetOf(id: string): Target | undefined {
  const [name = ''] = id.split('/');
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  return benchmark && { id, name, kind: benchmark.kind };
}

/** Measures a block in processes of the machine. Rejects only if `stopping` is aborted. */
export async function measureBlock(
  target: Target,
  sides: Sides,
  seed: number,
  machine: Machine,
  limits: Limits,
  stopping: AbortSignal,
): Promise<BlockOutcome> {
  const clock = wallClock();
  const before = processorTicks();
  const run = processRunner(machine, stopping);
  const measured = await (target.kind === 'rounds'
    ? inTurns(target, sides, seed, limits, run)
    : oneByOne(target, sides, seed, limits, run));
  if (measured.is === 'failed') return measured;
  const after = processorTicks();
  const { figures } = measured;
  return {
    is: 'measured',
    block: {
      seed,
      wallSeconds: clock.stop().wallSeconds,
      taken: before && after ? takenByOthers(before, after) : null,
      figures: figures.filter(({ id }) => id === target.id || id.startsWith(`${target.id}/`)),
    },
  };
}

type Figures =
  | { readonly is: 'measured'; readonly figures: readonly FigureInBlock[] }
  | (BlockOutcome & { readonly is: 'failed' });

/** What a process wrote to its file, or how it failed. */
type Ran<T> =
  | { readonly is: 'ran'; readonly wrote: T; readonly seconds: number }
  | { readonly is: 'ended'; readonly failure: Failure };

type RunProcess = <T>(
  program: string,
  args: (file: string) => readonly string[],
  limitSeconds: number,
) => Promise<Ran<T>>;

function processRunner(machine: Machine, stopping: AbortSignal): RunProcess {
  let started = 0;
  return async <T>(
    program: string,
    args: (file: string) => readonly string[],
    limitSeconds: number,
  ): Promise<Ran<T>> => {
    stopping.throwIfAborted();
    mkdirSync(machine.folder, { recursive: true });
    const file = join(machine.folder, `figures-${started++}.json`);
    rmSync(file, { force: true });
    const clock = wallClock();
    const process = await machine.start({ name: 'bench', program, arguments: args(file) });
    const ended = await ending(process, limitSeconds, stopping);
    if (ended.exit.code !== 0)
      return { is: 'ended', failure: failureOf(ended, process.lastLines(), limitSeconds) };
    const wrote = JSON.parse(readFileSync(file, 'utf8')) as T;
    return { is: 'ran', wrote, seconds: clock.stop().wallSeconds };
  };
}

/** All versions in one process, in turns. */
async function inTurns(
  target: Target,
  { base, head }: Sides,
  seed: number,
  limits: Limits,
  run: RunProcess,
): Promise<Figures> {
  const { name } = target;
  const program = join(PROJECT, 'harness', 'node');
  const script = join(import.meta.dirname, '..', 'bench', 'sideBySide.ts');
  const withFolders = <T>(folders: readonly string[], limit: number): Promise<Ran<T>> =>
    run<T>(program, (file) => [script, name, String(seed), file, ...folders], limit);
  const ran = await withFolders<SideBySide>(
    [base.folder, head.folder, base.controlFolder],
    limits.firstSeconds,
  );
  if (ran.is === 'ended')
    return failed(target, ran.failure, limits, (side, limit) =>
      withFolders([side === 'base' ? base.folder : head.folder], limit),
    );
  const [ofBase, ofHead, ofControl] = ran.wrote.sides;
  if (ofBase === undefined || ofHead === undefined || ofControl === undefined)
    throw new Error(`the benchmark ${name} has left no figures`);
  const parameters = { base: ofBase.parameters, head: ofHead.parameters };
  const value = (one: typeof ofBase, figure: string): readonly number[] =>
    [one.figures[figure]].filter((found) => found !== undefined && found !== null);
  const names = new Set([...Object.keys(ofBase.figures), ...Object.keys(ofHead.figures)]);
  return {
    is: 'measured',
    figures: [...names].map((figure) => ({
      id: `${name}/${figure}`,
      unit: ran.wrote.unit,
      better: ran.wrote.better,
      parameters,
      base: value(ofBase, figure),
      head: value(ofHead, figure),
      control: value(ofControl, figure),
    })),
  };
}

/** Each version in processes of its own, forth and back: A B C C B A, beginning with another one in each block, first with the base. */
async function oneByOne(
  target: Target,
  { base, head }: Sides,
  seed: number,
  limits: Limits,
  run: RunProcess,
): Promise<Figures> {
  const all = [
    { as: 'base', folder: base.folder },
    { as: 'head', folder: head.folder },
    { as: 'control', folder: base.controlFolder },
  ] as const;
  const forth = all.map((_, n) => all[(n + seed - 1) % all.length] as (typeof all)[number]);
  const seen = { base: [], head: [], control: [] } as Record<
    'base' | 'head' | 'control',
    (readonly Measurement[])[]
  >;
  const runIn = (folder: string, limit: number): Promise<Ran<readonly Measurement[]>> =>
    run<readonly Measurement[]>(
      join(folder, 'harness', 'node'),
      (file) => [
        join(folder, 'harness', 'bench', 'main.ts'),
        target.id,
        ...['--repetitions', '1', '--seed', String(seed), '--json', file],
      ],
      limit,
    );
  let limit = limits.firstSeconds;
  for (const { as, folder } of [...forth, ...forth.toReversed()]) {
    const ran = await runIn(folder, limit);
    if (ran.is === 'ended')
      return failed(target, ran.failure, limits, (side, own) =>
        runIn(side === 'base' ? base.folder : head.folder, own),
      );
    if (as !== 'head') limit = limitBy(ran.seconds, limits.leastSeconds);
    seen[as].push(ran.wrote);
  }
  const of = (runs: readonly (readonly Measurement[])[], figure: string): readonly number[] =>
    runs.flatMap((one) => one.find(({ id }) => id === figure)?.value ?? []);
  const figures = new Map([...(seen.head[0] ?? []), ...(seen.base[0] ?? [])].map((one) => [one.id, one]));
  return {
    is: 'measured',
    figures: [...figures.values()].map(({ id, unit, better = null, parameters }) => {
      const ofHead = seen.head[0]?.find((one) => one.id === id);
      return {
        ...{ id, unit, better: ofHead?.better ?? better },
        ...(parameters && { parameters: { base: parameters, head: ofHead?.parameters ?? {} } }),
        base: of(seen.base, id),
        head: of(seen.head, id),
        control: of(seen.control, id),
      };
    }),
  };
}

/** Something failed while both sides were measured: each does the same once more alone, so that it is known whose failure it is. */
async function failed(
  { id }: Target,
  together: Failure,
  { firstSeconds, leastSeconds }: Limits,
  alone: (side: 'base' | 'head', limitSeconds: number) => Promise<Ran<unknown>>,
): Promise<Figures> {
  const base = await alone('base', firstSeconds);
  const head = await alone('head', base.is === 'ran' ? limitBy(base.seconds, leastSeconds) : firstSeconds);
  const [one, other] = [base, head].map((ran) => (ran.is === 'ended' ? ran.failure : undefined));
  if (one !== undefined || other !== undefined) return { is: 'failed', failure: blamed(id, one, other) };
  const verdict = together.cause === 'infrastructure' ? 'infrastructure' : 'inconclusive';
  return { is: 'failed', failure: { kind: 'failed', id, side: 'neither', verdict, why: together.why } };
}
