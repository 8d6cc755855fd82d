/** Downloads by HTTP. */

/** How a download may go. */
export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** It is given up when nothing has come for so long, in milliseconds. */
  readonly stallMs: number;
}

const REDIRECTS_MAX = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** The bytes at a URL, wherever the server sends one for them. Throws, in words that go on from "it cannot be fetched:". */
export async function* download(url: URL, { signal, stallMs }: DownloadOptions): AsyncGenerator<Uint8Array> {
  const stall = new AbortController();
  const timer = setTimeout(
    () => stall.abort(new Error(`nothing came from the server for ${stallMs / 1000} s`)),
    stallMs,
  );
  try {
    const body = await open(url, AbortSignal.any([signal, stall.signal]));
    for await (const chunk of body ?? []) {
      timer.refresh();
      yield chunk;
    }
  } catch (error) {
    throw stall.signal.aborted ? stall.signal.reason : plain(error as Error);
  } finally {
    clearTimeout(timer);
  }
}

async function open(url: URL, signal: AbortSignal): Promise<Response['body']> {
  let at = url;
  for (let count = 0; count <= REDIRECTS_MAX; count++) {
    // What is in the file is wanted, as it is.
    const headers = { 'accept-encoding': 'identity' };
    const response = await fetch(at.href, { redirect: 'manual', headers, signal });
    if (response.ok) return response.body;
    await response.body?.cancel();
    const { status, statusText } = response;
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(status) || location === null)
      throw new Error(`the server answered ${status} ${statusText}`.trim());
    if (!URL.canParse(location, at.href)) throw new Error('the server sends one to something that is no URI');
    at = new URL(location, at);
    if (!isWeb(at)) throw new Error(`the server sends one to ${at.protocol}, which servers may not`);
  }
  throw new Error(`the server sends one on more than ${REDIRECTS_MAX} times`);
}

/** Is it a URL that can be downloaded? */
export function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

/** `fetch` says only that it failed; why is in the cause. */
function plain(error: Error): Error {
  const { cause } = error;
  if (!(cause instanceof Error)) return error;
  const { code = '' } = cause as NodeJS.ErrnoException;
  return new Error(cause.message || code || error.message, { cause });
}
