/** What `lab submit` needs to know of a framework: one file beside this says it for each. */
import type { Progress } from '../../run/progress.ts';
import type { Prepared } from '../frameworks.ts';
import type { Interruption } from '../interruption.ts';
import type { MasterReader } from '../masterReads.ts';

/** What the user wants done, read from the command line. */
export interface Submission {
  /** Gets ready what the jobs need. Whatever it has put anywhere is removed again if it fails or is interrupted. */
  prepare(surroundings: Surroundings): Promise<PreparedSubmission>;
}

/** What a submission works with. */
export interface Surroundings {
  readonly interruption: Interruption;
  readonly reader: MasterReader;
  /** Shows how far a part of the work is. */
  start(what: string): Progress;
  /** Says something to the user, in one line. */
  log(line: string): void;
}

/** A submission whose scheduler can start. */
export interface PreparedSubmission extends Prepared {
  /** Where the file servers are, if its tasks run on no slaves without. */
  readonly hosts?: readonly string[];
  /** The flags that say how large its tasks are, for a sentence; default: `--cpus and --mem`. */
  readonly sizeFlags?: string;
  /** Its one job as JSON, if it may be sent to a scheduler that runs already (`--queue`). */
  readonly job?: { readonly id: string };
  /** The framework is registered: the submission's own, or the queue that the job is sent to. */
  registered?(frameworkId: string, whose: 'own' | 'queue'): Promise<void>;
  /** Brings the user what the jobs have made, when all have finished. `result`: what a queue says of the job. */
  collect(result: unknown): Promise<Collected>;
  /** Removes all that it has put anywhere but the result. Its tasks have ended. Resolves to what could not be removed, one sentence each. */
  cleanUp(): Promise<readonly string[]>;
}

/** What the user gets. */
export interface Collected {
  /** For people, on standard output. */
  readonly lines: readonly string[];
  /** For programs, with `--json`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What is wrong with it all the same, in one sentence: what the user wanted to run has failed. */
  readonly failure?: string;
}
