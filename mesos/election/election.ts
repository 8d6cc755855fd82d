/**
 * Who leads (NSDI'11 §3.6): what a master that stands for leadership needs, and what slaves and schedulers need that look for
 * the leader. Modules: ZooKeeper, a lock on a file, virtual time, and none at all (one master at a known address).
 */
import type { MasterInfo } from '../protocol/entities.ts';
import type { Address } from '../runtime/actor.ts';

/** What is known of the leader. */
export type Leadership =
  /** Out of touch with those who decide: the last leader may lead still, or another. */
  | { readonly is: 'unknown' }
  /** Nobody leads, for certain. */
  | { readonly is: 'vacant' }
  | {
      readonly is: 'held';
      readonly master: Address;
      /** Each time that a master leads it has another id, and knows nothing of the time before. Absent where there is no election. */
      readonly masterId?: string;
    };

/** Someone who is told of changes; ends with `stop`. */
export interface Following {
  stop(): void;
}

/** Finds the leader. */
export interface Detector {
  /** Tells what is known of the leader: soon, and then at every change. Never calls before it returns. */
  follow(changed: (leadership: Leadership) => void): Following;
  /**
   * Tells who leads when the present leader is gone, as it looks now; undefined: there is nobody. Told, and changes, as with `follow`.
   * Absent where that is not known before.
   */
  followNext?(changed: (next: Address | undefined) => void): Following;
}

/** What a candidate is told. */
export interface CandidateEvents {
  /** It leads from now on. `isFirst`: nobody has led before, for certain; an election that cannot know leaves it out. */
  elected(isFirst?: boolean): void;
  /** It does not lead, or stand, any more; called once, before another can lead. It may stand again. */
  deposed(reason: string): void;
}

/** A candidate's stand, until it is deposed or withdraws. */
export interface Candidacy {
  /**
   * May it act as the leader at this moment? False as soon as another could lead, even if `deposed` has not been called yet:
   * its process may have been stopped meanwhile. Once false after `elected`, it stays false, and `deposed` follows. Asks a
   * clock, so it is cheap enough for every message.
   */
  leads(): boolean;
  /** Gives up leadership, or the wish for it, in good order; nothing is told after that. */
  withdraw(): void;
}

/** Decides who leads. */
export interface Election extends Detector {
  /** Stands for leadership. Never calls the events before it returns. */
  stand(candidate: MasterInfo, events: CandidateEvents): Candidacy;
}

/** An election that this process takes part in, through connections, files or the like. */
export interface OpenElection extends Election {
  /** Withdraws all candidacies and ends all that follow. Resolves when nothing of it is left. */
  close(): Promise<void>;
}
