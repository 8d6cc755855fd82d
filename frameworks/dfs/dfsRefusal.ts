/** Why the block store refuses something. */

/** The kinds of refusals, and the HTTP status by which each travels. */
export const REFUSAL_STATUS = {
  /** It makes no sense: a bad path, a folder where a file is wanted. */
  invalid: 400,
  secret: 401,
  /** There is no such file or folder. */
  absent: 404,
  /** Something is there already, or it is not empty. */
  exists: 409,
  /** The namenode knows nothing of this writer, block or node: it was started anew, or has waited too long. Begin anew. */
  unknown: 410,
  /** No data node can take it. */
  'no-space': 507,
  /** It may go in a moment: nodes have still to report after a start of the namenode. */
  'not-yet': 503,
  /** The namenode cannot be reached, or failed. */
  failed: 500,
} as const;
/** What kind of refusal it is. */
export type RefusalKind = keyof typeof REFUSAL_STATUS;

/** A refusal of the block store; the message is one sentence. */
export class DfsError extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DfsError';
    this.kind = kind;
  }
}
