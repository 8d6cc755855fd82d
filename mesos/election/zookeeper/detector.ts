/** Finds the leader in ZooKeeper: the candidate with the lowest number. */
import type { Leadership } from '../election.ts';
import type { Source } from '../followers.ts';
import { decodeLeadership, inOrder } from './masterInfo.ts';
import { ZookeeperError } from './protocol.ts';
import { serial } from './serial.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

/**
 * Tells who leads, first `unknown`, and then whatever is read. What was read is held true until the session ends, so that the
 * loss of one server is no news.
 */
export function detect(
  options: SessionOptions & { readonly path: string },
  tell: (leadership: Leadership) => void,
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
    const read = serial(async () => {
      try {
        let leadership: Leadership | undefined;
        while (leadership === undefined && state === 'following') leadership = await readLeader(read);
        if (leadership !== undefined && state === 'following' && opened === session) tell(leadership);
      } catch (error) {
        // Without a connection there is nothing to tell: the session connects anew, or ends.
        const { code } = error as ZookeeperError;
        if (code === 'CONNECTION_LOSS' || code === 'SESSION_EXPIRED') return;
        if (opened === session && state === 'following') tell({ is: 'unknown' });
      }
    });

    /** Undefined if it changed while it was read. */
    async function readLeader(changed: () => void): Promise<Leadership | undefined> {
      try {
        const [first] = inOrder(await opened.children(options.path, changed));
        if (first === undefined) return { is: 'vacant' };
        return decodeLeadership(await opened.data(`${options.path}/${first}`));
      } catch (error) {
        if (!(error instanceof ZookeeperError && error.code === 'NO_NODE')) throw error;
        // Nobody has ever stood, or the first candidate has gone.
        return (await opened.owner(options.path, changed)) === undefined ? { is: 'vacant' } : undefined;
      }
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
