/** Those of one process that follow the leader: however many they are, one of them asks. */
import type { Detector, Leadership } from './election.ts';

/** Something that asks who leads. */
export interface Source {
  close(): Promise<void>;
}

/** A detector that can be closed. */
export interface Followers extends Detector {
  /** Ends all following; resolves when no source is left. */
  close(): Promise<void>;
}

interface Follower {
  readonly changed: (leadership: Leadership) => void;
  /** What it was told last. */
  told: Leadership | undefined;
}

/**
 * Shares a source. It is opened for the first follower and closed after the last; it must not tell anything before it is open.
 * Followers are told changes only, whatever it tells.
 */
export function followers(open: (tell: (leadership: Leadership) => void) => Source): Followers {
  const following = new Set<Follower>();
  const closing = new Set<Promise<void>>();
  let source: Source | undefined;
  let known: Leadership | undefined;

  function spread(): void {
    for (const follower of [...following]) {
      if (known === undefined || !following.has(follower) || isSame(follower.told, known)) continue;
      follower.told = known;
      follower.changed(known);
    }
  }

  function closeSource(): void {
    if (source === undefined) return;
    const closed = source.close();
    source = undefined;
    known = undefined;
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  return {
    follow(changed) {
      const follower: Follower = { changed, told: undefined };
      following.add(follower);
      if (source === undefined) {
        const own: Source = open((leadership) => {
          if (source !== own) return;
          known = leadership;
          spread();
        });
        source = own;
      } else queueMicrotask(spread);
      return {
        stop() {
          if (following.delete(follower) && following.size === 0) closeSource();
        },
      };
    },
    async close() {
      following.clear();
      closeSource();
      await Promise.all(closing);
    },
  };
}

/** Is it the same leader, or the same lack of one? */
function isSame(one: Leadership | undefined, other: Leadership): boolean {
  if (one?.is === 'held' && other.is === 'held')
    return one.master === other.master && one.masterId === other.masterId;
  return one?.is === other.is;
}
