/** Puts off what need not be done for each change, but once after all that happens at one moment. */
import type { Clock } from '../runtime/actor.ts';

/** Gathers what is given to it, and hands it on together, each once, when what happens now has happened. */
export function together<T>(clock: Clock, look: (items: readonly T[]) => void): (item: T) => void {
  const items = new Set<T>();
  return (item) => {
    if (items.size === 0)
      clock.after(0, () => {
        const all = [...items];
        items.clear();
        look(all);
      });
    items.add(item);
  };
}
