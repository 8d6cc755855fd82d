/** What a command asks the master over HTTP. */
import * as v from 'valibot';
import type { ClientTls } from '../../mesos/driver/v1/httpClient.ts';
import { redirectTarget } from '../../mesos/driver/v1/url.ts';
import type { OpenElection } from '../../mesos/election/election.ts';
import { httpExchange } from '../jobs/httpExchange.ts';
import { printable } from '../jobs/jobTable.ts';
import { isContest, readElection } from './election.ts';
import { CommandError, EXIT, infrastructureError, usageError } from './exit.ts';
import { readClientTls } from './security.ts';
import { readAuthorization, type V1Flags } from './v1Api.ts';

/** Asks the master that leads. Close it in the end. */
export interface MasterReader {
  /**
   * Resolves with what a path tells, if it has this shape. Where the leader of several masters is gone, it waits for the next. Rejects
   * with a CommandError of one sentence.
   */
  get<S extends v.GenericSchema>(shape: S, path: string): Promise<v.InferOutput<S>>;
  /** The same of another process of the cluster, `host:port`. */
  getFrom<S extends v.GenericSchema>(place: string, shape: S, path: string): Promise<v.InferOutput<S>>;
  /** The bytes of another process's answer. */
  fileFrom(place: string, path: string): Promise<Buffer>;
  /**
   * Looks until there is enough. Resolves with what it saw last: it looks again only as long as the leader of several masters is so new
   * that frameworks of the one before it, if there was one, may not have come to it yet.
   */
  settled<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T>;
  /** Also ends all waiting. */
  close(): Promise<void>;
}

/** How long to wait for a master to lead. ZooKeeper gives one up that was killed in half of this, if nobody says otherwise. */
const LEADER_MS = 20_000;
/** In this time after its election frameworks come to a new leader. */
const FRAMEWORKS_MS = 20_000;
const RETRY_MS = 250;
const REDIRECTS_MAX = 5;
const NOBODY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** What those see, too, whom a master leaves that ends. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);
const ElectedSchema = v.object({
  'master/elected_secs': v.optional(v.number(), Infinity),
  'master/elected_first': v.optional(v.number(), 0),
});

/** A master that is not there, or not yet: another may be soon. */
class AbsentError extends CommandError {
  /** Where nobody is; undefined if there is somebody who knows of no leader, or had to break off. */
  readonly host: string | undefined;

  constructor(message: string, { host, cause }: { readonly host?: string; readonly cause?: unknown } = {}) {
    super(message, EXIT.infrastructure, { cause });
    this.host = host;
  }
}

/**
 * Asks the master, or the one that leads, that `--master` names. `patienceMs`: how long to wait for one to lead. Throws, in one
 * sentence, what is wrong with the flags.
 */
export function masterReader(
  where: string,
  flags: V1Flags & { readonly cluster?: string },
  patienceMs = LEADER_MS,
): MasterReader {
  const tls = readClientTls(flags);
  const scheme = tls === undefined ? 'http' : 'https';
  const authorization = readAuthorization(flags) ?? linkAuthorization(flags);
  const election = isContest(where) ? readElection('--master', where) : undefined;
  const named = election === undefined ? where.split(',').map((one) => masterUrl(one, scheme)) : [];
  const closing = new AbortController();
  const bytes = async (start: URL): Promise<Buffer> => {
    let url = start;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const answer = await ask(url, authorization, tls);
      if ('body' in answer) return answer.body;
      url = redirectTarget(answer.location, url);
    }
    throw infrastructureError(`${start.host} leads to another master, and that to another, and so on`);
  };
  const get = async <S extends v.GenericSchema>(shape: S, url: URL): Promise<v.InferOutput<S>> => {
    const parsed = v.safeParse(shape, parseJson(await bytes(url)));
    if (parsed.success) return parsed.output;
    throw infrastructureError(`${url.host}${url.pathname} does not answer as a process of a cluster does`);
  };
  const leader = async (tries: number, leftMs: number): Promise<URL> =>
    election === undefined
      ? (named[tries % named.length] as URL)
      : masterUrl(await leaderOf(where, election, leftMs, closing.signal), scheme);
  const reader: MasterReader = {
    async get(shape, path) {
      const endMs = performance.now() + patienceMs;
      for (let tries = 0; ; tries++) {
        try {
          const leftMs = endMs - performance.now();
          return await get(shape, new URL(path, await leader(tries, Math.max(RETRY_MS, leftMs))));
        } catch (error) {
          if (!(error instanceof AbsentError)) throw error;
          // Nothing says that there is more than this one.
          if (named.length === 1 && error.host === named[0]?.host)
            throw infrastructureError(`${error.message}${startAdvice(flags.cluster)}`, error);
          if (closing.signal.aborted) throw error;
          if (performance.now() >= endMs)
            throw infrastructureError(
              `${error.message}, and in ${patienceMs / 1000} s no other master came to lead${startAdvice(flags.cluster)}`,
              error,
            );
        }
        await pause(RETRY_MS, closing.signal);
      }
    },
    getFrom: (place, shape, path) => get(shape, new URL(path, `${scheme}://${place}`)),
    fileFrom: (place, path) => bytes(new URL(path, `${scheme}://${place}`)),
    async settled(look, isEnough) {
      let seen = await look();
      // A single master fails over to nobody.
      if (isEnough(seen) || named.length === 1) return seen;
      const elected = await reader.get(ElectedSchema, '/metrics/snapshot');
      // Nor does one come who was with an earlier leader, where there was none.
      if (elected['master/elected_first'] === 1) return seen;
      const endMs = performance.now() + FRAMEWORKS_MS - elected['master/elected_secs'] * 1000;
      while (!isEnough(seen) && performance.now() < endMs && !closing.signal.aborted) {
        await pause(RETRY_MS, closing.signal);
        seen = await look();
      }
      return seen;
    },
    async close() {
      closing.abort();
      await election?.close();
    },
  };
  return reader;
}

/** Masters take the credentials of links as passwords too. */
function linkAuthorization({ credential }: V1Flags): string | undefined {
  return credential === undefined ? undefined : readAuthorization({ api: 'v1', http_credential: credential });
}

function masterUrl(place: string, scheme: string): URL {
  const text = place.includes('://') ? place : `${scheme}://${place}`;
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL('/', text);
  throw usageError(`--master: '${place}' is no master; give HOST:PORT`);
}

function leaderOf(
  where: string,
  election: OpenElection,
  patienceMs: number,
  closing: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      following.stop();
      clearTimeout(patience);
      closing.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      end();
      reject(new AbsentError(`${where} knows of no master that leads`));
    };
    const patience = setTimeout(giveUp, patienceMs);
    closing.addEventListener('abort', giveUp);
    const following = election.follow((leadership) => {
      if (leadership.is !== 'held') return;
      end();
      resolve(leadership.master.slice(leadership.master.indexOf('@') + 1));
    });
  });
}

/** So long, or until there is nobody who waits. */
function pause(ms: number, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    closing.addEventListener('abort', end);
  });
}

/** What to do where no master answers. */
function startAdvice(cluster: string | undefined): string {
  if (cluster !== undefined)
    return `: the master of the cluster in ${cluster} has ended; start it again with the same 'lab up' or 'lab cluster'`;
  return ": start a master with 'lab master' or a whole cluster with 'lab cluster', or give --master HOST:PORT";
}

type Asked = { readonly body: Buffer } | { readonly location: string };

async function ask(url: URL, authorization: string | undefined, tls: ClientTls | undefined): Promise<Asked> {
  const answer = await httpExchange({ url, authorization, tls }).catch((error: NodeJS.ErrnoException) => {
    const { code = '', message } = error;
    if (NOBODY.has(code))
      throw new AbsentError(`nobody answers at ${url.host}`, { host: url.host, cause: error });
    const why = `${url.host} cannot be asked: ${message}`;
    throw GONE.has(code) ? new AbsentError(why, { cause: error }) : infrastructureError(why, error);
  });
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400 && headers.location !== undefined) return { location: headers.location };
  if (status === 401 || status === 403)
    throw usageError(
      `${url.host} does not know who you are; give --secret_file, --credential or --http_token`,
    );
  if (status === 200) return { body };
  const why = printable(body.toString('utf8')).trim().slice(0, 300);
  const message = `${url.host} answers ${status}: ${why}`;
  throw status === 503 ? new AbsentError(message) : infrastructureError(message);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
