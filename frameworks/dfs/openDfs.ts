/** Opens a block store for those who read and write files in it: frameworks, and the `lab` command. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../mesos/driver/actor.ts';
import { FileClient } from '../files/fileClient.ts';
import { partPath } from '../files/storedFile.ts';
import type { Dfs, DfsEntry } from './dfs.ts';
import { pathIn, pathOf, stepsOf } from './dfsPath.ts';
import { readFile } from './dfsReader.ts';
import { DfsError } from './dfsRefusal.ts';
import { DfsWriter } from './dfsWriter.ts';
import type { Answer, Call } from './nameNodeCalls.ts';
import { askNameNode } from './nameNodeClient.ts';

/** Where a store is. */
export interface OpenDfsOptions {
  /** Of the namenode, `http://host:port` or `host:port`. */
  readonly url: string;
  /** Of the namenode and the file servers. */
  readonly secret: string;
  /** By which it waits, up to `patienceMs` in a call, for a namenode that is being started again; absent: it does not wait. */
  readonly clock?: Pick<Clock, 'now' | 'after'>;
  /** Default 60 s. */
  readonly patienceMs?: number;
}

/** Opens a store. Nothing is asked of it yet. Throws a DfsError if the URL is none. Close it at the end. */
export function openDfs(options: OpenDfsOptions): Dfs {
  const { secret, clock, patienceMs } = options;
  const client = new FileClient(secret);
  const nameNode = { url: nameNodeUrl(options.url), client, clock, patienceMs };
  const ask = <C extends Call>(call: C): Promise<Answer<C['call']>> => askNameNode(nameNode, call);
  const dfs: Dfs = {
    blocks: async (path) => (await ask({ call: 'open', path })).blocks,
    nodes: () => ask({ call: 'nodes' }),
    stat: (path) => ask({ call: 'stat', path }),
    async list(path) {
      const all: DfsEntry[] = [];
      for (;;) {
        const last = all.at(-1);
        const after = last === undefined ? {} : { after: stepsOf(last.path).at(-1) as string };
        const { entries, isWhole } = await ask({ call: 'list', path, ...after });
        all.push(...entries);
        if (isWhole) return all;
      }
    },
    write: (path, chunks, how = {}) => new DfsWriter(nameNode, path, how).write(chunks),
    read: (path, range) => readFile(nameNode, path, range),
    async adopt(folder, { space, jobId, parts }, how = {}) {
      const found = await dfs.stat(folder).catch((error: DfsError) => {
        if (error.kind === 'absent') return undefined;
        throw error;
      });
      if (found !== undefined)
        throw new DfsError('exists', `'${folder}' is there already; remove it or choose another folder.`);
      const steps = stepsOf(folder);
      const name = `_adopting-${randomBytes(6).toString('hex')}`;
      const unfinished = pathOf([...steps.slice(0, -1), name]);
      try {
        for (const part of parts) {
          const writer = new DfsWriter(nameNode, pathIn(unfinished, part.name), how);
          await writer.adopt(partPath(space, jobId, part.file ?? part.name), part.hosts);
        }
        if (parts.length > 0) await dfs.rename(unfinished, folder);
      } catch (error) {
        await dfs.remove(unfinished, { recursive: true }).catch(() => {});
        throw error;
      }
    },
    async remove(path, { recursive = false } = {}) {
      await ask({ call: 'remove', path, recursive });
    },
    async rename(from, to) {
      await ask({ call: 'rename', from, to });
    },
    async replicate(path, replication) {
      await ask({ call: 'replicate', path, replication });
    },
    status: () => ask({ call: 'status' }),
    close: () => client.close(),
  };
  return dfs;
}

/** `http://host:port` from that, or from `host:port`. Throws a DfsError if it is neither. */
export function nameNodeUrl(text: string): string {
  const url = /^https?:/.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && /^http:\/\/[^/]+:\d+\/?$/.test(url)) return url.replace(/\/$/, '');
  throw new DfsError('invalid', `'${text}' is no address of a namenode; give HOST:PORT.`);
}
