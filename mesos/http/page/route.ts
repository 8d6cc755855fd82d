/** Where in the page one is: it stands behind the `#` of the address, so that it can be kept, sent, and gone back to. */
import { useEffect, useState } from 'preact/hooks';

/** Views that have a place in the navigation. */
export const VIEWS = ['overview', 'frameworks', 'slaves', 'tasks', 'offers', 'roles', 'shares'] as const;

/** A view. */
export type ViewName = (typeof VIEWS)[number] | 'framework' | 'slave';

/** A place. */
export interface Route {
  readonly view: ViewName;
  /** Of the framework or slave. */
  readonly id: string;
  /** Of its parts, the one that is shown. */
  readonly part: string;
  /** How tables are filtered and sorted. */
  readonly query: URLSearchParams;
}

/** Reads the part of an address behind `#`. What is not known leads to the overview. */
export function readRoute(hash: string): Route {
  const [path = '', question = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [view = '', id = '', part = ''] = path.split('/').map(decoded);
  const query = new URLSearchParams(question);
  const isKnown = [...VIEWS, 'framework', 'slave'].includes(view);
  return { view: isKnown ? (view as ViewName) : 'overview', id, part, query };
}

/** Text that was made part of an address. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place. */
export function hrefTo(view: ViewName, id = '', part = ''): string {
  return `#/${[view, id, part]
    .filter((name) => name !== '')
    .map(encodeURIComponent)
    .join('/')}`;
}

/** What stands behind the `#`, as it changes. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return hash;
}

/** The place that one is at. */
export function useRoute(): Route {
  return readRoute(useHash());
}

/** Notes in the address how a table is looked at, without a step in the history. */
export function noteQuery(query: URLSearchParams): void {
  const [path] = location.hash.split('?', 1);
  const question = query.toString();
  history.replaceState(null, '', `${path || '#/'}${question === '' ? '' : `?${question}`}`);
}
