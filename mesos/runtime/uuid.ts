/** Ids of messages, from an actor's own random numbers, so that virtual time repeats them. */
import type { Random } from './actor.ts';

/**
 * A source of ids of 128 bits in hexadecimal: 64 random ones that are the source's own, then a count. Far cheaper than fresh
 * random bits for each id, and no less unique.
 */
export function uuidSource(random: Random): () => string {
  const own = [random.uint32(), random.uint32()].map((word) => word.toString(16).padStart(8, '0')).join('');
  let count = 0;
  // Joined, not added: that makes one text, where adding keeps the pieces in memory too.
  return () => [own, (count++).toString(16).padStart(16, '0')].join('');
}
