/** What a wire runtime counts. */

/** Why envelopes were dropped. */
export interface DroppedEnvelopes {
  /** Sent to a process that has no link and cannot be dialled, or to no address at all. */
  readonly unreachable: number;
  /** Waited for a link that broke or could not be made. */
  readonly broken: number;
  /** Larger than a frame may be, or no JSON. */
  readonly unsendable: number;
  /** Came in a frame that is no JSON array (counted once a frame), or was no envelope. */
  readonly malformed: number;
  /** Came with a message that its actor does not accept. */
  readonly invalid: number;
  /** Came for an actor that does not live here. */
  readonly unknownActor: number;
  /** Sent after the runtime was closed. */
  readonly closed: number;
}

/** What a wire runtime has done since it started. */
export interface WireStats {
  readonly envelopesOut: number;
  readonly envelopesIn: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly framesOut: number;
  readonly framesIn: number;
  /** Envelopes from actor to actor within this process. */
  readonly envelopesWithin: number;
  /** Processes that are linked now. */
  readonly links: number;
  readonly dropped: DroppedEnvelopes;
}

type Counters = Record<Exclude<keyof WireStats, 'links' | 'dropped'>, number> & {
  readonly dropped: Record<keyof DroppedEnvelopes, number>;
};

/** Counters at zero. */
export function startCounting(): Counters {
  return {
    envelopesOut: 0,
    envelopesIn: 0,
    bytesOut: 0,
    bytesIn: 0,
    framesOut: 0,
    framesIn: 0,
    envelopesWithin: 0,
    dropped: {
      unreachable: 0,
      broken: 0,
      unsendable: 0,
      malformed: 0,
      invalid: 0,
      unknownActor: 0,
      closed: 0,
    },
  };
}
