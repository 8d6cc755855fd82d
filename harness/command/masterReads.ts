/** What a command asks the master over HTTP. */
import * as v from 'valibot';
import type { ClientTls } from '../../mesos/driver/v1/httpClient.ts';
import { redirectTarget } from '../../mesos/driver/v1/url.ts';
import type { OpenElection } from '../../mesos/election/election.ts';
import { httpExchange } from '../jobs/httpExchange.ts';
import { printable } from '../jobs/jobTable.ts';
import { isContest, readElection } from './election.ts';
import { infrastructureError, usageError } from './exit.ts';
import { readClientTls } from './security.ts';
import { readAuthorization, type V1Flags } from './v1Api.ts';

/** Asks the master that leads. Close it in the end. */
export interface MasterReader {
  /** Resolves with what a path tells, if it has this shape. Rejects with a CommandError of one sentence. */
  get<S extends v.GenericSchema>(shape: S, path: string): Promise<v.InferOutput<S>>;
  /** The same of another process of the cluster, `host:port`. */
  getFrom<S extends v.GenericSchema>(place: string, shape: S, path: string): Promise<v.InferOutput<S>>;
  /** The bytes of another process's answer. */
  fileFrom(place: string, path: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** How long to look for who leads. */
const LEADER_MS = 10_000;
const REDIRECTS_MAX = 5;
const NOBODY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** Asks the master, or the one that leads, that `--master` names. Throws, in one sentence, what is wrong with the flags. */
export function masterReader(where: string, flags: V1Flags & { readonly cluster?: string }): MasterReader {
  const tls = readClientTls(flags);
  const scheme = tls === undefined ? 'http' : 'https';
  const authorization = readAuthorization(flags) ?? linkAuthorization(flags);
  const election = isContest(where) ? readElection('--master', where) : undefined;
  const fixed = election === undefined ? masterUrl(where, scheme) : undefined;
  const bytes = async (start: URL, advice = ''): Promise<Buffer> => {
    let url = start;
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const answer = await ask(url, authorization, tls, advice);
      if ('body' in answer) return answer.body;
      url = redirectTarget(answer.location, url);
    }
    throw infrastructureError(`${start.host} leads to another master, and that to another, and so on`);
  };
  const get = async <S extends v.GenericSchema>(
    shape: S,
    url: URL,
    advice?: string,
  ): Promise<v.InferOutput<S>> => {
    const parsed = v.safeParse(shape, parseJson(await bytes(url, advice)));
    if (parsed.success) return parsed.output;
    throw infrastructureError(`${url.host}${url.pathname} does not answer as a process of a cluster does`);
  };
  return {
    async get(shape, path) {
      const base = fixed ?? masterUrl(await leaderOf(where, election as OpenElection), scheme);
      return get(shape, new URL(path, base), adviceFor(election !== undefined, flags.cluster));
    },
    getFrom: (place, shape, path) => get(shape, new URL(path, `${scheme}://${place}`)),
    fileFrom: (place, path) => bytes(new URL(path, `${scheme}://${place}`)),
    close: async () => election?.close(),
  };
}

/** Masters take the credentials of links as passwords too. */
function linkAuthorization({ credential }: V1Flags): string | undefined {
  return credential === undefined ? undefined : readAuthorization({ api: 'v1', http_credential: credential });
}

/** The first of several. */
function masterUrl(where: string, scheme: string): URL {
  const [first = ''] = where.split(',');
  const text = first.includes('://') ? first : `${scheme}://${first}`;
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL('/', text);
  throw usageError(`--master: '${first}' is no master; give HOST:PORT`);
}

function leaderOf(where: string, election: OpenElection): Promise<string> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      following.stop();
      reject(infrastructureError(`${where} knows of no master that leads`));
    }, LEADER_MS);
    const following = election.follow((leadership) => {
      if (leadership.is !== 'held') return;
      clearTimeout(patience);
      following.stop();
      resolve(leadership.master.slice(leadership.master.indexOf('@') + 1));
    });
  });
}

/** What to do about a master that does not answer. */
function adviceFor(isElected: boolean, cluster: string | undefined): string {
  if (isElected) return ', who was elected: if it is gone, another will lead within seconds, so try again';
  if (cluster !== undefined)
    return `: the master of the cluster in ${cluster} has ended; start it again with the same 'lab up' or 'lab cluster'`;
  return ": start a master with 'lab master' or a whole cluster with 'lab cluster', or give --master HOST:PORT";
}

type Asked = { readonly body: Buffer } | { readonly location: string };

async function ask(
  url: URL,
  authorization: string | undefined,
  tls: ClientTls | undefined,
  advice: string,
): Promise<Asked> {
  const answer = await httpExchange({ url, authorization, tls }).catch((error: NodeJS.ErrnoException) => {
    throw infrastructureError(
      NOBODY.has(error.code ?? '')
        ? `nobody answers at ${url.host}${advice}`
        : `${url.host} cannot be asked: ${error.message}`,
      error,
    );
  });
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400 && headers.location !== undefined) return { location: headers.location };
  if (status === 401 || status === 403)
    throw usageError(
      `${url.host} does not know who you are; give --secret_file, --credential or --http_token`,
    );
  if (status === 200) return { body };
  const why = printable(body.toString('utf8')).trim().slice(0, 300);
  throw infrastructureError(`${url.host} answers ${status}: ${why}`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
