/** Keeps what operators have ordered beyond the end of a reign. */
import { type Directives, NO_DIRECTIVES } from './directives.ts';

/** A place to keep it. All masters of a cluster must have the same. */
export interface Registry {
  /** What was kept last. Throws, in one sentence, if it cannot be read. */
  load(): Directives;
  /** Keeps this in place of what was kept before. Throws, in one sentence, if it cannot be written; then the former stands. */
  store(directives: Directives): void;
}

/** Keeps it in memory, for masters in one process. */
export function memoryRegistry(): Registry {
  let kept = NO_DIRECTIVES;
  return {
    load: () => kept,
    store(directives) {
      kept = directives;
    },
  };
}
