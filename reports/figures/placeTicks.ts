/** Ticks of an axis of numbers, where the values are. */
import { figures } from '../words.ts';

/** The most places that get a tick each. */
const TICKS_MAX = 10;

/** An axis with a tick at each of these places, in ascending order; round ticks if they are many. */
export function placeTicks(places: readonly number[]) {
  return {
    // Vega rounds '~f' to the step of the ticks, but here these are where the values are.
    format: ',.6~r',
    labelOverlap: 'greedy' as const,
    ...(places.length <= TICKS_MAX
      ? { values: [...places], labelExpr: besidesLast(places.at(-1) ?? 0) }
      : { tickCount: 7 }),
  };
}

/** The labels but those that leave no room for the last, which Vega would leave out instead: an expression. */
function besidesLast(last: number): string {
  const room = 7 * figures(last).length + 8;
  return `datum.value < ${last} && scale('x', ${last}) - scale('x', datum.value) < ${room} ? '' : datum.label`;
}
