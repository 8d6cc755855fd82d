/** What is written down of a daemon, so that it can be found and called, also by somebody else later. */
import * as v from 'valibot';

/** A daemon. Plain data, also as JSON in `daemon.json` of its folder. */
export const recordSchema = v.object({
  /** Names the daemon for good. */
  id: v.string(),
  /** Of its machine. */
  name: v.string(),
  ip: v.string(),
  port: v.number(),
  folder: v.string(),
  /** The `lab` command on the machine. */
  lab: v.string(),
  pid: v.number(),
  /** When that process started, in clock ticks since the machine did: a pid may be somebody else's later. */
  startTicks: v.number(),
  /** Of the machine's last start. */
  bootId: v.string(),
  /** ISO 8601, UTC. */
  startedAt: v.string(),
});
export type DaemonRecord = v.InferOutput<typeof recordSchema>;

/** Its name in the machine's folder. */
export const RECORD = 'daemon.json';
