/**
 * A program that faults run on a machine: knocks at a closed port of each address given, so often, all at once, and writes
 * as JSON how long the quickest answer took. A refusal is an answer; only silence is none.
 *
 *     node knock.ts LIMIT_MS TIMES ADDRESS...
 */
import { connect } from 'node:net';

/** Of the discard protocol, which nobody serves. */
const PORT = 9;

const [limitMs, times, ...addresses] = process.argv.slice(2);

/** Milliseconds until the answer; null if there was none in time. */
function knock(host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const socket = connect({ host, port: PORT });
    const end = (ms: number | null): void => {
      socket.destroy();
      resolve(ms);
    };
    socket.setTimeout(Number(limitMs), () => end(null));
    socket.on('connect', () => end(performance.now() - startMs));
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? performance.now() - startMs : null),
    );
  });
}

const answers = await Promise.all(
  addresses.map(async (address) => {
    let quickest: number | null = null;
    for (let n = 0; n < Number(times) && (n === 0 || quickest !== null); n++) {
      const ms = await knock(address);
      if (ms !== null && (quickest === null || ms < quickest)) quickest = ms;
    }
    return [address, quickest] as const;
  }),
);
console.log(JSON.stringify(Object.fromEntries(answers)));
