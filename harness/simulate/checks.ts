/** What must be true when a simulation has ended, beside the invariants of any history. */
import type { FrameworkId, SlaveId } from '../../mesos/protocol/entities.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { add, format, NOTHING, type Resources } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { fold } from '../measure/fold.ts';
import { jobsEnd } from '../measure/jobLife.ts';
import { oneMasterActs } from '../measure/leadership.ts';
import { offersEndOnce } from '../measure/offerLife.ts';
import { newPass } from '../measure/pass.ts';
import { slavesNotOvercommitted } from '../measure/slaveBooks.ts';
import { tasksEnd, tasksRunOnce } from '../measure/taskLife.ts';
import { REREGISTER_TIMEOUT_MAX_MS } from './drawPlan.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';
import type { Masters } from './masters.ts';
import type { Seen } from './observer.ts';

/** Something that is not as it must be. */
export interface Finding {
  /** Which check found it. */
  readonly check: string;
  readonly detail: string;
}

/** The invariants of harness/measure, with what those who were killed left behind taken out. */
export function checkHistory(
  history: readonly HistoryLine[],
  instances: readonly Instance[],
): readonly Finding[] {
  const killed = instances.filter(({ state }) => state === 'killed');
  const names = new Set(killed.map(({ name }) => name));
  // Without a master nobody is left to record what became of the tasks.
  const orphaned = new Set(
    killed.flatMap(({ back, frameworkId }) => (back.on === 'standalone' ? [frameworkId] : [])),
  );
  const ofLiving = history.filter((line) => !('framework' in line) || !names.has(line.framework));
  const ofMasters = history.filter((line) => !('frameworkId' in line) || !orphaned.has(line.frameworkId));
  const checks = [
    fold(history, offersEndOnce()),
    fold(ofMasters, slavesNotOvercommitted()),
    fold(history, tasksRunOnce()),
    fold(ofMasters, tasksEnd()),
    fold(ofLiving, jobsEnd()),
    fold(history, oneMasterActs()),
  ];
  return checks.flatMap(({ id, verdict, detail }) => (verdict === 'failed' ? [{ check: id, detail }] : []));
}

/** Every framework that was left alone has ended, and each of its jobs has finished. */
export function checkFrameworks(
  history: readonly HistoryLine[],
  instances: readonly Instance[],
): readonly Finding[] {
  const finished = new Set<string>();
  const failed = new Map<string, string>();
  const removed = new Set<FrameworkId | undefined>();
  for (const line of history) {
    if (line.event === 'framework-removed') removed.add(line.frameworkId);
    if (line.event === 'job-finished') {
      const key = `${line.framework} ${line.jobId}`;
      // Only as it was ordered.
      if (line.outcome === 'finished' || line.message === 'it was deleted') finished.add(key);
      else failed.set(key, line.message ?? 'no reason given');
    }
  }
  const findings: Finding[] = [];
  for (const { name, state, work, jobs, frameworkId, refusal } of instances)
    switch (state) {
      case 'killed':
      case 'superseded':
        break;
      case 'running':
        findings.push({ check: 'frameworks-end', detail: `${name} has not ended` });
        break;
      case 'refused':
        // It came too late, or the cluster was too small at the time.
        if (!removed.has(frameworkId) && !/guarantee .* cannot be met/.test(refusal))
          findings.push({ check: 'frameworks-end', detail: `${name} was refused: ${refusal}` });
        break;
      case 'done': {
        const own = [...finished].filter((key) => key.startsWith(`${name} `)).length;
        const why = [...failed].filter(([key]) => key.startsWith(`${name} `)).join('; ');
        const detail = `${own} of ${jobs} jobs of ${name} finished: ${why}`;
        // What is deleted before it was submitted leaves no trace.
        const untold = work.kind === 'mpi' ? work.jobs.filter(({ order }) => order?.what === 'delete') : [];
        if (own < jobs - untold.length || why !== '') findings.push({ check: 'jobs-finish', detail });
        break;
      }
      default:
        state satisfies never;
    }
  return findings;
}

/** Longest task, its start and all messages about it; or until a slave is given up that has not come back. */
const TASK_MS = 120_000 + REREGISTER_TIMEOUT_MAX_MS;

/**
 * Left in peace, a Hadoop instance with an unfinished job is not kept waiting: something happens in the cluster before its
 * refusals have run out and one more task has ended. (MPI jobs may wait: they back off.)
 */
export function checkProgress(
  history: readonly HistoryLine[],
  instances: readonly Instance[],
  peaceMs: Millis,
): readonly Finding[] {
  const patienceMs = new Map<string, Millis>();
  for (const { name, state, work, refuseSeconds = 5 } of instances)
    if (work.kind === 'hadoop' && state !== 'killed' && state !== 'superseded')
      patienceMs.set(name, refuseSeconds * 1000 + TASK_MS);
  const open = new Map<string, number>();
  let last: HistoryLine | undefined;
  for (const line of history) {
    const silentMs = last !== undefined && last.t >= peaceMs ? line.t - last.t : 0;
    for (const [name, jobs] of open)
      if (jobs > 0 && silentMs > (patienceMs.get(name) ?? 0)) {
        const seconds = Math.round(silentMs / 1000);
        const detail = `${name} had ${jobs} unfinished jobs, and nothing happened for ${seconds} s from ${last?.t} ms on`;
        return [{ check: 'nobody-is-forgotten', detail }];
      }
    last = line;
    if (!('framework' in line) || !patienceMs.has(line.framework)) continue;
    const change = line.event === 'job-submitted' ? 1 : line.event === 'job-finished' ? -1 : 0;
    open.set(line.framework, (open.get(line.framework) ?? 0) + change);
  }
  return [];
}

/**
 * Longest time until the end of a task is known: longest task, its slave given up, and asked for again by a driver that has
 * asked in vain.
 */
const OPEN_MAX_MS = REREGISTER_TIMEOUT_MAX_MS + 600_000;

/** A scheduler that ended its framework itself had been told what became of each task, but for the latest. */
export function checkSettled(instances: readonly Instance[], peaceMs: Millis): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { name, state, endedMs = Number.POSITIVE_INFINITY, open } of instances)
    for (const [taskId, launchedMs] of open)
      if (state === 'done' && endedMs - Math.max(launchedMs, peaceMs) > OPEN_MAX_MS)
        findings.push({
          check: 'tasks-are-settled',
          detail: `${name} was never told of the end of ${taskId}`,
        });
  return findings;
}

/** What operators ordered of slaves holds: none is offered that is not to be, or let in that is gone, or drained that has tasks. */
export function checkOrders(history: readonly HistoryLine[]): readonly Finding[] {
  const withheld = new Map<SlaveId, string>();
  /** Tasks that the master has heard of, with their slaves. */
  const running = new Map<number, SlaveId>();
  const { task: taskOf } = newPass();
  const findings: Finding[] = [];
  const report = (check: string, line: HistoryLine): void =>
    void findings.push({ check, detail: JSON.stringify(line) });
  for (const line of history)
    switch (line.event) {
      case 'operator-acted':
        if (line.action === 'REACTIVATE_SLAVE') withheld.delete(line.subject);
        else if (line.action.endsWith('_SLAVE') || line.action === 'MARK_SLAVE_GONE')
          withheld.set(line.subject, line.action);
        break;
      case 'offer-sent':
        if (withheld.has(line.slaveId)) report('orders-hold', line);
        break;
      case 'slave-registered':
        if (withheld.get(line.slaveId) === 'MARK_SLAVE_GONE') report('orders-hold', line);
        break;
      case 'slave-drained':
        if ([...running.values()].includes(line.slaveId)) report('drained-are-empty', line);
        break;
      case 'master-elected':
        running.clear();
        break;
      case 'task-launched':
        running.set(taskOf(line), line.slaveId);
        break;
      case 'task-updated':
        if (isTerminal(line.state) || line.state === 'TASK_UNREACHABLE') running.delete(taskOf(line));
        else running.set(taskOf(line), line.slaveId);
        break;
    }
  return findings;
}

/** How long it may take to tell a slave that a task is to end, and everybody that it has. */
const REVOKING_MS = 60_000;

/** In peace, a task that is revoked ends soon after its grace. */
export function checkRevocations(history: readonly HistoryLine[], peaceMs: Millis): readonly Finding[] {
  const revoked = new Map<number, HistoryLine & { readonly event: 'task-revoked' }>();
  const { task: taskOf } = newPass();
  const late: HistoryLine[] = [];
  for (const line of history) {
    if (line.event === 'task-revoked' && line.t > peaceMs) revoked.set(taskOf(line), line);
    if (line.event !== 'task-updated' || !isTerminal(line.state)) continue;
    const { t = line.t, graceMs = 0 } = revoked.get(taskOf(line)) ?? {};
    revoked.delete(taskOf(line));
    if (line.t - t > graceMs + REVOKING_MS) late.push(line);
  }
  return [...late, ...revoked.values()].map((line) => ({
    check: 'revoked-tasks-end',
    detail: JSON.stringify(line),
  }));
}

/** How long a scheduler that takes over needs to end what it does not know. */
const TAKEOVER_MS = 60_000;

/** What a scheduler has launched ends soon after another one has taken its place, and all is calm. */
export function checkTakeovers(
  history: readonly HistoryLine[],
  instances: readonly Instance[],
  calmMs: Millis,
): readonly Finding[] {
  const running = new Map<number, HistoryLine>();
  const late = new Map<number, HistoryLine>();
  const { task: taskOf } = newPass();
  const takeovers = instances.flatMap(({ frameworkId, registeredMs, takesOver, endedMs }) =>
    takesOver && registeredMs !== undefined ? [{ frameworkId, registeredMs, endedMs }] : [],
  );
  for (const line of history) {
    if (line.event === 'task-launched') running.set(taskOf(line), line);
    if (line.event !== 'task-updated' || !isTerminal(line.state)) continue;
    const launch = running.get(taskOf(line));
    const { frameworkId, t } = line;
    if (
      launch !== undefined &&
      takeovers.some(
        ({ frameworkId: id, registeredMs, endedMs = t }) =>
          id === frameworkId &&
          launch.t < registeredMs &&
          Math.min(t, endedMs) > Math.max(registeredMs, calmMs) + TAKEOVER_MS,
      )
    )
      late.set(taskOf(line), line);
  }
  return [...late.values()].map((line) => ({ check: 'predecessors-end', detail: JSON.stringify(line) }));
}

/** Nothing of any framework is left: no executor on a slave, no timer that belongs to a task. */
export function checkLeftovers(
  machines: readonly Machine[],
  slaves: number,
  masters: Masters,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { plan, executors, ledger } of machines) {
    if (executors > 0)
      findings.push({
        check: 'executors-end',
        detail: `${executors} executors are left on ${plan.hostname}`,
      });
    // A slave without a master keeps asking for one.
    const timers = ledger?.timers ?? 0;
    if (timers > 1)
      findings.push({ check: 'timers-end', detail: `${timers} timers are left on ${plan.hostname}` });
  }
  for (const [process, { timers }] of masters.ledgers) {
    // The next ping of a slave, if there is any, and the heartbeat.
    const expected = process === masters.leader ? Math.min(slaves, 1) + 1 : 0;
    if (timers !== expected)
      findings.push({
        check: 'timers-end',
        detail: `${process} has ${timers} timers instead of ${expected}`,
      });
  }
  return findings;
}

/** A cluster without frameworks says nothing but what keeps it together. */
export function checkQuiet(sent: ReadonlyMap<string, number>): readonly Finding[] {
  const idle = new Set(['PING', 'PONG', 'REGISTER_SLAVE', 'REREGISTER_SLAVE']);
  return [...sent].flatMap(([type, count]) =>
    count > 0 && !idle.has(type)
      ? [{ check: 'quiet', detail: `${count} times ${type} was sent in a cluster without frameworks` }]
      : [],
  );
}

/** The observers were offered every slave that lives, whole. */
export function checkOffered(machines: readonly Machine[], seen: Seen): readonly Finding[] {
  const offered = new Map<string, Resources>();
  for (const { hostname, resources } of seen.values())
    offered.set(hostname, add(offered.get(hostname) ?? NOTHING, resources));
  return machines.flatMap(({ plan, isUp }) => {
    const expected = isUp ? shown(plan.resources) : '';
    const got = shown(offered.get(plan.hostname) ?? NOTHING);
    if (got === expected) return [];
    const detail = `the last framework was offered ${got || 'nothing'} of ${plan.hostname}, which has ${expected || 'crashed'}`;
    return [{ check: 'all-is-free', detail }];
  });
}

/** Resources in the order of their names. */
const shown = (resources: Resources): string => format(resources).split(';').sort().join(';');
