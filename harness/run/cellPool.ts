/** Processes that run the cells of a campaign that keep one core busy: as many at a time as there are cores. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { wallClock } from '../../infra/wallClock.ts';
import type { CellResult, FailedCell } from '../result.ts';
import { failedCell } from './anyCell.ts';
import type { Cell } from './cell.ts';
import type { CellNews, CellOrder } from './cellProcess.ts';
import { lastWords } from './lastWords.ts';
import type { CellSurroundings } from './virtualCell.ts';
import { YOUNG_OBJECTS } from './youngObjects.ts';

/** Characters of what a process has said last. */
const WORDS_MAX = 16_384;

/** The pool. */
export interface CellPool extends AsyncDisposable {
  /** Cells that run at a time. */
  readonly size: number;
  /** Starts processes for so many cells to come, but for {@link size} at most. */
  start(cells: number): void;
  /** Runs a cell in a process of the pool; at most {@link size} at a time. Never rejects. */
  run(cell: Cell, surroundings: CellSurroundings): Promise<CellResult>;
}

/** Starts no process before it is asked to, or needed. Disposing of the pool kills those that are left, whatever they do. */
export function cellPool(size = availableParallelism()): CellPool {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  /** What processes have written to standard error, its end. */
  const words = new WeakMap<ChildProcess, string>();

  function startOne(): ChildProcess {
    const child = fork(join(import.meta.dirname, 'cellProcess.ts'), {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...YOUNG_OBJECTS],
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    });
    all.add(child);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      process.stderr.write(text);
      words.set(child, `${words.get(child) ?? ''}${text}`.slice(-WORDS_MAX));
    });
    const drop = (): void => {
      all.delete(child);
      const at = idle.indexOf(child);
      if (at >= 0) idle.splice(at, 1);
    };
    // One that could not be started has no exit.
    return child.once('exit', drop).on('error', drop);
  }

  async function run(cell: Cell, surroundings: CellSurroundings): Promise<CellResult> {
    const { setting, out, progress, stopping, keepHistories } = surroundings;
    const clock = wallClock();
    const child = idle.pop() ?? startOne();
    const { promise, resolve } = Promise.withResolvers<CellResult>();
    const failed = (cause: FailedCell['cause'], reason: string): void =>
      resolve(failedCell(cell, setting, cause, reason, clock.stop()));
    const gone = (code: number | null, signal: string | null): void => {
      if (stopping.aborted) return failed('infrastructure', 'it was stopped');
      const said = words.get(child)?.trim().split('\n');
      const how = `its process ended early (${signal ?? `exit code ${code}`})`;
      // Other signals are the code's own doing: it ran out of its memory, or crashed.
      const isKilled = signal === 'SIGKILL' || signal === 'SIGTERM';
      failed(isKilled ? 'infrastructure' : 'system', said === undefined ? how : `${how}: ${lastWords(said)}`);
    };
    const stop = (): void => void child.kill('SIGKILL');
    const hear = (news: CellNews): void => {
      if (news.is === 'progress') progress.report(news.done, news.total, news.detail);
      else resolve(news.result);
    };
    child.on('message', hear);
    // When all that it has said is there.
    child.once('close', gone);
    const fail = (error: Error): void => failed('infrastructure', error.message);
    child.once('error', fail);
    stopping.addEventListener('abort', stop);
    const { experiment, scenario, seed, choices } = cell;
    const order: CellOrder = {
      experiment: experiment.id,
      scenario: scenario.id,
      seed,
      choices,
      setting,
      out,
      keepHistories,
    };
    child.send(order);
    const result = await promise;
    stopping.removeEventListener('abort', stop);
    child.off('error', fail).off('message', hear).off('close', gone);
    if (child.connected && !stopping.aborted) idle.push(child);
    return result;
  }

  return {
    size,
    start(cells) {
      while (all.size < Math.min(cells, size)) idle.push(startOne());
    },
    run,
    async [Symbol.asyncDispose]() {
      const ends = [...all].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of all) child.kill('SIGKILL');
      await Promise.all(ends);
    },
  };
}
