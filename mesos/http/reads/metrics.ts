/**
 * The metrics of a master, with the names that Apache Mesos gives them. What is counted is kept up elsewhere; here it is looked
 * up, in a time that depends on the number of slaves and frameworks, and not on that of tasks.
 */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { isActive } from '../../master/state.ts';
import type { MasterWindow } from '../../master/window.ts';
import type { MasterMessage } from '../../protocol/message.ts';
import { dominantShare, type Resources, unreserved } from '../../protocol/resources.ts';
import { isTerminal, TASK_STATES, type TaskState } from '../../protocol/tasks.ts';
import type { Chronicle, FrameworkRecord } from './chronicle.ts';
import { offeredOf } from './classicSlaves.ts';
import type { MasterCounts } from './counts.ts';

/** What metrics are made from. */
export interface MetricsSource {
  readonly window: MasterWindow | undefined;
  readonly chronicle: Chronicle | undefined;
  readonly counts: MasterCounts;
  /** Streams of the operator API. */
  readonly subscribers: number;
  /** Readers of documents that were too slow. */
  readonly readersDropped: number;
}

/** A value. */
export interface Sample {
  /** Mesos's name. */
  readonly name: string;
  readonly value: number;
  /** What tells it from others of its family. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Values that belong together. */
export interface Family {
  readonly name: string;
  /** A counter only grows, as long as the master leads. */
  readonly kind: 'gauge' | 'counter';
  samples(): Iterable<Sample>;
}

/** All that there are. */
export function* metricFamilies(source: MetricsSource): Generator<Family> {
  const { chronicle } = source;
  yield* single('gauge', processGauges(source));
  yield* single('gauge', clusterGauges(chronicle));
  yield* single('gauge', resourceGauges(chronicle));
  yield* single('gauge', allocationGauges(source.counts));
  yield* single('counter', taskCounters(chronicle));
  yield* single('counter', counters(source));
  if (chronicle === undefined) return;
  yield shares(chronicle);
  yield* frameworkFamilies(chronicle);
}

type Named = readonly (readonly [string, number])[];

/** Families of one each. */
function* single(kind: Family['kind'], values: Named): Generator<Family> {
  for (const [name, value] of values) yield { name, kind, samples: () => [{ name, value, labels: {} }] };
}

function processGauges({ window, chronicle, subscribers }: MetricsSource): Named {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return [
    ['master/elected', window?.reign === undefined ? 0 : 1],
    ['master/elected_first', window?.isFirst ? 1 : 0],
    ['master/uptime_secs', window === undefined ? 0 : (window.now() - window.startedMs) / 1000],
    [
      'master/elected_secs',
      window === undefined || chronicle === undefined ? 0 : (window.now() - chronicle.books.startMs) / 1000,
    ],
    ['master/operator_event_stream_subscribers', subscribers],
    ['system/load_1min', load1],
    ['system/load_5min', load5],
    ['system/load_15min', load15],
    ['system/cpus_total', availableParallelism()],
    ['system/mem_total_bytes', totalmem()],
    ['system/mem_free_bytes', freemem()],
  ];
}

function clusterGauges(chronicle: Chronicle | undefined): Named {
  let active = 0;
  let disconnected = 0;
  for (const { slave } of chronicle?.slaves.values() ?? []) {
    if (isActive(slave)) active++;
    if (slave.state.is === 'disconnected') disconnected++;
  }
  let connected = 0;
  let offers = 0;
  for (const { framework } of chronicle?.frameworks.values() ?? []) {
    if (framework.state.is === 'connected') connected++;
    offers += framework.offers.size;
  }
  const slaves = chronicle?.slaves.size ?? 0;
  const frameworks = chronicle?.frameworks.size ?? 0;
  return [
    ['master/slaves_active', active],
    ['master/slaves_inactive', slaves - active],
    ['master/slaves_connected', slaves - disconnected],
    ['master/slaves_disconnected', disconnected],
    ['master/slaves_unreachable', chronicle?.unreachableSlaves.size ?? 0],
    ['master/frameworks_active', connected],
    ['master/frameworks_inactive', frameworks - connected],
    ['master/frameworks_connected', connected],
    ['master/frameworks_disconnected', frameworks - connected],
    ['master/outstanding_offers', offers],
    ...ACTIVE_STATES.map((state) => [tasksName(state), chronicle?.states[state] ?? 0] as const),
  ];
}

/** `master/tasks_running`. */
function tasksName(state: TaskState): string {
  return `master/tasks_${wordOf(state)}`;
}

function wordOf(state: TaskState): string {
  return state.slice('TASK_'.length).toLowerCase();
}

const RESOURCES = ['cpus', 'gpus', 'mem', 'disk'] as const;

function resourceGauges(chronicle: Chronicle | undefined): Named {
  const { total, held, offered } = resourceSums(chronicle);
  return RESOURCES.flatMap((name) => {
    const { [name]: all = 0 } = total;
    const { [name]: taken = 0 } = held;
    const used = taken - (offered[name] ?? 0);
    return [
      [`master/${name}_total`, all],
      [`master/${name}_used`, used],
      [`master/${name}_percent`, all > 0 ? used / all : 0],
      [`allocator/mesos/resources/${name}/total`, all],
      [`allocator/mesos/resources/${name}/offered_or_allocated`, taken],
    ] as const;
  });
}

function resourceSums(
  chronicle: Chronicle | undefined,
): Readonly<Record<'total' | 'held' | 'offered', Resources>> {
  const total = totalOf(chronicle);
  const held: Record<string, number> = {};
  const offered: Record<string, number> = {};
  for (const { framework } of chronicle?.frameworks.values() ?? []) {
    addTo(held, chronicle?.books.allocation.held(framework.id) ?? {});
    addTo(offered, unreserved(offeredOf(framework.offers)));
  }
  return { total, held, offered };
}

function totalOf(chronicle: Chronicle | undefined): Resources {
  const total: Record<string, number> = {};
  for (const { slave } of chronicle?.slaves.values() ?? []) addTo(total, unreserved(slave.info.resources));
  return total;
}

function addTo(sum: Record<string, number>, resources: Resources): void {
  for (const name in resources) sum[name] = (sum[name] ?? 0) + (resources[name] as number);
}

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999, p9999: 0.9999 };

function allocationGauges({ allocationSpans, allocationRuns }: MasterCounts): Named {
  const name = 'allocator/mesos/allocation_run_ms';
  const sorted = allocationSpans.toSorted((a, b) => a - b);
  const [least = 0] = sorted;
  return [
    [name, allocationSpans.at(-1) ?? 0],
    [`${name}/count`, allocationRuns],
    [`${name}/min`, least],
    [`${name}/max`, sorted.at(-1) ?? 0],
    ...Object.entries(QUANTILES).map(
      ([suffix, q]) => [`${name}/${suffix}`, sorted[Math.ceil(q * sorted.length) - 1] ?? 0] as const,
    ),
  ];
}

function taskCounters(chronicle: Chronicle | undefined): Named {
  return TERMINAL_STATES.map((state) => [tasksName(state), chronicle?.states[state] ?? 0]);
}

/** Mesos's names of the messages; some it does not have. */
const MESSAGES: Readonly<Record<MasterMessage['type'], string>> = {
  SUBSCRIBE: 'register_framework',
  TEARDOWN: 'unregister_framework',
  ACCEPT: 'launch_tasks',
  DECLINE: 'decline_offers',
  ACCEPT_INVERSE_OFFERS: 'accept_inverse_offers',
  DECLINE_INVERSE_OFFERS: 'decline_inverse_offers',
  REVIVE: 'revive_offers',
  SUPPRESS: 'suppress_offers',
  SET_FILTERS: 'set_filters',
  UPDATE_FRAMEWORK: 'update_framework',
  KILL: 'kill_task',
  SHUTDOWN: 'shutdown_executor',
  ACKNOWLEDGE: 'status_update_acknowledgement',
  RECONCILE: 'reconcile_tasks',
  MESSAGE: 'framework_to_executor',
  REGISTER_SLAVE: 'register_slave',
  REREGISTER_SLAVE: 'reregister_slave',
  UNREGISTER_SLAVE: 'unregister_slave',
  STATUS_UPDATE: 'status_update',
  EXECUTOR_TO_FRAMEWORK: 'executor_to_framework',
  EXITED_EXECUTOR: 'exited_executor',
  PONG: 'pong',
};

function counters({ counts, readersDropped }: MetricsSource): Named {
  const messages = Object.entries(MESSAGES) as [MasterMessage['type'], string][];
  return [
    ...messages.map(([type, name]) => [`master/messages_${name}`, counts.messages[type]] as const),
    ['master/dropped_messages', counts.droppedMessages],
    ['master/valid_status_updates', counts.validStatusUpdates],
    ['master/invalid_status_updates', counts.invalidStatusUpdates],
    ['master/slave_registrations', counts.slaveRegistrations],
    ['master/slave_reregistrations', counts.slaveReregistrations],
    ['master/slave_removals', counts.slaveRemovals],
    ['master/slave_unreachable_scheduled', counts.slaveUnreachableScheduled],
    ['master/slave_unreachable_completed', counts.slaveUnreachableCompleted],
    ['master/slave_unreachable_canceled', counts.slaveUnreachableCanceled],
    ['master/operator_event_streams_dropped', counts.operatorStreamsDropped],
    ['master/readers_dropped', readersDropped],
    ['allocator/mesos/allocation_runs', counts.allocationRuns],
  ];
}

/** The dominant share of each role. */
function shares(chronicle: Chronicle): Family {
  const name = 'allocator/mesos/roles/shares/dominant';
  return {
    name,
    kind: 'gauge',
    *samples() {
      const total = totalOf(chronicle);
      const held = new Map<string, Record<string, number>>();
      for (const { framework } of chronicle.frameworks.values()) {
        const { role = '*' } = framework.info;
        const sum = held.get(role) ?? {};
        addTo(sum, chronicle.books.allocation.held(framework.id));
        held.set(role, sum);
      }
      for (const [role, sum] of held)
        yield {
          name: `allocator/mesos/roles/${role}/shares/dominant`,
          value: dominantShare(sum, total),
          labels: { role },
        };
    },
  };
}

/** A value of each framework, for each of these; `path` is what follows the framework in its name. */
interface OfFramework {
  readonly path: string;
  readonly kind: Family['kind'];
  readonly label: string;
  values(record: FrameworkRecord): Iterable<readonly [string, number]>;
}

const ACTIVE_STATES = TASK_STATES.filter((state) => !isTerminal(state));
const TERMINAL_STATES = TASK_STATES.filter(isTerminal);

const OF_FRAMEWORKS: readonly OfFramework[] = [
  { path: 'calls', kind: 'counter', label: 'type', values: ({ counts }) => Object.entries(counts.calls) },
  { path: 'events', kind: 'counter', label: 'type', values: ({ counts }) => Object.entries(counts.events) },
  { path: 'offers', kind: 'counter', label: 'what', values: ({ counts }) => Object.entries(counts.offers) },
  {
    path: 'tasks/active',
    kind: 'gauge',
    label: 'state',
    values: ({ states }) => ACTIVE_STATES.map((state) => [state, states[state]]),
  },
  {
    path: 'tasks/terminal',
    kind: 'counter',
    label: 'state',
    values: ({ states }) => TERMINAL_STATES.map((state) => [state, states[state]]),
  },
];

function* frameworkFamilies({ frameworks }: Chronicle): Generator<Family> {
  yield {
    name: 'master/frameworks/subscribed',
    kind: 'gauge',
    *samples() {
      for (const record of frameworks.values())
        yield {
          name: `${prefixOf(record)}/subscribed`,
          value: record.framework.state.is === 'connected' ? 1 : 0,
          labels: labelsOf(record),
        };
    },
  };
  yield {
    name: 'master/frameworks/roles/suppressed',
    kind: 'gauge',
    *samples() {
      for (const record of frameworks.values()) {
        const { info, isSuppressed } = record.framework;
        const { role = '*' } = info;
        yield {
          name: `${prefixOf(record)}/roles/${role}/suppressed`,
          value: isSuppressed ? 1 : 0,
          labels: { ...labelsOf(record), role },
        };
      }
    },
  };
  for (const { path, kind, label, values } of OF_FRAMEWORKS)
    yield {
      name: `master/frameworks/${path}`,
      kind,
      *samples() {
        for (const record of frameworks.values())
          for (const [what, value] of values(record))
            yield {
              name: `${prefixOf(record)}/${path}/${what}`,
              value,
              labels: { ...labelsOf(record), [label]: what },
            };
      },
    };
}

function prefixOf({ framework }: FrameworkRecord): string {
  return `master/frameworks/${encodeURIComponent(framework.info.name.toWellFormed())}/${framework.id}`;
}

function labelsOf({ framework }: FrameworkRecord): Readonly<Record<string, string>> {
  return { framework_id: framework.id, name: framework.info.name };
}
