/** A way to a server that a test can cut: silently, as a broken network does, or for all to see. */
import { connect, createServer, type Socket } from 'node:net';

/** A proxy. */
export interface Proxy {
  readonly address: string;
  /** Passes nothing on any more, in either direction, and closes nothing. */
  freeze(): void;
  thaw(): void;
  /** Calls for every piece that clients send, before it is passed on; `cut` closes that client's connection after that. */
  onRequest(run: (chunk: Buffer, cut: () => void) => void): void;
  close(): Promise<void>;
}

/** Starts a proxy to a server on this machine. */
export async function startProxy(to: string): Promise<Proxy> {
  const port = Number(to.split(':')[1]);
  const sockets = new Set<Socket>();
  let state: 'open' | 'frozen' = 'open';
  let observe: (chunk: Buffer, cut: () => void) => void = () => {};
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port });
    let isCut = false;
    for (const [from, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        // What is sent into a broken network is lost for good: the connection is of no use after that.
        if (state === 'frozen') from.pause();
        else {
          if (from === client)
            observe(chunk, () => {
              isCut = true;
            });
          if (from === client || !isCut) other.write(chunk);
          if (isCut) client.destroy();
        }
      });
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        if (state === 'open' && !isCut) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    freeze() {
      state = 'frozen';
    },
    thaw() {
      state = 'open';
      for (const socket of sockets) socket.destroy();
    },
    onRequest(run) {
      observe = run;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
