/** Which blocks to measure of which target, until it is clear what to say of their figures or time is out. */
import type {
  Block,
  FailedComparison,
  NoiseScore,
  TimedComparison,
  UnmatchedComparison,
} from '../comparison.ts';
import type { Progress, ProgressDisplay } from '../run/progress.ts';
import { noiseOf } from '../statistics/noise.ts';
import { BLOCKS_MIN, type Look, lookAt, plannedLooks } from '../statistics/spending.ts';
import type { BlockOutcome, Limits, MeasuredBlock, Target } from './block.ts';
import { limitBy } from './failure.ts';
import { controlLogs, isClear, judge, type TimedFigure } from './judge.ts';
import { differingParameter, unmatched, withoutRatio } from './matching.ts';

/** What there is to measure. */
export interface SessionPlan {
  readonly targets: readonly Target[];
  /** For all targets together. */
  readonly budgetSeconds: number;
  /** Blocks of each target at most; default 60: more would find what nobody wants to know. */
  readonly blocksMax?: number;
  /** From which part on an effect counts, by the figure's id. */
  readonly threshold: (id: string) => number;
  /** For the intervals that are shown; no verdict depends on them. Default: as many as they need. */
  readonly resamples?: number;
  readonly display: Pick<ProgressDisplay, 'start'>;
}

/** Measures a block, or reads what was measured of it before. */
export type MeasureBlock = (target: Target, seed: number, limits: Limits) => Promise<BlockOutcome>;

/** What it came to. */
export interface TimedResult {
  readonly figures: readonly (TimedComparison | FailedComparison | UnmatchedComparison)[];
  /** Null if too little was measured to tell. */
  readonly noise: NoiseScore | null;
  /** Why figures must not be compared. */
  readonly incomparable: readonly string[];
  /** Targets that there was no time for. */
  readonly left: readonly string[];
}

const BLOCKS_MAX = 60;
/** However quick the base is, a process may take so long before it is ended. */
const LEAST_LIMIT_SECONDS = 60;
/** Blocks after which it is known how many there is time for: the first has cold caches. */
const BLOCKS_TO_PLAN_BY = 2;

/** A target under way. */
interface Course {
  readonly target: Target;
  readonly progress: Progress;
  readonly blocks: MeasuredBlock[];
  /** 0 until it is known. */
  blocksPlanned: number;
  looks: readonly Look[];
  state: 'under way' | 'clear' | 'out of time' | 'failed';
  failure?: FailedComparison;
}

/** Lets the targets take turns. Rejects only if `measure` does. */
export async function runSession(plan: SessionPlan, measure: MeasureBlock): Promise<TimedResult> {
  const courses = plan.targets.map(
    (target): Course => ({
      target,
      progress: plan.display.start(target.id),
      blocks: [],
      blocksPlanned: 0,
      looks: [],
      state: 'under way',
    }),
  );
  while (courses.some(({ state }) => state === 'under way'))
    for (const course of courses)
      if (course.state === 'under way') await advance(course, courses, plan, measure);
  return resultOf(courses, plan);
}

/** Measures one more block, or finds that there is no need or no time. */
async function advance(
  course: Course,
  courses: readonly Course[],
  session: SessionPlan,
  measure: MeasureBlock,
): Promise<void> {
  const { target, blocks, progress } = course;
  const { budgetSeconds, blocksMax } = session;
  const spent = courses.reduce((sum, one) => sum + secondsOf(one.blocks), 0);
  if (spent >= budgetSeconds) return end(course, 'out of time', session);
  const outcome = await measure(target, blocks.length + 1, limitsOf(course, session));
  if (outcome.is === 'failed') {
    course.failure = outcome.failure;
    return end(course, 'failed', session);
  }
  blocks.push(outcome.block);
  // More blocks would not have it either.
  if (outcome.block.figures.length === 0) return end(course, 'clear', session);
  if (blocks.length >= BLOCKS_TO_PLAN_BY) plan(course, budgetSeconds / courses.length, blocksMax);
  const most = course.blocksPlanned || BLOCKS_MAX;
  progress.report(blocks.length, most, `block ${blocks.length} of ${most} at most`);
  const isLook = course.looks.some((look) => look.blocks === blocks.length);
  if (isLook && areClear(course, courses, session)) return end(course, 'clear', session);
  if (blocks.length === course.blocksPlanned) end(course, 'out of time', session);
}

/** Of a process: no block so far has taken longer than its limit allows for, and the first may take the whole budget. */
function limitsOf({ blocks }: Course, { budgetSeconds }: SessionPlan): Limits {
  const longest = Math.max(0, ...blocks.map(({ wallSeconds }) => wallSeconds));
  const firstSeconds =
    blocks.length === 0
      ? Math.max(LEAST_LIMIT_SECONDS, budgetSeconds)
      : limitBy(longest, LEAST_LIMIT_SECONDS);
  return { firstSeconds, leastSeconds: LEAST_LIMIT_SECONDS };
}

/**
 * How many blocks there is time for, and when to look at them. A machine becomes slower and faster: until the first look it is planned
 * anew after each block, by nothing but the time that they took; after it the plan stands.
 */
function plan(course: Course, seconds: number, blocksMax = BLOCKS_MAX): void {
  const { blocks, looks } = course;
  const isLooked = looks[0] !== undefined && looks[0].blocks < blocks.length;
  if (isLooked) return;
  const each = secondsOf(blocks) / blocks.length;
  const blocksPlanned = Math.min(blocksMax, Math.max(BLOCKS_MIN, Math.floor(seconds / each)));
  const anew = plannedLooks(blocksPlanned);
  // A first look that would have been earlier comes when it was planned before.
  if ((anew[0]?.blocks ?? 0) < blocks.length) return;
  course.blocksPlanned = blocksPlanned;
  course.looks = anew;
}

function secondsOf(blocks: readonly MeasuredBlock[]): number {
  return blocks.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
}

function end(course: Course, state: Course['state'], session: SessionPlan): void {
  course.state = state;
  const seconds = Math.round(secondsOf(course.blocks));
  const [figure] = figuresOf(course, session).sound;
  const seen = figure === undefined ? '' : `, ${course.blocks.length} blocks in ${seconds} s`;
  course.progress.end(course.failure === undefined ? `${state}${seen}` : `failed: ${course.failure.why}`);
}

function areClear(course: Course, courses: readonly Course[], session: SessionPlan): boolean {
  const own = figuresOf(course, session).sound;
  // Those that were not measured yet count as well.
  const comparisons = courses.reduce(
    (sum, one) => sum + Math.max(1, figuresOf(one, session).sound.length),
    0,
  );
  return own.every((figure) => isClear(figure, comparisons));
}

interface Found {
  readonly sound: readonly TimedFigure[];
  readonly unsound: readonly (FailedComparison | UnmatchedComparison)[];
  readonly incomparable: readonly string[];
}

function figuresOf({ target, blocks, blocksPlanned, looks, failure }: Course, session: SessionPlan): Found {
  const { threshold, budgetSeconds, blocksMax = BLOCKS_MAX, targets } = session;
  const sound: TimedFigure[] = [];
  const unsound: (FailedComparison | UnmatchedComparison)[] = failure === undefined ? [] : [failure];
  const incomparable: string[] = [];
  if (blocks[0]?.figures.length === 0) unsound.push(unmatched(target.id, 'figure', false, false));
  const look = lookAt(blocks.length, looks);
  const budgetSecondsPerBlock = (targets.length * secondsOf(blocks)) / Math.max(1, blocks.length);
  const pace = { budgetSeconds, budgetSecondsPerBlock, blocksMax };
  for (const { id, unit, better, parameters, base, head } of blocks[0]?.figures ?? []) {
    const own = blocks.map(({ seed, figures }): Block => {
      const { base = [], head = [], control = [] } = figures.find((one) => one.id === id) ?? {};
      return { seed, base, head, control };
    });
    const other = parameters && differingParameter(parameters.base, parameters.head);
    const noRatio = withoutRatio(id, own);
    if (base.length === 0 || head.length === 0)
      unsound.push(unmatched(id, 'figure', base.length > 0, head.length > 0));
    else if (other !== undefined) incomparable.push(`${id}: ${other}`);
    else if (noRatio !== undefined) unsound.push(noRatio);
    else sound.push({ id, unit, better, blocks: own, blocksPlanned, look, threshold: threshold(id), pace });
  }
  return { sound, unsound, incomparable };
}

function resultOf(courses: readonly Course[], session: SessionPlan): TimedResult {
  const found = courses.map((course) => figuresOf(course, session));
  const sound = found.flatMap((one) => one.sound);
  const taken = courses.flatMap(({ blocks }) => blocks.flatMap((block) => block.taken ?? []));
  return {
    figures: [...judge(sound, session.resamples), ...found.flatMap(({ unsound }) => unsound)],
    noise: noiseOf(
      sound.map(({ blocks }) => controlLogs(blocks)),
      taken,
    ),
    incomparable: found.flatMap(({ incomparable }) => incomparable),
    left: courses
      .filter(({ blocks, state }) => blocks.length === 0 && state !== 'failed')
      .map(({ target }) => target.id),
  };
}
