/** `/state`, `/state-summary`, `/slaves` and `/frameworks`: what there is in a cluster, as Apache Mesos has told it since its first releases. */
import { isActive } from '../../master/state.ts';
import type { FrameworkId, SlaveId } from '../../protocol/entities.ts';
import { TASK_STATES } from '../../protocol/tasks.ts';
import type { Millis } from '../../runtime/actor.ts';
import { VERSION } from '../../version.ts';
import type { Chronicle, FrameworkRecord, StateCounts } from './chronicle.ts';
import {
  type FrameworkSnapshot,
  frameworkFields,
  type OwnExecutor,
  ownExecutors,
  snapshotOf,
  writeFramework,
} from './classicFrameworks.ts';
import { endpointOf, portOf, slaveJson } from './classicSlaves.ts';
import { quoted, seconds, written } from './jsonText.ts';
import { type Production, type Sheet, writeList } from './sheet.ts';

/** What a master tells of itself. */
export interface Self {
  /** When its process took it up. */
  readonly startedMs: Millis | undefined;
  /** The name of the cluster. */
  readonly cluster: string | undefined;
  /** How it was started. */
  readonly flags: Readonly<Record<string, string>>;
}

/** All that there is. */
export function stateProduction(chronicle: Chronicle, self: Self): Production {
  return function* (sheet) {
    const slaves = [...chronicle.slaves.values()];
    const frameworks = snapshots(chronicle.frameworks.values(), false);
    const completed = snapshots(chronicle.completedFrameworks, true);
    sheet.write(`{${selfFields(chronicle, self)},"slaves":`);
    yield* writeList(sheet, slaves, slaveJson);
    const executors = yield* ownExecutors(slaves.map(({ slave }) => slave));
    sheet.write(',"recovered_slaves":[],"frameworks":');
    yield* writeFrameworks(sheet, frameworks, executors, chronicle);
    sheet.write(',"completed_frameworks":');
    yield* writeFrameworks(sheet, completed, executors, chronicle);
    sheet.write(',"orphan_tasks":[],"unregistered_frameworks":[]}');
  };
}

function snapshots(records: Iterable<FrameworkRecord>, isCompleted: boolean): readonly FrameworkSnapshot[] {
  return Array.from(records, (record) => snapshotOf(record, isCompleted));
}

function* writeFrameworks(
  sheet: Sheet,
  frameworks: readonly FrameworkSnapshot[],
  executors: ReadonlyMap<FrameworkId, readonly OwnExecutor[]>,
  chronicle: Chronicle,
): Generator<void, void> {
  sheet.write('[');
  let separator = '';
  for (const snapshot of frameworks) {
    sheet.write(separator);
    separator = ',';
    yield* writeFramework(sheet, snapshot, executors.get(snapshot.record.framework.id) ?? [], chronicle);
    if (sheet.isFull) yield;
  }
  sheet.write(']');
}

/** The fields about the master itself, without braces. */
function selfFields(chronicle: Chronicle, { startedMs, cluster, flags }: Self): string {
  const { id, address } = chronicle.books.info;
  const endpoint = endpointOf(address);
  const pid = `master@${endpoint}`;
  const hostname = endpoint.slice(0, endpoint.lastIndexOf(':'));
  let active = 0;
  for (const { slave } of chronicle.slaves.values()) if (isActive(slave)) active++;
  const fields = {
    version: VERSION,
    start_time: seconds(startedMs ?? chronicle.books.startMs),
    elected_time: seconds(chronicle.books.startMs),
    id,
    pid,
    hostname,
    capabilities: [],
    leader: pid,
    leader_info: { id, pid, port: portOf(endpoint), hostname },
    activated_slaves: active,
    deactivated_slaves: chronicle.slaves.size - active,
    unreachable_slaves: chronicle.unreachableSlaves.size,
    ...(cluster !== undefined && { cluster }),
    flags,
  };
  return written(fields).slice(1, -1);
}

/** Numbers of tasks instead of tasks. */
export function summaryProduction(chronicle: Chronicle, { cluster }: Self): Production {
  return function* (sheet) {
    const slaves = [...chronicle.slaves.values()];
    const endpoint = endpointOf(chronicle.books.info.address);
    const hostname = quoted(endpoint.slice(0, endpoint.lastIndexOf(':')));
    const name = cluster === undefined ? '' : `,"cluster":${quoted(cluster)}`;
    const slavesOf = new Map<FrameworkId, SlaveId[]>();
    sheet.write(`{"hostname":${hostname}${name},"slaves":`);
    yield* writeList(sheet, slaves, (record) => {
      const { executors, id } = record.slave;
      for (const frameworkId of executors.keys()) {
        const its = slavesOf.get(frameworkId);
        if (its === undefined) slavesOf.set(frameworkId, [id]);
        else its.push(id);
      }
      return slaveJson(
        record,
        `,${countFields(record.states)},"framework_ids":${written([...executors.keys()])}`,
      );
    });
    sheet.write(',"frameworks":');
    yield* writeList(sheet, [...chronicle.frameworks.values()], (record) => {
      const slaveIds = written(slavesOf.get(record.framework.id) ?? []);
      return `{${frameworkFields(record, false, chronicle.books)},${countFields(record.states)},"slave_ids":${slaveIds}}`;
    });
    sheet.write('}');
  };
}

function countFields(states: StateCounts): string {
  return TASK_STATES.map((state) => `"${state}":${states[state]}`).join(',');
}

/** Slaves, or one of them. */
export function slavesProduction(chronicle: Chronicle, slaveId: SlaveId | undefined): Production {
  return function* (sheet) {
    sheet.write('{"slaves":');
    yield* writeList(sheet, chosen(chronicle.slaves, slaveId), slaveJson);
    sheet.write(',"recovered_slaves":[]}');
  };
}

/** Frameworks, or one of them. */
export function frameworksProduction(chronicle: Chronicle, frameworkId: FrameworkId | undefined): Production {
  return function* (sheet) {
    const frameworks = snapshots(chosen(chronicle.frameworks, frameworkId), false);
    const completed = snapshots(
      chronicle.completedFrameworks.filter(
        ({ framework }) => frameworkId === undefined || framework.id === frameworkId,
      ),
      true,
    );
    const executors = yield* ownExecutors([...chronicle.books.slaves.values()]);
    sheet.write('{"frameworks":');
    yield* writeFrameworks(sheet, frameworks, executors, chronicle);
    sheet.write(',"completed_frameworks":');
    yield* writeFrameworks(sheet, completed, executors, chronicle);
    sheet.write(',"unregistered_frameworks":[]}');
  };
}

/** All of a map's values, or the one with a key. */
function chosen<T>(all: ReadonlyMap<string, T>, key: string | undefined): readonly T[] {
  if (key === undefined) return [...all.values()];
  const one = all.get(key);
  return one === undefined ? [] : [one];
}
