/**
 * All checks that must hold for any history, whatever the numbers (DESIGN: simulation tests and every run).
 */
import type { Check } from '../result.ts';
import { type Fold, foldOf } from './fold.ts';
import { jobsEnd } from './jobLife.ts';
import { oneMasterActs } from './leadership.ts';
import { offersEndOnce } from './offerLife.ts';
import { newPass } from './pass.ts';
import { slavesNotOvercommitted } from './slaveBooks.ts';
import { tasksEnd, tasksRunOnce } from './taskLife.ts';

/**
 * Checks a history; each check that fails shows the first line that breaks it.
 * @param ended whether the run went on until its work had ended, so that all that began must have ended
 */
export function invariants(ended = true, pass = newPass()): Fold<readonly Check[]> {
  const parts = [
    offersEndOnce(pass),
    slavesNotOvercommitted(pass),
    tasksRunOnce(pass),
    ...(ended ? [tasksEnd(pass), jobsEnd()] : []),
    oneMasterActs(),
  ];
  return foldOf({ parts, result: () => parts.map((invariant) => invariant.result()) });
}
