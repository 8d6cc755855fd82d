/** What a ZooKeeper server says that it is. */
import { connect } from 'node:net';

/** What a server is to the others; undefined if it does not say. */
export type Mode = 'leader' | 'follower' | 'standalone' | undefined;

/** A server that is starting may accept a question and never answer it, so questions have this limit and are repeated. */
const PROBE_LIMIT_MS = 300;

/** Asks a server, `host:port`, what it is. Never rejects. */
export function modeOf(address: string): Promise<Mode> {
  const { hostname, port } = new URL(`zk://${address}`);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port) });
    socket.setTimeout(PROBE_LIMIT_MS, () => socket.destroy());
    socket.on('connect', () => socket.write('srvr'));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const mode = /^Mode: (leader|follower|standalone)$/m.exec(answer)?.[1];
      resolve(mode as Mode);
    });
  });
}

/** Whether a server of this mode decides alone. */
export const leads = (mode: Mode): boolean => mode === 'leader' || mode === 'standalone';
