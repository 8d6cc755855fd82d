/** What is left of runs and deployments whose process is gone. */

/** One thing that nobody will remove any more. */
export interface Leftover {
  readonly kind: 'deployment' | 'namespace' | 'process' | 'control group' | 'folder';
  /** Its name, path or number. */
  readonly what: string;
  /** How one can tell that it is left. */
  readonly why: string;
  /** Removes it. Throws one sentence if that cannot be done. */
  remove(): Promise<void>;
}
