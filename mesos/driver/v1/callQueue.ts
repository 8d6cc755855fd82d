/** Calls in the order in which they were made: each is sent when the one before it has been answered. */

/** Bytes of a call. */
export type Body = string | Uint8Array;

/** The calls of one stream. */
export interface CallQueue {
  send(body: Body): void;
  /** Resolves when no call waits any more. */
  drained(): Promise<void>;
}

/** More bytes than these do not wait: the master does not take them. */
const WAITING_BYTES_MAX = 64 << 20;

/** Starts a queue. `carry` sends a call; once it fails, `failed` is told, and nothing is sent any more. */
export function callQueue(carry: (body: Body) => Promise<void>, failed: (error: Error) => void): CallQueue {
  let last = Promise.resolve();
  let waitingBytes = 0;
  let isBroken = false;

  function fail(error: Error): void {
    if (isBroken) return;
    isBroken = true;
    failed(error);
  }

  async function next(body: Body): Promise<void> {
    if (isBroken) return;
    await carry(body);
    waitingBytes -= body.length;
  }

  return {
    send(body) {
      if (isBroken) return;
      waitingBytes += body.length;
      if (waitingBytes > WAITING_BYTES_MAX && waitingBytes > body.length)
        return fail(new Error(`more than ${WAITING_BYTES_MAX} bytes of calls wait for it`));
      last = last.then(() => next(body)).catch(fail);
    },
    drained: () => last,
  };
}
