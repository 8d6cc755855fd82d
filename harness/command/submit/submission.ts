/** What `lab submit` needs to know of a framework: one file beside this says it for each. */
import type { Resources } from '../../../mesos/protocol/resources.ts';
import type { Progress } from '../../run/progress.ts';
import type { Prepared } from '../frameworks.ts';
import type { Interruption } from './interruption.ts';

/** What the user wants done, read from the command line. */
export interface Submission {
  /** Gets ready what the jobs need. Whatever it has put anywhere is removed again if it fails or is interrupted. */
  prepare(surroundings: Surroundings): Promise<PreparedSubmission>;
}

/** What a submission works with. */
export interface Surroundings {
  readonly interruption: Interruption;
  /** Shows how far a part of the work is. */
  start(what: string): Progress;
  /** Says something to the user, in one line. */
  log(line: string): void;
}

/** A submission whose scheduler can start. */
export interface PreparedSubmission extends Prepared {
  /** What one task needs, if all need the same. */
  readonly slot?: Resources;
  /** The framework is registered. */
  registered?(frameworkId: string): Promise<void>;
  /** Brings the user what the jobs have made, when all have finished. */
  collect(): Promise<Collected>;
  /** Removes all that it has put anywhere but the result. Its executors have ended. Resolves to what could not be removed, one sentence each. */
  cleanUp(): Promise<readonly string[]>;
}

/** What the user gets. */
export interface Collected {
  /** For people, on standard output. */
  readonly lines: readonly string[];
  /** For programs, with `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
}
