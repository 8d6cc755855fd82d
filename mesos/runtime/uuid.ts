/** Ids of messages, from an actor's own random numbers, so that virtual time repeats them. */
import type { Random } from './actor.ts';

/** 128 random bits in hexadecimal. */
export function randomUuid(random: Random): string {
  let uuid = '';
  for (let word = 0; word < 4; word++) uuid += (random.uint32() + 0x1_0000_0000).toString(16).slice(1);
  return uuid;
}
