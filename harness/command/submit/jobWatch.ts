/** Shows how far jobs are while they run. */
import type { JobBoard, JobPhase, JobStatus } from '../../../frameworks/jobBoard.ts';
import { hasEnded } from '../../jobs/jobList.ts';
import { printable, spanText } from '../../jobs/jobTable.ts';
import type { Progress, ProgressDisplay } from '../../run/progress.ts';

/** How often bars move. */
const LOOK_MS = 200;
/** Most jobs that are shown at a time; the others are there, too. */
const SHOWN_MAX = 20;

/** A job as it was shown last. */
interface Shown {
  readonly progress: Progress;
  phase: JobPhase;
  quarters: number;
}

/** Watches until `stop` is called. `log`: says a line, where there are no bars. */
export function watchJobs(
  board: JobBoard,
  display: Pick<ProgressDisplay, 'start'>,
  log: ((line: string) => void) | undefined,
  nowMs: () => number,
): { stop(): void } {
  const shown = new Map<string, Shown>();
  const look = (): void => {
    for (const job of board.jobs()) {
      const known = shown.get(job.id) ?? begin(job);
      if (known === undefined || hasEnded(known)) continue;
      const changed = known.phase !== job.phase;
      known.phase = job.phase;
      known.progress.report(job.tasks.finished, Math.max(1, job.tasks.total), detail(job));
      if (hasEnded(job)) known.progress.end(ending(job, nowMs()));
      else {
        const quarters = Math.floor((4 * job.tasks.finished) / Math.max(1, job.tasks.total));
        if (changed || quarters > known.quarters) log?.(`${printable(job.id)}: ${detail(job)}`);
        known.quarters = Math.max(known.quarters, quarters);
      }
    }
  };
  const begin = (job: JobStatus): Shown | undefined => {
    if (shown.size >= SHOWN_MAX) return undefined;
    const own: Shown = { progress: display.start(printable(job.id)), phase: 'waiting', quarters: 0 };
    shown.set(job.id, own);
    return own;
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
    },
  };
}

function detail(job: JobStatus): string {
  const { phase, message, tasks } = job;
  const why = message === undefined ? '' : `: ${printable(message)}`;
  if (phase !== 'running') return `${phase}${why}`;
  return `${tasks.finished} of ${tasks.total} tasks, ${tasks.running} running`;
}

function ending(job: JobStatus, nowMs: number): string {
  const { phase, submittedMs, endedMs = nowMs } = job;
  return `${phase} after ${spanText(endedMs - submittedMs)}`;
}
