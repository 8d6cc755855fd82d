/** Where masters serve the scheduler API, as people and redirects write it. */

const PATH = '/api/v1/scheduler';

/** How a master is reached. */
export type Scheme = 'http' | 'https';

/**
 * The URL of the API of a master at `http://HOST:PORT`, `https://HOST:PORT` or, with this scheme, `HOST:PORT`. A path is one that
 * stands before the API's. Throws, in one sentence, what is wrong with it.
 */
export function schedulerUrl(where: string, scheme: Scheme = 'http'): URL {
  const text = where.includes('://') ? where : `${scheme}://${where}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isHttp(url) || url.search !== '' || url.hash !== '')
    throw new Error(`'${where}' is no master; give HOST:PORT, http://HOST:PORT or https://HOST:PORT`);
  if (url.username !== '' || url.password !== '')
    throw new Error('a master is named without a user and a password; give these in a file');
  url.pathname = url.pathname.replace(/\/$/, '') + PATH;
  return url;
}

/**
 * Where an answer from `from` leads. Mesos writes `//HOST:PORT/PATH`; versions of it, and what stands before it, also whole URLs,
 * `HOST:PORT/PATH` and `HOST:PORT` alone. Throws, in one sentence, why not to go there.
 */
export function redirectTarget(location: string, from: URL): URL {
  const isBare = /^(?:[^\s/:?#[\]]+|\[[^\s/\]]+\]):\d+(?:$|\/)/.test(location);
  const text = isBare ? `//${location}` : location;
  const url = URL.canParse(text, from.href) ? new URL(text, from) : undefined;
  if (url === undefined || !isHttp(url))
    throw new Error(`it leads to '${location.slice(0, 200)}', which is no place for HTTP`);
  if (from.protocol === 'https:' && url.protocol !== 'https:')
    throw new Error(`it leads from TLS to ${url.origin}, which has none`);
  if (url.pathname === '/') url.pathname = from.pathname;
  return url;
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:';
