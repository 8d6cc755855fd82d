/** Files with tests, run by a few processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { wallClock } from '../../infra/wallClock.ts';

/** A file with tests: its path from the project's folder, and its whole path. */
export interface TestFile {
  readonly name: string;
  readonly file: string;
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
/** What uvu says last. */
const SUMMARY = /\n {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: .*\n\n/;

/**
 * Runs files in so many processes, each of which takes the next file as soon as it has ended one; tells of each that has ended. A
 * process that takes longer than the limit for one file is killed.
 */
export async function runFiles(
  files: readonly TestFile[],
  processes: number,
  onEnded: (ended: Ended) => void,
  limitMs = LIMIT_MS,
): Promise<readonly Ended[]> {
  const left = files.values();
  const ended: Ended[] = [];
  async function work(): Promise<void> {
    let worker: ChildProcess | undefined;
    // Both take from the same iterator.
    for (const file of left) {
      if (!worker?.connected) worker = fork(WORKER, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      const one = await runFile(worker, file, limitMs);
      ended.push(one);
      onEnded(one);
    }
    if (worker?.connected) worker.disconnect();
  }
  await Promise.all(Array.from({ length: processes }, work));
  return ended;
}

/** If the process ends meanwhile, one test more has failed. */
function runFile(worker: ChildProcess, file: TestFile, limitMs: number): Promise<Ended> {
  const clock = wallClock();
  const { stdout } = worker;
  return new Promise((resolve) => {
    let said = '';
    const limit = AbortSignal.timeout(limitMs);
    const kill = (): void => void worker.kill('SIGKILL');
    const end = (rest: Pick<Ended, 'said' | 'total' | 'passed' | 'skipped'>): void => {
      limit.removeEventListener('abort', kill);
      stdout?.off('data', hear);
      worker.off('close', die);
      resolve({ name: file.name, ...rest, seconds: clock.stop().wallSeconds });
    };
    const hear = (chunk: Buffer): void => {
      said += chunk;
      const [summary, total, passed, skipped] = SUMMARY.exec(said) ?? [];
      if (summary === undefined) return;
      const counts = { total: Number(total), passed: Number(passed), skipped: Number(skipped) };
      end({ said: said.replace(summary, ''), ...counts });
    };
    const die = (code: number | null, signal: string | null): void => {
      const why = limit.aborted
        ? `it took more than ${limitMs / 1000} s`
        : `its process ended (${signal ?? code}) before its tests did`;
      end({
        said: `${said}\n   FAIL  "${file.name}"\n    ${why}\n`,
        ...{ total: 1, passed: 0, skipped: 0 },
      });
    };
    limit.addEventListener('abort', kill);
    stdout?.on('data', hear);
    worker.on('close', die);
    worker.send(file);
  });
}
