/** Revocation: what it costs, and whether it keeps what it promises (NSDI'11 §3.3). */
import {
  add,
  contains,
  format,
  NOTHING,
  type Resources,
  subtract,
  unreserved,
} from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Measure } from '../experiments/experiment.ts';
import { foldOf, type LineOf } from './fold.ts';
import { Findings } from './invariant.ts';
import { newPass } from './pass.ts';

/** What was promised. */
export interface Promises {
  /** What frameworks are guaranteed, by their names; others nothing. */
  readonly guarantees: Readonly<Record<string, Resources>>;
  /** Of the time that a task has until it is ended, the part that tasks use if they can. */
  readonly graceUsed: number;
}

/** Time that the news of an end takes. */
const NEWS_MS = 1_000;

interface Framework {
  readonly name: string;
  /** By tasks that are not to end. */
  used: Resources;
  /** Tasks that wait to be launched. */
  waiting: number;
}

interface Task {
  readonly framework: Framework;
  readonly resources: Resources;
  readonly launchedMs: number;
  revoked?: { readonly atMs: number; readonly graceMs: number };
}

/**
 * `revoked (tasks)`, and `revoked for NAME (tasks)` and `revoked from NAME (tasks)`; `work lost (task-s)`, the time for which those had run that were ended;
 * `finished in their grace (tasks)`. And checks: no framework loses a task while it has no more than it is guaranteed; tasks are revoked only for one that has less than
 * that and has tasks to launch; tasks have their grace.
 */
export function revocations({ guarantees, graceUsed }: Promises, pass = newPass()): Measure {
  const kept = new Findings(
    'guarantees-kept',
    'No framework loses a task while it has no more than it is guaranteed.',
  );
  const wanted = new Findings(
    'revoked-on-demand',
    'Tasks are revoked only for a framework that has tasks to launch and less than it is guaranteed.',
  );
  const grace = new Findings(
    'grace-kept',
    'A revoked task has the time that it is given to end, and no more.',
  );
  const frameworks = new Map<number, Framework>();
  const byName = new Map<string, Framework>();
  const tasks = new Map<number, Task>();
  const revokedFor = new Map<string, number>();
  const revokedFrom = new Map(Object.keys(guarantees).map((name) => [name, 0]));
  let finished = 0;
  let lostMs = 0;
  const named = (name: string): Framework => {
    const known = byName.get(name) ?? { name, used: NOTHING, waiting: 0 };
    byName.set(name, known);
    return known;
  };
  const guaranteeOf = ({ name }: Framework): Resources => guarantees[name] ?? NOTHING;

  function revoke(line: LineOf<'task-revoked'>): void {
    const task = tasks.get(pass.task(line));
    const claimant = frameworks.get(pass.framework({ ...line, frameworkId: line.forFrameworkId }));
    if (task === undefined || claimant === undefined)
      return kept.report(line, 'there is no such task, or nobody to revoke it for');
    const { framework, resources } = task;
    revokedFor.set(claimant.name, (revokedFor.get(claimant.name) ?? 0) + 1);
    revokedFrom.set(framework.name, (revokedFrom.get(framework.name) ?? 0) + 1);
    if (contains(guaranteeOf(framework), framework.used))
      kept.report(line, `${framework.name} had ${format(framework.used)}`);
    if (claimant.waiting <= 0) wanted.report(line, `${claimant.name} had no tasks to launch`);
    if (contains(claimant.used, guaranteeOf(claimant)))
      wanted.report(line, `${claimant.name} had ${format(claimant.used)}`);
    framework.used = subtract(framework.used, resources);
    task.revoked = { atMs: line.t, graceMs: line.graceMs };
  }

  function end(line: LineOf<'task-updated'>): void {
    const task = tasks.get(pass.task(line));
    if (task === undefined) return;
    tasks.delete(pass.task(line));
    const { framework, resources, launchedMs, revoked: order } = task;
    if (order === undefined) framework.used = subtract(framework.used, resources);
    const isDone = line.state === 'TASK_FINISHED';
    // It is to run again.
    if (!isDone) framework.waiting++;
    if (order === undefined) return;
    const tookMs = line.t - order.atMs;
    if (isDone) finished++;
    else {
      lostMs += line.t - launchedMs;
      if (tookMs < graceUsed * order.graceMs) grace.report(line, `it was ended after ${tookMs} ms`);
    }
    if (tookMs > order.graceMs + NEWS_MS) grace.report(line, `it ended after ${tookMs} ms`);
  }

  return foldOf({
    on: {
      'framework-registered': (line) => {
        frameworks.set(pass.framework(line), named(line.name));
      },
      'job-submitted': (line) => {
        // An endless job has always more.
        named(line.framework).waiting += line.tasks === 0 ? Number.POSITIVE_INFINITY : line.tasks;
      },
      'task-launched': (line) => {
        const framework = frameworks.get(pass.framework(line));
        if (framework === undefined || tasks.has(pass.task(line))) return;
        const resources = unreserved(line.resources);
        tasks.set(pass.task(line), { framework, resources, launchedMs: line.t });
        framework.used = add(framework.used, resources);
        framework.waiting--;
      },
      'task-revoked': (line) => {
        revoke(line);
      },
      'task-updated': (line) => {
        if (isTerminal(line.state)) end(line);
      },
    },
    result() {
      const revoked = [...revokedFor.values()].reduce((sum, n) => sum + n, 0);
      const open = [...tasks.values()].filter((task) => task.revoked !== undefined).length;
      return {
        values: {
          'revoked (tasks)': revoked,
          ...Object.fromEntries([...revokedFor].map(([name, n]) => [`revoked for ${name} (tasks)`, n])),
          ...Object.fromEntries([...revokedFrom].map(([name, n]) => [`revoked from ${name} (tasks)`, n])),
          'work lost (task-s)': lostMs / 1000,
          'finished in their grace (tasks)': finished,
        },
        checks: [
          kept.check(revoked, 'revocation'),
          wanted.check(revoked, 'revocation'),
          grace.check(revoked - open, 'end'),
        ],
      };
    },
  });
}
