/** Invariant: a job that is submitted ends, once. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { foldOf } from './fold.ts';
import { Findings, type Invariant } from './invariant.ts';

/** Every submitted job ended, finished or failed, by the end of the history, and no other job did. */
export function jobsEnd(): Invariant {
  const findings = new Findings('jobs-end', 'Every submitted job ended, and ended once.');
  const open = new Map<string, HistoryLine>();
  let submitted = 0;
  return foldOf({
    on: {
      'job-submitted': (line) => {
        submitted++;
        open.set(`${line.framework} ${line.jobId}`, line);
      },
      'job-finished': (line) => {
        if (!open.delete(`${line.framework} ${line.jobId}`)) findings.report(line, 'no such job was open');
      },
    },
    result: () => findings.check(submitted, 'job', open.values(), 'this job never ended'),
  });
}
