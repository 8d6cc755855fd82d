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

/** Dashes of a line, as lengths of strokes and gaps; null for a whole line. */
export function dashOf(look: Look): readonly [number, number] | null {
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
