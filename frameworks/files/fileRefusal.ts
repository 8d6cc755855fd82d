/** Why a file server refuses a request. */

/** A refusal: an HTTP status and one sentence. */
export class FileRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'FileRefusal';
    this.status = status;
  }
}

/** The refusal that an error amounts to. */
export function refusalOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof FileRefusal) return error;
  const { code } = error as { readonly code?: unknown };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { status: 507, message: 'The disk of this node is full; remove files or use another node.' };
    case 'ENOENT':
      return { status: 404, message: 'The file was removed while it was read.' };
    case 'EMFILE':
    case 'ENFILE':
      return { status: 503, message: 'This node has too many files open; try again later.' };
    case 'ERR_INVALID_URL':
      return { status: 400, message: 'The path cannot be read.' };
    default:
      return { status: 500, message: `The file server failed: ${(error as Error).message}.` };
  }
}
