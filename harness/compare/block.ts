/** One block of a comparison: what both sides and the control came to, measured as near to each other as can be. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine, ProcessExit } from '../../infra/machine.ts';
import { fixedWorkMs, processorTicks } from '../../infra/stillness.ts';
import { wallClock } from '../../infra/wallClock.ts';
import { BENCHMARKS } from '../bench/catalogue.ts';
import type { Measurement } from '../bench/measurement.ts';
import type { SideBySide } from '../bench/sideBySide.ts';
import type { Block } from '../comparison.ts';
import { PROJECT } from '../run/provenance.ts';
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
  /** Of the fixed work, before and after. */
  readonly fixedMs: readonly number[];
  /** Part of the processors' time that the host gave to others; null if the kernel does not tell. */
  readonly stolen: number | null;
  readonly figures: readonly FigureInBlock[];
}

/** A figure of it. */
export interface FigureInBlock extends Omit<Block, 'seed'> {
  readonly id: string;
  readonly unit: string;
  /** Null if neither side says it, as versions from before benchmarks told it do not. */
  readonly better: Measurement['better'] | null;
  /** What decides how much work it is, on both sides; absent where it is not told. */
  readonly parameters?: { readonly base: Parameters; readonly head: Parameters };
}

type Parameters = Readonly<Record<string, string | number>>;

/** How a block ended. */
export type BlockOutcome =
  | { readonly is: 'measured'; readonly block: MeasuredBlock }
  | {
      readonly is: 'failed';
      readonly side: 'base' | 'head';
      readonly cause: 'failed' | 'infrastructure';
      readonly why: string;
    };

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
  stopping: AbortSignal,
): Promise<BlockOutcome> {
  const clock = wallClock();
  const [before, fixedBefore] = [processorTicks(), fixedWorkMs()];
  const run = processRunner(machine, stopping);
  const measured = await (target.kind === 'rounds'
    ? inTurns(target, sides, seed, run)
    : oneByOne(target, sides, seed, run));
  if (measured.is === 'failed') return measured;
  const [after, fixedAfter] = [processorTicks(), fixedWorkMs()];
  const stolen = before && after && (after.stolen - before.stolen) / Math.max(1, after.all - before.all);
  const { figures } = measured;
  return {
    is: 'measured',
    block: {
      seed,
      wallSeconds: clock.stop().wallSeconds,
      fixedMs: [...fixedBefore, ...fixedAfter],
      stolen: stolen ?? null,
      figures: figures.filter(({ id }) => id === target.id || id.startsWith(`${target.id}/`)),
    },
  };
}

type Failed = BlockOutcome & { readonly is: 'failed' };
type Figures = { readonly is: 'measured'; readonly figures: readonly FigureInBlock[] } | Failed;

/** What a process wrote to its file, or how it failed. */
type Ran<T> =
  | { readonly is: 'ran'; readonly wrote: T }
  | { readonly is: 'ended'; readonly exit: ProcessExit; readonly lines: readonly string[] };

type RunProcess = <T>(program: string, args: (file: string) => readonly string[]) => Promise<Ran<T>>;

function processRunner(machine: Machine, stopping: AbortSignal): RunProcess {
  let started = 0;
  return async <T>(program: string, args: (file: string) => readonly string[]): Promise<Ran<T>> => {
    stopping.throwIfAborted();
    mkdirSync(machine.folder, { recursive: true });
    const file = join(machine.folder, `figures-${started++}.json`);
    rmSync(file, { force: true });
    const process = await machine.start({ name: 'bench', program, arguments: args(file) });
    const stop = (): void => process.signal('SIGKILL');
    stopping.addEventListener('abort', stop);
    const exit = await process.exited;
    stopping.removeEventListener('abort', stop);
    stopping.throwIfAborted();
    if (exit.code !== 0) return { is: 'ended', exit, lines: process.lastLines() };
    return { is: 'ran', wrote: JSON.parse(readFileSync(file, 'utf8')) as T };
  };
}

/** All versions in one process, in turns. */
async function inTurns(
  { name }: Target,
  { base, head }: Sides,
  seed: number,
  run: RunProcess,
): Promise<Figures> {
  const program = join(PROJECT, 'harness', 'node');
  const script = join(import.meta.dirname, '..', 'bench', 'sideBySide.ts');
  const folders = [base.folder, head.folder, base.controlFolder];
  const ran = await run<SideBySide>(program, (file) => [script, name, String(seed), file, ...folders]);
  if (ran.is === 'ended')
    return failure(ran, ran.lines.some((line) => line.includes(head.folder)) ? 'head' : 'base');
  const [ofBase, ofHead, ofControl] = ran.wrote.sides;
  if (ofBase === undefined || ofHead === undefined || ofControl === undefined)
    throw new Error(`the benchmark ${name} has left no figures`);
  const parameters = { base: ofBase.parameters, head: ofHead.parameters };
  const value = (one: typeof ofBase, figure: string): readonly number[] => [
    one.figures[figure] ?? Number.NaN,
  ];
  return {
    is: 'measured',
    figures: Object.keys(ofBase.figures).map((figure) => ({
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

/** Each version in processes of its own, forth and back: A B C C B A, beginning with another one in each block. */
async function oneByOne(
  { id }: Target,
  { base, head }: Sides,
  seed: number,
  run: RunProcess,
): Promise<Figures> {
  const all = [
    { side: 'base', as: 'base', folder: base.folder },
    { side: 'head', as: 'head', folder: head.folder },
    { side: 'base', as: 'control', folder: base.controlFolder },
  ] as const;
  const forth = all.map((_, n) => all[(n + seed) % all.length] as (typeof all)[number]);
  const seen = { base: [], head: [], control: [] } as Record<
    'base' | 'head' | 'control',
    (readonly Measurement[])[]
  >;
  for (const { side, as, folder } of [...forth, ...forth.toReversed()]) {
    const main = join(folder, 'harness', 'bench', 'main.ts');
    const ran = await run<readonly Measurement[]>(join(folder, 'harness', 'node'), (file) => [
      ...[main, id, '--repetitions', '1', '--seed', String(seed), '--json', file],
    ]);
    if (ran.is === 'ended') return failure(ran, side);
    seen[as].push(ran.wrote);
  }
  const of = (all: readonly (readonly Measurement[])[], figure: string): readonly number[] =>
    all.map((one) => one.find((each) => each.id === figure)?.value ?? Number.NaN);
  return {
    is: 'measured',
    figures: (seen.base[0] ?? []).map(({ id: figure, unit, better, parameters }) => {
      const ofHead = seen.head[0]?.find((each) => each.id === figure);
      return {
        id: figure,
        unit,
        better: ofHead?.better ?? better ?? null,
        ...(parameters && { parameters: { base: parameters, head: ofHead?.parameters ?? {} } }),
        base: of(seen.base, figure),
        head: of(seen.head, figure),
        control: of(seen.control, figure),
      };
    }),
  };
}

/** Exit code by which a process says that the machine is at fault. */
const INFRASTRUCTURE = 5;

function failure({ exit, lines }: Ran<unknown> & { readonly is: 'ended' }, side: 'base' | 'head'): Failed {
  const words =
    lines.findLast((line) => /^(\w*Error|error|lab|npm error): /.test(line.trim())) ??
    lines.at(-1) ??
    'it said nothing';
  // Other signals are the code's own doing: it ran out of its memory, or crashed.
  const isMachine = exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' || exit.code === INFRASTRUCTURE;
  const how = exit.signal ?? `exit code ${exit.code}`;
  return {
    is: 'failed',
    side,
    cause: isMachine ? 'infrastructure' : 'failed',
    why: `${how}: ${words.trim()}`,
  };
}
