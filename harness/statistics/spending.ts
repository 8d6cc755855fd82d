/**
 * When to look at a measurement that is still under way, and how much chance of a false alarm each look may spend (alpha spending,
 * Lan and DeMets 1983). What the looks spend adds up to the whole, so that the chance of a false alarm at any of them is at most
 * that, whatever the test and however the looks depend on each other.
 */

/** The chance of a false alarm that a session as a whole may have. */
export const ALPHA = 0.05;
/** With fewer blocks the rank test cannot tell anything: its p is at least 1/16 with five. */
export const BLOCKS_MIN = 6;
/** Parts of the blocks after which to look. Few, since each look takes from the others; the first not before it can tell something. */
const LOOKS_AT = [0.2, 0.4, 0.7, 1] as const;
/** Power of the part of the blocks that has been seen: 2 spends some early, 3 is close to O'Brien and Fleming (Kim and DeMets 1987). */
const POWER = 2;

/** What is left for the last look of a session that had all of its looks. */
export const LAST_LOOK_ALPHA = ALPHA * (1 - LOOKS_AT[2] ** POWER);

/** A look. */
export interface Look {
  /** Blocks that have been measured. */
  readonly blocks: number;
  /** A p-value up to this counts. */
  readonly alpha: number;
}

/** The looks at a measurement of at most so many blocks, at least {@link BLOCKS_MIN}. The last is at the end. */
export function plannedLooks(blocksMax: number): readonly Look[] {
  if (blocksMax < BLOCKS_MIN)
    throw new RangeError(`${blocksMax} blocks are too few to look at: ${BLOCKS_MIN} at least`);
  const at = LOOKS_AT.map((part) => Math.max(BLOCKS_MIN, Math.round(part * blocksMax)));
  const spent = (blocks: number): number => ALPHA * (blocks / blocksMax) ** POWER;
  const times = [...new Set(at)];
  return times.map((blocks, n) => ({
    blocks,
    alpha: spent(blocks) - (n === 0 ? 0 : spent(times[n - 1] as number)),
  }));
}

/**
 * The look at so many blocks. One that was not planned is the last, since time is out: it spends all that earlier ones left.
 * Undefined if there are too few blocks for any.
 */
export function lookAt(blocks: number, planned: readonly Look[]): Look | undefined {
  if (blocks < BLOCKS_MIN) return undefined;
  const look = planned.find((one) => one.blocks === blocks);
  if (look !== undefined) return look;
  const spent = planned.filter((one) => one.blocks < blocks).reduce((sum, { alpha }) => sum + alpha, 0);
  return { blocks, alpha: ALPHA - spent };
}

/** The p-value of a look on the scale of the whole session: at most {@link ALPHA} exactly if it counts at that look. */
export function sessionP(p: number, { alpha }: Look): number {
  return Math.min(1, (p * ALPHA) / alpha);
}
