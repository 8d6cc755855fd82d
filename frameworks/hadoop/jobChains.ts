/**
 * Jobs that read the output of others. When it is lost, with the slaves that held it, the job that wrote it is opened again and makes
 * what is missing; meanwhile nothing of its readers is launched.
 */

import type { JobInProgress } from './jobInProgress.ts';
import { isMissing, partBlock } from './jobInputs.ts';
import type { Task } from './task.ts';
import type { UnreadablePart } from './taskData.ts';

/** What has to be done for that. */
export interface MendingHooks {
  /** Makes a change after which a job may have something to launch, or nothing any more. */
  change(job: JobInProgress, change: () => void): void;
  /** A job that has ended is to make again what these tasks wrote. False: it cannot, since it failed when it tried. */
  reopen(job: JobInProgress, lost: readonly Task[]): boolean;
  fail(job: JobInProgress, message: string): void;
}

/** Looks whether all that a job still has to read is there: blocks it as long as it is not, and has made again what is lost. */
export function mendInputs(job: JobInProgress, hooks: MendingHooks): void {
  if (!job.readsOutput || job.phase === 'ended') return;
  const missing = new Map<JobInProgress, Task[]>();
  for (const source of neededSources(job)) {
    if (!isMissing(source)) continue;
    const own = missing.get(source.job) ?? [];
    missing.set(source.job, own);
    own.push(source);
  }
  const blocked = missing.size > 0;
  if (blocked !== job.blocked)
    hooks.change(job, () => {
      job.blocked = blocked;
    });
  if (!blocked) relocate(job);
  for (const [earlier, tasks] of missing) {
    const lost = tasks.filter(({ state }) => state === 'finished');
    if (earlier.phase !== 'ended') {
      if (lost.length > 0)
        hooks.change(earlier, () => {
          for (const task of lost) earlier.undo(task);
        });
    } else if (!hooks.reopen(earlier, lost)) {
      const id = earlier.spec.id;
      hooks.fail(job, `the output of job '${id}', which it reads, was lost and could not be made again`);
      return;
    }
    mendInputs(earlier, hooks);
  }
}

/** Who wrote a part of an earlier job's output that a task could not read from any of these hosts; undefined: that is old news. */
export function writerOf(task: Task, { jobId, part, hosts }: UnreadablePart): Task | undefined {
  const side = task.job.side.flatMap((file) => ('sources' in file ? file.sources : []));
  const sources = task.source === undefined ? side : [task.source, ...side];
  const writer = sources.find((each) => each.job.spec.id === jobId && partBlock(each).id === part);
  const { partHosts = [] } = writer ?? {};
  return partHosts.length > 0 && partHosts.every((host) => hosts.includes(host)) ? writer : undefined;
}

/** The tasks of earlier jobs whose output a job has yet to read, each once. */
function neededSources(job: JobInProgress): ReadonlySet<Task> {
  const sources = new Set<Task>();
  for (const { state, source } of job.maps)
    if (source !== undefined && state !== 'finished') sources.add(source);
  if (!job.done)
    for (const file of job.side)
      if ('sources' in file) for (const source of file.sources) sources.add(source);
  return sources;
}

/** What was made again is somewhere else, and what was copied is on fewer hosts. */
function relocate(job: JobInProgress): void {
  for (const map of job.maps) {
    const { source, block, state } = map;
    if (source === undefined || block === undefined || state === 'finished') continue;
    const now = partBlock(source);
    if (now.id === block.id && now.hosts.join() === block.hosts.join()) continue;
    job.relocate(map, { ...now, ...(block.tag !== undefined && { tag: block.tag }) });
  }
}
