/**
 * How much may be under way on a link that its reader has not read yet. HTTP/2 allows 64 KiB unless one says otherwise; between two
 * processes with much to do, each of which reads once in a turn of its event loop, that is a link's speed: 64 KiB a turn.
 */
import type { ServerHttp2Stream } from 'node:http2';

/** A second of a busy link. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Widens the window of a call that came in; strangers keep the 64 KiB. grpc-js has an option for callers alone, so this reaches for
 * the stream beneath the call. Returns whether it was there.
 */
export function widenWindow(call: object): boolean {
  const session = (call as { readonly call?: { readonly stream?: ServerHttp2Stream } }).call?.stream?.session;
  if (session === undefined || session.destroyed) return false;
  session.settings({ initialWindowSize: WINDOW_BYTES });
  session.setLocalWindowSize(WINDOW_BYTES);
  return true;
}
