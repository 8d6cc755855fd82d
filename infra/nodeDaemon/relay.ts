/**
 * Reaches ports of a machine through its shell, for who reaches nothing else of it. What is relayed looks like a port of this machine's
 * own; each connection to it is a program on the machine, which connects there. TLS goes through, so nobody else gets in by it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Place } from '../place.ts';
import { quoted } from './shell.ts';

/** The line by which the other end says that it is connected. Shells may say something before. */
export const BRIDGED = 'mesos-lab is connected';

const COMPLAINT_LENGTH_MAX = 64 * 1024;

/** A machine's shell, and the `lab` command there. */
export interface RelayVia {
  readonly shell: Place['shell'];
  readonly lab: string;
}

/** A connection to a port of a machine, through its shell. */
interface Bridge {
  /** Carries what goes in and comes out from now on; both end together. */
  carry(socket: Socket): void;
  end(): void;
}

/** A port of this machine that leads to one of another. */
export interface Relay {
  readonly port: number;
  /** Breaks all connections through it. */
  close(): void;
}

/** Why a port is not reached. */
export class RelayError extends Error {
  /** What the machine's system calls it, e.g. `ECONNREFUSED`; absent if the shell does not even reach the machine. */
  readonly code?: string;

  constructor(why: string, code: string | undefined) {
    super(why);
    if (code !== undefined) this.code = code;
  }
}

/** Opens a port here that leads to one of the machine. Whoever connects to it while the machine is not reached is hung up on. */
export async function openRelay(via: RelayVia, ip: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const gone = new AbortController();
    socket
      .on('error', () => {})
      .once('close', () => {
        sockets.delete(socket);
        gone.abort();
      });
    dial(via, ip, port, gone.signal).then(
      (bridge) => bridge.carry(socket),
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Connects once, to see whether it can be done. Rejects with a RelayError, also if it is told to give up. */
export async function tryRelay(
  via: RelayVia,
  ip: string,
  port: number,
  givenUp: AbortSignal = new AbortController().signal,
): Promise<void> {
  (await dial(via, ip, port, givenUp)).end();
}

function dial({ shell, lab }: RelayVia, ip: string, port: number, givenUp: AbortSignal): Promise<Bridge> {
  const [program, ...args] = shell;
  const harness = dirname(lab);
  const script = `exec ${[`${harness}/node`, `${harness}/../infra/nodeDaemon/bridge.ts`, ip, `${port}`].map(quoted).join(' ')}`;
  // It is in no terminal's group: a Ctrl-C here does not break it.
  const child = spawn(program, [...args, script], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const end = (): void => {
    child.kill('SIGKILL');
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  };
  // A shell that hears nothing would go on trying for minutes.
  if (givenUp.aborted) end();
  givenUp.addEventListener('abort', end);
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString('utf8')).slice(-COMPLAINT_LENGTH_MAX);
  });
  return new Promise((resolve, reject) => {
    let said = Buffer.alloc(0);
    const hear = (piece: Buffer): void => {
      said = Buffer.concat([said, piece]);
      const at = said.indexOf(`${BRIDGED}\n`);
      if (at < 0) {
        said = said.subarray(-COMPLAINT_LENGTH_MAX);
        return;
      }
      child.stdout.off('data', hear).pause();
      const first = said.subarray(at + BRIDGED.length + 1);
      resolve({
        end,
        carry(socket) {
          child.once('close', () => socket.destroy());
          socket.once('close', end);
          if (socket.destroyed) return end();
          if (first.length > 0) socket.write(first);
          child.stdout.pipe(socket);
          socket.pipe(child.stdin);
        },
      });
    };
    child.stdout.on('data', hear);
    child.once('error', (error) => reject(new RelayError(error.message, undefined)));
    child.once('close', () => {
      const last = complaint.trim().split('\n').at(-1) ?? '';
      reject(new RelayError(last || 'its shell has ended', /^E[A-Z]+$/.exec(last)?.[0]));
    });
  });
}
