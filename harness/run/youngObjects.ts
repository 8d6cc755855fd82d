/** How much room V8 gives to young objects in a process that runs virtual time. */

/**
 * In MiB, for each half of their space. With half of it a simulation copies young objects half as often again; with twice as much it takes as
 * long.
 */
const YOUNG_MIB = 32;

/**
 * Flags of Node for a process that runs virtual time. The space is as large from the start as it may become, for V8 takes long to find out. One
 * thread copies what lives: the processors are taken by other cells, and several threads would wait for each other.
 */
export const YOUNG_OBJECTS: readonly string[] = [
  `--max-semi-space-size=${YOUNG_MIB}`,
  `--min-semi-space-size=${YOUNG_MIB}`,
  '--no-parallel-scavenge',
];
