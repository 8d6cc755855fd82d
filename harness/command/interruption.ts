/** Ctrl-C, as a command hears of it that has to put things in order before it ends. */
import { CommandError, EXIT } from './exit.ts';

/** What may come in between. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Throws if the command is to end. */
  check(): void;
  /** As the promise, but rejects when the command is to end. */
  unless<T>(work: Promise<T>): Promise<T>;
}

/** The command was interrupted. */
export const interrupted = (): CommandError => new CommandError('interrupted', EXIT.interrupted);

/**
 * Listens for SIGINT and SIGTERM, and, if MESOS_LAB_PARENT is `stdin`, for the end of standard input. The second time ends the
 * process at once.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  if (process.env.MESOS_LAB_PARENT === 'stdin') process.stdin.on('close', interrupt).resume().unref();
  const { signal } = controller;
  return {
    signal,
    check() {
      if (signal.aborted) throw interrupted();
    },
    async unless(work) {
      const given = Promise.withResolvers<never>();
      const give = (): void => given.reject(interrupted());
      if (signal.aborted) throw interrupted();
      signal.addEventListener('abort', give, { once: true });
      try {
        return await Promise.race([work, given.promise]);
      } finally {
        signal.removeEventListener('abort', give);
      }
    },
  };
}
