/** How lines and groups that are no frameworks are told apart. */
import { COLOUR, frameworkColour } from './theme.ts';

/** What a line or group is: ours in a colour of its own, the paper's, static partitions, a formula, or one framework's. */
export type Look = 'ours' | 'paper' | 'static' | 'model' | { readonly framework: string };

/** Colours of what is ours, in this order; more start over. */
const OURS = [
  COLOUR.mesos,
  'var(--framework-2)',
  'var(--framework-3)',
  'var(--framework-4)',
  'var(--framework-5)',
  'var(--framework-6)',
  'var(--framework-7)',
] as const;

/** The colours of several looks: the second of two that are ours gets the second colour, and so on. */
export function coloursOf(looks: readonly Look[]): readonly string[] {
  let ours = 0;
  return looks.map((look) => {
    if (look !== 'ours') return fixedColour(look);
    ours += 1;
    return OURS[(ours - 1) % OURS.length] ?? COLOUR.mesos;
  });
}

/** The colour of a look that does not depend on the others. */
function fixedColour(look: Exclude<Look, 'ours'>): string {
  switch (look) {
    case 'paper':
      return COLOUR.paper;
    case 'static':
      return COLOUR.static;
    case 'model':
      return COLOUR.ink;
    default:
      return frameworkColour(look.framework);
  }
}

/** Lengths of strokes and gaps. */
export type Dash = readonly number[];

/** Dashes of a line that marks one value. */
export const REFERENCE_DASH: Dash = [4, 3];

/** Of lines of one look that has dashes, all but the first; more start over. */
const FURTHER: readonly Dash[] = [
  [8, 3],
  [8, 3, 2, 3],
  [1, 4],
];

/** Dashes of several lines: the second of a look that has some gets others, and so on; null for a whole line. */
export function dashesOf(looks: readonly Look[]): readonly (Dash | null)[] {
  return looks.map((look, index) => {
    const own = dashOf(look);
    const before = looks.slice(0, index).filter((one) => one === look).length;
    return own === null || before === 0 ? own : (FURTHER[(before - 1) % FURTHER.length] ?? own);
  });
}

function dashOf(look: Look): Dash | null {
  switch (look) {
    case 'static':
      return [5, 3];
    case 'model':
      return [2, 2];
    case 'paper':
      return [4, 3];
    default:
      return null;
  }
}
