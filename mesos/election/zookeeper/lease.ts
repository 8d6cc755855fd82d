/**
 * Until when a session surely lives, as its client can know it, however servers fail or the network is divided.
 *
 * The ensemble's leader ends a session `timeoutMs` after it last heard of it. But a client talks to any server, and a
 * server that is cut off from the leader goes on answering for a while: an answer alone says nothing. What counts:
 *
 * - A connection that is accepted with a session's key: the server has asked the leader, who heard of the session then.
 *   A leader that was cut off from the majority may say so for another tick, after which the majority elects its own and
 *   all sessions begin anew; so this counts as heard a little before.
 * - An answer to `sync`, which comes from the leader. It shows that the server was not cut off when the sync was sent.
 *   Servers tell the leader of their sessions every half tick, so he had by then heard of all that the server was sent
 *   half a tick before. He has heard of the client at least as late as the newest request that was answered by then.
 *
 * All times are of the client's monotonic clock, and of when something was sent, never of when its answer came.
 */

/** Half a tick is at most this part of the timeout: servers grant no timeout below two ticks. */
const HALF_TICK = 1 / 4;
/** Kept back for clocks of different speed and for late timers. */
const MARGIN = 1 / 10;

/** The time that a session has left. */
export interface Lease {
  /** The session surely lives until then. */
  readonly untilMs: number;
  /** A server has accepted the connection for which the hello was sent at that time. */
  accepted(sentMs: number): void;
  /** A sync on the present connection was answered. At most one is under way at a time. */
  synced(sentMs: number, answeredMs: number): void;
}

/** The lease of a session that the servers end after this timeout. */
export function sessionLease(timeoutMs: number): Lease {
  let heardMs = Number.NEGATIVE_INFINITY;
  /** Syncs of the present connection that were answered, the oldest first. */
  let syncs: { readonly sentMs: number; readonly answeredMs: number }[] = [];
  return {
    get untilMs() {
      return heardMs + timeoutMs * (1 - MARGIN);
    },
    accepted(sentMs) {
      syncs = [];
      heardMs = Math.max(heardMs, sentMs - timeoutMs * HALF_TICK);
    },
    synced(sentMs, answeredMs) {
      const last = syncs.findLastIndex((sync) => sync.answeredMs <= sentMs - timeoutMs * HALF_TICK);
      if (last >= 0) {
        heardMs = Math.max(heardMs, syncs[last]?.sentMs ?? heardMs);
        syncs = syncs.slice(last);
      }
      syncs.push({ sentMs, answeredMs });
    },
  };
}
