/** How a namenode works. */
export interface NameNodeOptions {
  /** Name of the store, unique among all that there are: names of blocks begin with it. */
  readonly store: string;
  /** Of files whose writers do not say; default 64 MiB. */
  readonly blockBytes?: number;
  /** Of files whose writers do not say; default 3. */
  readonly replication?: number;
  /** How often data nodes are to be heard of; default 1 s. */
  readonly heartbeatMs?: number;
  /** A data node that is silent for so long is lost; default 30 s. */
  readonly nodeTimeoutMs?: number;
  /** What a writer has written that is silent for so long is forgotten; default 60 s. */
  readonly writerTimeoutMs?: number;
  /** Copies under way at a time; default 16. */
  readonly copiesMax?: number;
  /** Of these, on each node; default 2. */
  readonly copiesPerNodeMax?: number;
}

/** What holds where nothing else is said. */
export const NAME_NODE_DEFAULTS = {
  blockBytes: 64 * 1024 * 1024,
  replication: 3,
  heartbeatMs: 1_000,
  nodeTimeoutMs: 30_000,
  writerTimeoutMs: 60_000,
  copiesMax: 16,
  copiesPerNodeMax: 2,
} as const satisfies Omit<NameNodeOptions, 'store'>;
