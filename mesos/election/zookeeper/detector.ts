/** Finds the leader in ZooKeeper: the candidate with the lowest number; the next one is to follow it. */
import type { Address } from '../../runtime/actor.ts';
import type { Leadership } from '../election.ts';
import type { Source } from '../followers.ts';
import { decodeLeadership, inOrder } from './masterInfo.ts';
import { ZookeeperError } from './protocol.ts';
import { serial } from './serial.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/**
 * Tells who leads and who is next, first `unknown`, and then whatever is read. What was read is held true until the session ends, so that the
 * loss of one server is no news.
 */
export function detect(
  options: SessionOptions & { readonly path: string },
  tell: (leadership: Leadership, next?: Address) => void,
): Source {
  let state: 'following' | 'stopped' = 'following';
  let session: Session;

  function follow(): void {
    const opened: Session = openSession(options, {
      connected: () => read(),
      ended: () => {
        tell({ is: 'unknown' });
        follow();
      },
    });
    session = opened;
    /** What candidates' nodes say, by name: they are written once, and no name is given twice while the session lives. */
    const known = new Map<string, Leadership>();
    /** The node of the leader that was told last. */
    let leading: string | undefined;
    const isCurrent = (): boolean => opened === session && state === 'following';
    const read = serial(async () => {
      try {
        while (isCurrent() && !(await readAndTell(read)));
      } catch (error) {
        // Without a connection there is nothing to tell: the session connects anew, or ends.
        const { code } = error as ZookeeperError;
        if (code === 'CONNECTION_LOSS' || code === 'SESSION_EXPIRED') return;
        report(undefined, { is: 'unknown' });
      }
    });

    function report(node: string | undefined, leadership: Leadership, next?: Address): void {
      if (!isCurrent()) return;
      leading = node;
      tell(leadership, next);
    }

    /** False if it changed while it was read. */
    async function readAndTell(changed: () => void): Promise<boolean> {
      try {
        const [first, second] = inOrder(await opened.children(options.path, changed));
        for (const node of known.keys()) if (node !== first && node !== second) known.delete(node);
        if (first === undefined) report(undefined, { is: 'vacant' });
        else await tellOf(first, second);
        return true;
      } catch (error) {
        if (!(error instanceof ZookeeperError && error.code === 'NO_NODE')) throw error;
        // Nobody has ever stood, or one of the first candidates has gone.
        if ((await opened.owner(options.path, changed)) !== undefined) return false;
        report(undefined, { is: 'vacant' });
        return true;
      }
    }

    async function tellOf(first: string, second: string | undefined): Promise<void> {
      const leader = await masterOf(first);
      // Who waits for a leader need not wait until it is known who is next.
      if (first !== leading) report(first, leader);
      const next = second === undefined ? undefined : await masterOf(second);
      report(first, leader, next?.is === 'held' ? next.master : undefined);
    }

    async function masterOf(node: string): Promise<Leadership> {
      const before = known.get(node);
      if (before !== undefined) return before;
      const read = decodeLeadership(await opened.data(`${options.path}/${node}`));
      known.set(node, read);
      return read;
    }
  }

  const first = setTimeout(() => tell({ is: 'unknown' }), 0);
  follow();
  return {
    async close() {
      state = 'stopped';
      clearTimeout(first);
      await session.close();
    },
  };
}
