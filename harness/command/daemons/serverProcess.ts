/** What the servers of `lab` that speak only HTTP have in common: how they fail to start, and how they end. */
import { EXIT, infrastructureError } from '../exit.ts';

/** The error of a server that could not start, in one sentence. */
export function startError(place: string, error: NodeJS.ErrnoException): Error {
  return infrastructureError(
    error.code === 'EADDRINUSE'
      ? `${place} is in use; choose another --port, or 0 for any free one`
      : error.message,
    error,
  );
}

/** Ends the process on a signal, or when its parent is gone, after `close`. Returns how to end it for another reason. */
export function endWith(close: () => Promise<void>): (exitCode: number) => void {
  let isEnding = false;
  const end = (exitCode: number): void => {
    if (isEnding) return;
    isEnding = true;
    process.exitCode = exitCode;
    void close().finally(() => process.exit());
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(EXIT.ok));
  if (process.env.MESOS_LAB_PARENT === 'stdin')
    process.stdin.once('close', () => end(EXIT.infrastructure)).resume();
  return end;
}
