/** Processor time of the thread that asks. */

/** Nobody ever wakes who waits here. */
const bed = new Int32Array(new SharedArrayBuffer(4));
const NAP_MS = 0.05;

/**
 * Processor time, user and system, that this thread has used, in microseconds; of others, such as those that collect garbage beside
 * it, it knows nothing. Linux brings the account up to date when a thread stops running, or at a tick (some milliseconds): so it
 * sleeps for a moment first, without which a short piece of work would seem to take nothing, or a whole tick.
 */
export function threadCpuUs(): number {
  Atomics.wait(bed, 0, 0, NAP_MS);
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
