/** URLs of the form `zk://user:password@host1:port1,host2:port2/path`, as Apache Mesos has them. */
import type { Server } from './connection.ts';

/** What such a URL says. */
export interface ZookeeperUrl {
  readonly servers: readonly Server[];
  /** Of the node that the candidates' nodes are in, e.g. `/mesos`. */
  readonly path: string;
  /** `user:password` */
  readonly credentials: string | undefined;
}

/** Reads a URL. Throws, in one sentence, what is wrong with it. */
export function readZookeeperUrl(url: string): ZookeeperUrl {
  const [, credentials, hosts = '', path = ''] = /^zk:\/\/(?:([^/]*)@)?([^/]*)(\/.*)?$/.exec(url) ?? [];
  // The URL may hold a password, so what is wrong is told without it.
  if (credentials !== undefined && !/^[^:]+:.+$/.test(credentials))
    throw new Error('what stands before the @ of a zk:// URL must be USER:PASSWORD');
  const servers = hosts.split(',').map((server) => {
    const [, name, bracketed, digits] =
      /^(?:([^\s:[\]]+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(server) ?? [];
    const port = Number(digits);
    const host = name ?? bracketed;
    if (host === undefined || port < 1 || port > 65_535)
      throw new Error(`a zk:// URL must be zk://HOST:PORT,HOST:PORT/PATH, and '${server}' is not HOST:PORT`);
    return { host, port };
  });
  if (!/^(\/[^/\s]+)+$/.test(path) || /\/\.{1,2}(\/|$)/.test(path))
    throw new Error(`a zk:// URL must end with a path such as /mesos, not '${path}'`);
  return { servers, path, credentials };
}
