/** How a connection begins, which tells what it will speak: TLS, HTTP/2 (as links do) or HTTP/1. */
import type { Socket } from 'node:net';

/** What a connection speaks. */
export type Opening = 'TLS' | 'HTTP/1' | 'HTTP/2' | 'other';

/** The first byte of a connection that begins TLS. */
const TLS_HANDSHAKE = 0x16;
/** No method of HTTP/1 is longer. */
const METHOD_LENGTH_MAX = 20;

/** What the first bytes of a connection tell; undefined: it takes more of them. */
export function openingOf(bytes: Buffer): Opening | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return 'TLS';
  const text = bytes.toString('latin1', 0, METHOD_LENGTH_MAX + 1);
  const [method = ''] = /^[A-Z-]*/.exec(text) ?? [];
  if (method === text && text.length <= METHOD_LENGTH_MAX) return undefined;
  if (method === '' || text[method.length] !== ' ') return 'other';
  // RFC 9113 §3.4: what begins HTTP/2 looks like a request by a method that HTTP/1 does not have.
  return method === 'PRI' ? 'HTTP/2' : 'HTTP/1';
}

/** Tells, once, how a connection begins, and leaves its bytes to be read. Tells nothing if it ends before. */
export function awaitOpening(socket: Socket, told: (opening: Opening) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const read = (): void => {
    const more: Buffer | null = socket.read();
    if (more === null) return;
    bytes = Buffer.concat([bytes, more]);
    const opening = openingOf(bytes);
    if (opening === undefined) return;
    // While someone listens for this, nothing flows to whoever takes the socket.
    socket.off('readable', read);
    socket.unshift(bytes);
    told(opening);
  };
  socket.on('readable', read);
}
