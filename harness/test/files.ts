/** Files with tests, run by a few processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { wallClock } from '../../infra/wallClock.ts';

/** A file with tests: its path from the project's folder, and its whole path. */
export interface TestFile {
  readonly name: string;
  readonly file: string;
}

/** What a process is asked for: a file, and how long what its tests leave open may take to end by itself. */
export interface TestOrder extends TestFile {
  readonly graceMs: number;
}

/** How the tests of a file went. */
export interface Ended {
  readonly name: string;
  /** What they printed. */
  readonly said: string;
  readonly total: number;
  readonly passed: number;
  readonly skipped: number;
  readonly seconds: number;
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/** A file that takes longer hangs. In milliseconds. */
const LIMIT_MS = 300_000;
/** What the tests of a file leave open may still end by itself within this time, and mostly does at once. In milliseconds. */
const GRACE_MS = 10_000;
/** What a process said is there when it has ended; who still holds its output then is one that it left. In milliseconds. */
const OUTPUT_MS = 1_000;
/** What uvu says last. */
const SUMMARY = /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: .*\n\n/;

/**
 * Runs files in so many processes, each of which takes the next file as soon as it has ended one; tells of each that has ended. A
 * process that takes longer than the limit for one file is killed, and so is one that could not end when the tests of a file have ended:
 * that file has failed.
 */
export async function runFiles(
  files: readonly TestFile[],
  processes: number,
  onEnded: (ended: Ended) => void,
  { limitMs = LIMIT_MS, graceMs = GRACE_MS } = {},
): Promise<readonly Ended[]> {
  const left = files.values();
  const ended: Ended[] = [];
  async function work(): Promise<void> {
    let worker: ChildProcess | undefined;
    // Both take from the same iterator.
    for (const file of left) {
      if (!worker?.connected) worker = startWorker();
      const one = await runFile(worker, { ...file, graceMs }, limitMs);
      ended.push(one);
      onEnded(one);
    }
    if (worker?.connected) worker.disconnect();
  }
  await Promise.all(Array.from({ length: processes }, work));
  return ended;
}

function startWorker(): ChildProcess {
  const worker = fork(WORKER, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  return worker.on('exit', () =>
    AbortSignal.timeout(OUTPUT_MS).addEventListener('abort', () => worker.stdout?.destroy()),
  );
}

/** If the process ends meanwhile, or could not end afterwards, one test more has failed. */
function runFile(worker: ChildProcess, order: TestOrder, limitMs: number): Promise<Ended> {
  const clock = wallClock();
  const { stdout } = worker;
  return new Promise((resolve) => {
    let said = '';
    let counts: Pick<Ended, 'total' | 'passed' | 'skipped'> | undefined;
    let open: readonly string[] | undefined;
    const limit = AbortSignal.timeout(limitMs);
    const kill = (): void => void worker.kill('SIGKILL');
    const end = (failure?: string): void => {
      limit.removeEventListener('abort', kill);
      stdout?.off('data', hear);
      worker.off('message', learn).off('close', die);
      const { total, passed, skipped } = counts ?? { total: 0, passed: 0, skipped: 0 };
      const { wallSeconds: seconds } = clock.stop();
      const ran = { name: order.name, said, total, passed, skipped, seconds };
      if (failure === undefined) return resolve(ran);
      resolve({ ...ran, said: `${said}\n   FAIL  "${order.name}"\n    ${failure}\n`, total: total + 1 });
    };
    // What it prints and what it tells come in any order.
    const look = (): void => {
      if (counts === undefined || open === undefined) return;
      if (open.length === 0) return end();
      kill();
      if (worker.connected) worker.disconnect();
      end(`its tests ended, but it left open what keeps a process from ending: ${open.join(', ')}`);
    };
    const hear = (chunk: Buffer): void => {
      said += chunk;
      const [summary, total, passed, skipped] = SUMMARY.exec(said) ?? [];
      if (summary === undefined) return;
      said = said.replace(summary, '');
      counts = { total: Number(total), passed: Number(passed), skipped: Number(skipped) };
      look();
    };
    const learn = (left: readonly string[]): void => {
      open = left;
      look();
    };
    const die = (code: number | null, signal: string | null): void => {
      if (limit.aborted) return end(`it took more than ${limitMs / 1000} s`);
      const when = counts === undefined ? 'before its tests did' : 'when its tests had ended';
      end(`its process ended (${signal ?? code}) ${when}`);
    };
    limit.addEventListener('abort', kill);
    stdout?.on('data', hear);
    worker.on('message', learn).on('close', die);
    worker.send(order);
  });
}
