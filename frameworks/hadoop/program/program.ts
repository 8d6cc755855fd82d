/** What the maps and reduces of a job do, as data: which program, and its parameters. */
import * as v from 'valibot';
import { type Immutable, TextSchema } from '../../../mesos/protocol/entities.ts';

const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const MsSchema = v.pipe(v.number(), v.finite(), v.minValue(0));
const DateSchema = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/, 'a date is written YYYY-MM-DD'));

const PatternSchema = v.pipe(
  TextSchema,
  v.minLength(1),
  v.check(
    (pattern) => !pattern.includes('\n'),
    'a pattern is searched within lines and cannot contain a newline',
  ),
);
const DelimiterSchema = v.pipe(v.string(), v.regex(/^[\t -~]$/, 'a delimiter is one ASCII character'));
const FieldSchema = v.pipe(CountSchema, v.maxValue(1000));

export const ProgramSchema = v.variant('type', [
  /** Counts words (see program/wordcount.ts for what a word is). */
  v.object({ type: v.literal('wordcount') }),
  /** Map-only: the lines that contain the pattern, literally, as in SQL's LIKE '%pattern%'; in all of the line or in one field. */
  v.object({
    type: v.literal('textsearch'),
    pattern: PatternSchema,
    within: v.exactOptional(v.object({ delimiter: DelimiterSchema, field: FieldSchema })),
  }),
  /** Map-only: pages of `rankings` with a rank above this. */
  v.object({ type: v.literal('selection'), pageRankAbove: CountSchema }),
  /** Sums the revenues of `uservisits` by address, or by the first bytes of it. */
  v.object({
    type: v.literal('aggregation'),
    prefixBytes: v.exactOptional(v.pipe(CountSchema, v.minValue(1))),
  }),
  /** Joins inputs with the tags `rankings` and `uservisits`, for visits between two dates, both excluded. */
  v.object({ type: v.literal('join'), visitedAfter: DateSchema, visitedBefore: DateSchema }),
  /** Of what the join wrote: by address, the mean of the ranks and the sum of the revenues. */
  v.object({ type: v.literal('revenuePerSource') }),
  /** Of what that wrote: the lines with the largest revenues. */
  v.object({
    type: v.literal('topRevenue'),
    limit: v.pipe(CountSchema, v.minValue(1), v.maxValue(100_000)),
  }),
  /** Sorts lines. With bounds, in order, one fewer than reduces, each reduce has a range of its own. */
  v.object({
    type: v.literal('sort'),
    bounds: v.exactOptional(v.pipe(v.array(TextSchema), v.maxLength(10_000))),
  }),
  /** A step of logistic regression over examples (workloads/logisticRegression.ts), from the side file `weights`, or from 0. */
  v.object({
    type: v.literal('gradientStep'),
    dimensions: v.pipe(CountSchema, v.minValue(2), v.maxValue(4_000_000)),
    rate: v.pipe(v.number(), v.finite(), v.gtValue(0)),
    l2: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  /** Virtual time: tasks that only take time. */
  v.object({
    type: v.literal('model'),
    /** Half of it before the first map may run, half after the last task (workloads/jobs.ts). */
    setUpMs: MsSchema,
    /** Mean length of a map that reads a local block. */
    mapMs: MsSchema,
    /** Mean length of a map that reads a remote block. */
    remoteMapMs: MsSchema,
    /** Mean length of a reduce, shuffle included. */
    reduceMs: MsSchema,
    /** Coefficient of variation of the lengths (log-normal). */
    cv: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(10)),
    /** Of attempts, not of tasks: so many take so many times as long, wherever they run. A copy is as likely to as its first. */
    straggling: v.exactOptional(
      v.object({
        probability: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
        slowdown: v.pipe(v.number(), v.minValue(1), v.maxValue(1_000)),
      }),
    ),
  }),
]);
/** What the maps and reduces of a job do. */
export type Program = Immutable<v.InferOutput<typeof ProgramSchema>>;

/** What is known of a program without its code. */
interface ProgramKind {
  /** What it does, in words: `counts words`. */
  readonly does: string;
  readonly reduces: 'none' | 'one' | 'some' | 'any';
}

const KINDS: Readonly<Record<Program['type'], ProgramKind>> = {
  wordcount: { does: 'counts words', reduces: 'some' },
  textsearch: { does: 'searches text', reduces: 'none' },
  selection: { does: 'selects rows', reduces: 'none' },
  aggregation: { does: 'sums revenues', reduces: 'some' },
  join: { does: 'joins tables', reduces: 'some' },
  revenuePerSource: { does: 'sums revenues', reduces: 'some' },
  topRevenue: { does: 'finds the largest revenues', reduces: 'one' },
  sort: { does: 'sorts lines', reduces: 'some' },
  gradientStep: { does: 'sums gradients', reduces: 'some' },
  model: { does: 'takes time', reduces: 'any' },
};

/** What is wrong with so many reduces for a program, as the end of a sentence about its job; undefined: nothing. */
export function whyNotReduces(program: Program, reduces: number): string | undefined {
  const { does, reduces: wanted } = KINDS[program.type];
  switch (wanted) {
    case 'none':
      return reduces > 0 ? `${does} and cannot have reduces: its maps write the output` : undefined;
    case 'one':
      return reduces !== 1 ? `${does} and needs exactly one reduce, not ${reduces}` : undefined;
    case 'some':
      if (reduces === 0) return `${does} and needs at least one reduce`;
      return program.type === 'sort' ? whyNotBounds(program.bounds, reduces) : undefined;
    case 'any':
      return undefined;
    default:
      return wanted satisfies never;
  }
}

function whyNotBounds(bounds: readonly string[] | undefined, reduces: number): string | undefined {
  if (bounds === undefined) return undefined;
  if (bounds.length >= reduces)
    return `sorts lines into ${bounds.length + 1} ranges and needs as many reduces, not ${reduces}`;
  const ascending = bounds.every((bound, at) => {
    const before = bounds[at - 1];
    return before === undefined || Buffer.compare(Buffer.from(before), Buffer.from(bound)) < 0;
  });
  return ascending ? undefined : 'sorts lines by bounds that do not ascend; sort them by their bytes';
}
