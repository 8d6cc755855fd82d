/** The metrics of a slave, by the names of Apache Mesos. */
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { unreserved } from '../protocol/resources.ts';
import { isTerminal, TASK_STATES, type TaskState } from '../protocol/tasks.ts';
import { unpacked } from '../runtime/packed.ts';
import type { ExecutorState } from '../slave/executor.ts';
import type { SlaveWindow } from '../slave/window.ts';
import { frameworksOn } from './slaveReads.ts';
import { allocatedOf } from './slaveState.ts';

/** Numbers by name. */
export type Metrics = Readonly<Record<string, number>>;

/** How Mesos calls the states of executors. */
const EXECUTOR_STATES: Readonly<Record<ExecutorState['is'], string>> = {
  fetching: 'registering',
  starting: 'registering',
  recovering: 'registering',
  running: 'running',
  ending: 'terminating',
};

/** The metrics as they are now. */
export function metricsOf(slave: SlaveWindow): Metrics {
  const [load1, load5, load15] = loadavg();
  return {
    'slave/uptime_secs': (slave.clock.now() - slave.startedMs) / 1000,
    'slave/registered': slave.isRegistered ? 1 : 0,
    'slave/frameworks_active': frameworksOn(slave).active.length,
    ...executorCounts(slave),
    ...taskCounts(slave),
    ...resourceMetrics(slave),
    'system/cpus_total': availableParallelism(),
    'system/load_1min': load1 ?? 0,
    'system/load_5min': load5 ?? 0,
    'system/load_15min': load15 ?? 0,
    'system/mem_total_bytes': totalmem(),
    'system/mem_free_bytes': freemem(),
  };
}

function executorCounts({ executors, past }: SlaveWindow): Metrics {
  const counts: Record<string, number> = {
    'slave/executors_registering': 0,
    'slave/executors_running': 0,
    'slave/executors_terminating': 0,
    'slave/executors_terminated': past.executorEnds,
  };
  for (const { state } of executors) {
    const name = `slave/executors_${EXECUTOR_STATES[state.is]}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** How many are in a state now; of those in which tasks end, how many have come into it since the slave's process started. */
function taskCounts({ executors, past }: SlaveWindow): Metrics {
  const name = (state: TaskState): string => `slave/tasks_${state.slice('TASK_'.length).toLowerCase()}`;
  const counts: Record<string, number> = {};
  for (const state of TASK_STATES) counts[name(state)] = past.taskEnds.get(state) ?? 0;
  for (const { live } of executors)
    for (const { state } of unpacked(live))
      if (!isTerminal(state)) counts[name(state)] = (counts[name(state)] ?? 0) + 1;
  return counts;
}

function resourceMetrics(slave: SlaveWindow): Metrics {
  const resources = unreserved(slave.info.resources);
  const used = unreserved(allocatedOf(slave));
  const names = new Set(['cpus', 'gpus', 'mem', 'disk', ...Object.keys(resources)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const [all, some] = [resources[name] ?? 0, used[name] ?? 0];
      return [
        [`slave/${name}_total`, all],
        [`slave/${name}_used`, some],
        [`slave/${name}_percent`, all === 0 ? 0 : some / all],
      ] as const;
    }),
  );
}
