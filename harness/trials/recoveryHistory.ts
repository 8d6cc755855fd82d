/** What a kill of the leader comes to, from the histories of the master that was killed and of the next one. */
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { Findings } from '../experiments/experiment.ts';
import { type HistoryFile, mergeHistories } from '../measure/readHistory.ts';
import { recovery } from '../measure/recovery.ts';

/** A kill. Times are milliseconds since the epoch, by our clock. */
export interface Kill {
  readonly killedMs: Millis;
  /** What comes later has to do with something else. */
  readonly endMs: Millis;
  /** The process of the master that was killed. */
  readonly leader: string;
  /** Its history. */
  readonly before: HistoryFile;
  /** Of the master that led next. */
  readonly after: HistoryFile;
}

/** Measures a recovery. The histories may end in the middle of a line: one process was killed, the other may be writing. */
export async function recoveryFrom({ killedMs, endMs, leader, before, after }: Kill): Promise<Findings> {
  const measure = recovery();
  const torn = { onTorn() {} };
  for await (const line of mergeHistories([before], torn)) measure.observe(line);
  measure.observe({
    t: killedMs,
    seq: 0,
    by: 'faults@harness:0',
    event: 'fault-injected',
    fault: 'kill-leader',
    subject: leader,
  });
  for await (const line of mergeHistories([after], torn)) if (line.t <= endMs) measure.observe(line);
  return measure.result();
}
