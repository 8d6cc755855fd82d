/**
 * A candidate as a process of its own, for tests: `testCandidate.ts URL HOST:PORT TIMEOUT_MS`. Writes what happens as lines with
 * the time of the machine's monotonic clock, in milliseconds. On the line `close` it closes the election, and should then end by
 * itself; it ends anyway with its standard input.
 */
import { createInterface } from 'node:readline';
import { electionOf } from './electionOf.ts';

/** A pause of this process is told if it is longer. */
const PAUSE_MS = 400;

const [url = '', address = '', timeoutMs = ''] = process.argv.slice(2);
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const say = (what: string, ms = monotonicMs()): void => console.log(`${what} ${ms}`);

const election = electionOf(url, { sessionTimeoutMs: Number(timeoutMs) });
let deposed = 'not-deposed';
const candidacy = election.stand(
  { id: address.replaceAll(':', '-'), address, version: '0' },
  {
    elected: () => say('elected'),
    deposed: () => {
      deposed = 'deposed';
      say(`deposed leads=${candidacy.leads()}`);
    },
  },
);
say('standing');

let led = false;
let lookedMs = monotonicMs();
const looking = setInterval(() => {
  const now = monotonicMs();
  const leads = candidacy.leads();
  if (now - lookedMs > PAUSE_MS) say(`resumed leads=${leads} ${deposed}`);
  if (leads && !led) say('leads');
  // This process may have been kept from looking since.
  if (!leads && led) say('led-until', lookedMs);
  led = leads;
  lookedMs = now;
}, 2);

const input = createInterface({ input: process.stdin });
input.once('close', exit).once('line', (line) => {
  if (line !== 'close') return;
  clearInterval(looking);
  input.off('close', exit).close();
  process.stdin.destroy();
  void election.follow(() => {});
  void election.close().then(() => say(`closed leads=${candidacy.leads()}`));
});

function exit(): void {
  process.exit(1);
}
