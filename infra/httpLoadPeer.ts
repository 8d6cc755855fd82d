/**
 * The process that sends requests at even intervals. What to send it finds in its folder, in files `1.json`, `2.json` and so on; for
 * each it writes a file with the times, and then a line that says so.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import type { LoadAnswer, LoadPlan, LoadReport } from './httpLoad.ts';

/** Who has not been answered by then never will be. */
const ANSWER_WITHIN_MS = 60_000;

function send({ url, perSecond, requests }: LoadPlan): Promise<LoadReport> {
  const startMs = performance.now();
  const lateMs: number[] = [];
  const answers: Promise<number>[] = [];
  return new Promise((resolve, reject) => {
    const next = (): void => {
      // A timer that comes late finds several that are due.
      for (; answers.length < requests; ) {
        const dueMs = startMs + (answers.length * 1_000) / perSecond;
        const nowMs = performance.now();
        if (nowMs < dueMs) return void setTimeout(next, dueMs - nowMs);
        lateMs.push(nowMs - dueMs);
        const answer = timed(url, dueMs);
        answer.catch(reject);
        answers.push(answer);
      }
      Promise.all(answers).then((responseMs) => resolve({ responseMs, lateMs }), reject);
    };
    next();
  });
}

/** Asks over a connection of its own, as a visitor does that comes once. */
function timed(url: string, dueMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false, timeout: ANSWER_WITHIN_MS }, (answer) => {
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - dueMs);
        else reject(new Error(`${url} was answered with ${answer.statusCode}`));
      });
    });
    sent.once('timeout', () =>
      sent.destroy(new Error(`${url} was not answered for ${ANSWER_WITHIN_MS / 1_000} s`)),
    );
    sent.once('error', reject);
  });
}

const POLL_MS = 20;
const folder = process.argv[2] ?? '';

/** Waits for the plan of this number, performs it, and goes on with the next. */
function perform(number: number): void {
  const file = join(folder, `${number}.json`);
  if (!existsSync(file)) return void setTimeout(() => perform(number), POLL_MS);
  const answer = (message: LoadAnswer): void => {
    writeFileSync(join(folder, `${number}.answer.json`), JSON.stringify(message));
    console.log(`load ${number}`);
    perform(number + 1);
  };
  send(JSON.parse(readFileSync(file, 'utf8'))).then(answer, (error: Error) =>
    answer({ error: error.message }),
  );
}

// Its standard input is its lifeline.
process.stdin.once('close', () => process.exit()).resume();
console.log('ready');
perform(1);
