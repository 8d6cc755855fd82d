/** Where a process listens, and why it cannot. */
import type { Server } from 'node:net';
import { hostPort } from './link/hello.ts';

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Connections that the kernel holds for us while we are busy. */
const BACKLOG = 4096;

/** Makes a server listen there. Returns the port. Fails with one sentence if it cannot. */
export async function bind(listener: Server, { host, port }: ListenAddress): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host, port, backlog: BACKLOG }, () => {
        listener.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw new Error(whyNot(hostPort(host, port), (error as NodeJS.ErrnoException).code), { cause: error });
  }
  const bound = listener.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

function whyNot(where: string, code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return `cannot listen on ${where}: the port is in use; stop the process that has it or choose another port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `cannot listen on ${where}: this machine has no such address; choose one of its own, e.g. 127.0.0.1`;
    case 'EACCES':
      return `cannot listen on ${where}: ports below 1024 need privileges; choose a higher one`;
    default:
      return `cannot listen on ${where}: ${code ?? 'unknown error'}`;
  }
}
