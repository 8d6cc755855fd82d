/** Starts a daemon on a machine that has nothing but a shell. */
import { spawn } from 'node:child_process';
import { LAB } from '../local.ts';
import type { Place } from '../place.ts';
import type { DaemonSettings } from './daemon.ts';
import { type DeploymentKeys, machineKeys } from './keys.ts';
import { decode } from './protocol.ts';
import { type DaemonRecord, recordSchema } from './record.ts';

/** How to start a daemon. */
export interface StartOptions {
  readonly keys: DeploymentKeys;
  /** Port to listen on; default any free one. */
  readonly port?: number;
  /** The daemon ends when nobody has been connected for so long and it has no kept process; default an hour. */
  readonly idleMs?: number;
}

const IDLE_MS = 3_600_000;
const OUTPUT_LENGTH_MAX = 64 * 1024;

/** Starts a daemon there. Rejects with one sentence that names the machine. */
export async function startDaemon(place: Place, options: StartOptions): Promise<DaemonRecord> {
  const { name, ip, folder, store } = place;
  const settings: DaemonSettings = {
    name,
    ip,
    port: options.port ?? 0,
    folder,
    store,
    lab: LAB,
    idleMs: options.idleMs ?? IDLE_MS,
    keys: await machineKeys(options.keys, name),
  };
  const script = `umask 077; mkdir -p ${quoted(folder)} && cd ${quoted(folder)} || exit 5
exec 3<&0
${quoted(LAB)} node <&3 2>>daemon.log &
exec 3<&- >&-
wait $! 2>/dev/null || { tail -n 1 daemon.log >&2; exit 5; }`;
  const line = await say(place, script, JSON.stringify(settings));
  try {
    return decode(recordSchema, Buffer.from(line));
  } catch (error) {
    throw new Error(`machine ${name}: its daemon says what is no record: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Runs a script on the machine; resolves with its first line of output. Rejects if it ends without one. */
function say(place: Place, script: string, input: string): Promise<string> {
  const [program, ...args] = place.shell;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, script], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let output = '';
    let complaint = '';
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.stdout.on('data', (piece: Buffer) => {
      output = (output + piece.toString('utf8')).slice(0, OUTPUT_LENGTH_MAX);
      const end = output.indexOf('\n');
      if (end < 0) return;
      resolve(output.slice(0, end));
      child.unref();
    });
    child.stderr.on('data', (piece: Buffer) => {
      complaint = (complaint + piece.toString('utf8')).slice(-OUTPUT_LENGTH_MAX);
    });
    child.once('error', (error) =>
      reject(new Error(`machine ${place.name}: ${program} cannot be started: ${error.message}`)),
    );
    child.once('close', (code) =>
      reject(
        new Error(
          `machine ${place.name}: ${complaint.trim().split('\n').at(-1) || `its shell ended with code ${code}`}`,
        ),
      ),
    );
  });
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
