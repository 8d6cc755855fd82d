/** What all daemons of `lab` have in common: a wire, a history, one-line logs, and an end on signals. */
import type { HttpServer } from '../../../mesos/http/server.ts';
import type { HistoryLine } from '../../../mesos/protocol/history.ts';
import { format, type Resources } from '../../../mesos/protocol/resources.ts';
import { type HistorySink, openHistoryFile } from '../../../mesos/runtime/historyFile.ts';
import type { WireOptions, WireRuntime } from '../../../mesos/runtime/wire.ts';
import { EXIT, infrastructureError } from '../exit.ts';
import type { Security } from '../security.ts';

/** Options that every daemon has. */
export interface DaemonOptions {
  /** Where to listen; absent: it does not. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** By which address others know it, if not by the one that it listens on. */
  readonly advertise?: string | undefined;
  readonly security?: Security;
  /** Makes what serves HTTP on the port that it listens on; absent: there is no HTTP there. */
  readonly http?: (wire: WireRuntime) => HttpServer;
  /** File for the history. */
  readonly history?: string | undefined;
  /** Log nothing but trouble. */
  readonly quiet?: boolean | undefined;
  /** Exit code when a signal ends it; default 0: to be ended is what a server is for. */
  readonly interruptedCode?: number;
  /** How its links behave, where that is not as usual. */
  readonly links?: Pick<WireOptions, 'limits' | 'timeouts'>;
  /** What to say on standard output about an event of the history, for whoever started the daemon. */
  readonly announce?: (line: HistoryLine) => string | undefined;
}

/** A daemon that runs. */
export interface Daemon {
  readonly wire: WireRuntime;
  /** Aborts when the daemon is to end: on a signal, when its parent is gone, or by `end`. */
  readonly ending: AbortSignal;
  /** Does something before the wire closes. */
  atEnd(run: () => Promise<void> | void): void;
  /** Ends the daemon, with this exit code and sentence. */
  end(exitCode: number, message?: string): void;
  log(line: string): void;
}

/**
 * Starts a daemon. It ends on SIGINT and SIGTERM, and, if MESOS_LAB_PARENT is `stdin`, when its standard input is closed: so
 * whoever started it can die in any way and leaves nothing running.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const controller = new AbortController();
  const endings: (() => Promise<void> | void)[] = [];
  const log = logLine;

  let isEnding = false;
  let wire: WireRuntime | undefined;
  let http: HttpServer | undefined;
  let history: HistorySink | undefined;
  function end(exitCode: number, message?: string): void {
    if (isEnding) return;
    isEnding = true;
    if (message !== undefined) log(message);
    process.exitCode = exitCode;
    controller.abort();
    void (async () => {
      for (const run of endings) await run();
      await wire?.close();
      http?.close();
      await history?.close();
      process.exit();
    })();
  }

  if (options.history !== undefined) history = openHistory(options.history, end);
  const append = (line: HistoryLine): void => {
    history?.append(line);
    const announcement = options.announce?.(line);
    if (announcement !== undefined) console.log(announcement);
    if (!options.quiet && !UNLOGGED.test(line.event)) log(eventLine(line));
  };
  // Half of what a process loads, which servers that speak only HTTP do without.
  const { startWire } = await import('../../../mesos/runtime/wire.ts');
  const started = await startWire({
    ...(options.listen && { listen: options.listen }),
    ...(options.advertise !== undefined && { advertise: options.advertise }),
    ...options.security,
    ...options.links,
    ...(options.http && {
      onHttp: ({ socket, certificate }) => {
        if (http === undefined) socket.destroy();
        else http.take(socket, certificate.is === 'good' ? certificate.name : undefined);
      },
    }),
    history: { append, close: async () => {} },
    log,
  }).catch((error: Error) => {
    throw infrastructureError(error.message, error);
  });
  wire = started;
  http = options.http?.(started);

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => end(options.interruptedCode ?? EXIT.ok, `ending on ${signal}`));
  if (process.env.MESOS_LAB_PARENT === 'stdin')
    process.stdin.on('close', () => end(EXIT.infrastructure, 'the parent process is gone')).resume();
  if (options.listen) console.log(`listening on ${started.identity}`);
  return { wire: started, ending: controller.signal, atEnd: (run) => endings.unshift(run), end, log };
}

/** Writes a line for the people who run the daemon. */
export function logLine(line: string): void {
  console.error(`${new Date().toISOString()} ${line}`);
}

/** Events that are too many for a log. */
const UNLOGGED = /^offer-|^executor-usage$/;

/** Opens the history. One that cannot be opened is told before anything has started; one that fails later ends the daemon. */
export function openHistory(path: string, end: (exitCode: number, message: string) => void): HistorySink {
  let isOpen = false;
  const history = openHistoryFile(path, {
    onError: (error) => {
      if (!isOpen) throw infrastructureError(error.message, error);
      end(EXIT.infrastructure, error.message);
    },
  });
  isOpen = true;
  return history;
}

/** An event of the history as a line for people. */
function eventLine({ t: _t, seq: _seq, by, event, ...fields }: HistoryLine): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${word(value)}`);
  return [by.slice(0, by.indexOf('@')), event, ...words].join(' ');
}

function word(value: unknown): string {
  if (typeof value === 'object' && value !== null) return format(value as Resources);
  const text = String(value);
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}
