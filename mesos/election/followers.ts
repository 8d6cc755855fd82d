/** Those of one process that follow the leader: however many they are, one of them asks. */
import type { Address } from '../runtime/actor.ts';
import type { Detector, Following, Leadership } from './election.ts';

/** Something that asks who leads. */
export interface Source {
  close(): Promise<void>;
}

/** A detector that can be closed. */
export interface Followers extends Required<Detector> {
  /** Ends all following; resolves when no source is left. */
  close(): Promise<void>;
}

/**
 * Shares a source. It is opened for the first follower and closed after the last; it must not tell anything before it is open.
 * Followers are told changes only, whatever it tells.
 */
export function followers(
  open: (tell: (leadership: Leadership, next?: Address) => void) => Source,
): Followers {
  /** Each tells its follower what is new to it. */
  const following = new Set<() => void>();
  const closing = new Set<Promise<void>>();
  let source: Source | undefined;
  let known: Leadership | undefined;
  let knownNext: Address | undefined;

  function tellOne(tellNews: () => void): void {
    if (known !== undefined && following.has(tellNews)) tellNews();
  }

  function closeSource(): void {
    if (source === undefined) return;
    const closed = source.close();
    source = undefined;
    known = undefined;
    knownNext = undefined;
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  function join(tellNews: () => void): Following {
    following.add(tellNews);
    if (source === undefined) {
      const own: Source = open((leadership, next) => {
        if (source !== own) return;
        known = leadership;
        knownNext = next;
        for (const each of [...following]) tellOne(each);
      });
      source = own;
    } else queueMicrotask(() => tellOne(tellNews));
    return {
      stop() {
        if (following.delete(tellNews) && following.size === 0) closeSource();
      },
    };
  }

  return {
    follow(changed) {
      let told: Leadership | undefined;
      return join(() => {
        if (known === undefined || isSame(told, known)) return;
        told = known;
        changed(known);
      });
    },
    followNext(changed) {
      let told: Address | undefined;
      return join(() => {
        if (told === knownNext) return;
        told = knownNext;
        changed(knownNext);
      });
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
