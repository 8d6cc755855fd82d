/** Frameworks as the classic endpoints tell of them. */
import type { Books } from '../../master/books.ts';
import type { Framework, Offer, Slave } from '../../master/state.ts';
import type { ExecutorInfo, FrameworkId } from '../../protocol/entities.ts';
import { joinPorts, NO_PORTS, PORTS, type PortRanges, portsOf } from '../../protocol/ports.ts';
import { add, contains, type Resources, subtract, unreserved } from '../../protocol/resources.ts';
import { isTerminal } from '../../protocol/tasks.ts';
import { isCapable } from '../../v1/translate/frameworks.ts';
import { commandToV1 } from '../../v1/translate/tasks.ts';
import type { Chronicle, FrameworkRecord } from './chronicle.ts';
import { offeredJson, offeredOf, portsAmong } from './classicSlaves.ts';
import type { CompletedTask } from './completedTasks.ts';
import { labelsField, quoted, resourcesJson, seconds, written } from './jsonText.ts';
import { type Sheet, writeList } from './sheet.ts';

/** An executor of a framework's own. */
export interface OwnExecutor {
  readonly slave: Slave;
  readonly executor: ExecutorInfo;
}

/** A framework with all that belongs to it, as it was at one moment. */
export interface FrameworkSnapshot {
  readonly record: FrameworkRecord;
  readonly isCompleted: boolean;
  readonly tasks: Iterable<Uint8Array>;
  readonly unreachable: readonly CompletedTask[];
  readonly completed: Iterable<Uint8Array>;
}

/** Takes note of a framework. */
export function snapshotOf(record: FrameworkRecord, isCompleted: boolean): FrameworkSnapshot {
  return {
    record,
    isCompleted,
    tasks: record.pages.snapshot(),
    unreachable: [...record.unreachable.values()],
    completed: record.completed.snapshot().pieces(),
  };
}

/** The executors of the frameworks' own, by framework. Pauses now and then. */
export function* ownExecutors(
  slaves: Iterable<Slave>,
): Generator<void, ReadonlyMap<FrameworkId, readonly OwnExecutor[]>> {
  const all = new Map<FrameworkId, OwnExecutor[]>();
  let looked = 0;
  for (const slave of slaves)
    for (const [frameworkId, executors] of slave.executors)
      for (const executor of executors.values()) {
        if (++looked % EXECUTORS_PER_TURN === 0) yield;
        if (executor.isCommand) continue;
        const list = all.get(frameworkId);
        if (list === undefined) all.set(frameworkId, [{ slave, executor }]);
        else list.push({ slave, executor });
      }
  return all;
}

const EXECUTORS_PER_TURN = 5000;

/** What a framework has in use, executors included; what is reserved in it is not marked. */
export function usedBy({ allocation }: Books, { id, offers }: Framework): Resources {
  const held = allocation.held(id);
  const offered = unreserved(offeredOf(offers));
  return contains(held, offered) ? subtract(held, offered) : held;
}

/** The ports among what it has in use. */
export function usedPorts(used: Resources, { tasks }: Framework): PortRanges {
  if ((used[PORTS] ?? 0) === 0) return NO_PORTS;
  return portsOf([...tasks.values()].filter(({ state }) => !isTerminal(state)));
}

/** The fields of a framework that every list of frameworks has, without braces. */
export function frameworkFields({ framework }: FrameworkRecord, isCompleted: boolean, books: Books): string {
  const { id, info, state, offers } = framework;
  const { name, hostname = '', webuiUrl = '', capabilities = [] } = info;
  const connected = state.is === 'connected' && !isCompleted;
  const used = isCompleted ? {} : usedBy(books, framework);
  return `"id":${quoted(id)},"name":${quoted(name)},"hostname":${quoted(hostname)},"webui_url":${quoted(webuiUrl)},"capabilities":${written(capabilities)},"active":${connected},"connected":${connected},"recovered":${state.is === 'recovered' && !isCompleted},"used_resources":${resourcesJson(used, usedPorts(used, framework))},"offered_resources":${offeredJson(offers)}`;
}

/** Writes a framework with its tasks, offers and executors. */
export function* writeFramework(
  sheet: Sheet,
  { record, isCompleted, tasks, unreachable, completed }: FrameworkSnapshot,
  executors: readonly OwnExecutor[],
  { books }: Chronicle,
): Generator<void, void> {
  const { framework } = record;
  sheet.write(`{${frameworkFields(record, isCompleted, books)},${moreFields(record, isCompleted, books)}`);
  sheet.write(',"tasks":[');
  yield* writePages(sheet, tasks);
  sheet.write('],"unreachable_tasks":');
  yield* writeList(sheet, unreachable, ({ json }) => json);
  sheet.write(',"completed_tasks":[');
  yield* writePages(sheet, completed);
  sheet.write('],"offers":');
  yield* writeList(sheet, [...framework.offers.values()], offerJson);
  sheet.write(',"executors":');
  yield* writeList(sheet, executors, (own) => executorJson(own, framework.id));
  sheet.write('}');
}

/** Writes pages with a comma before each task. */
function* writePages(sheet: Sheet, pages: Iterable<Uint8Array>): Generator<void, void> {
  let skipped = 1;
  for (const page of pages) {
    sheet.writeBytes(page.subarray(skipped));
    skipped = 0;
    if (sheet.isFull) yield;
  }
}

/** What only the full lists tell of a framework. */
function moreFields(
  { framework, unregisteredMs = 0 }: FrameworkRecord,
  isCompleted: boolean,
  books: Books,
): string {
  const { info, registeredMs, reregisteredMs, offers } = framework;
  const { user, failoverTimeout = 0, checkpoint = false, principal, role = '*', labels } = info;
  const used = isCompleted ? {} : usedBy(books, framework);
  const offered = isCompleted ? {} : unreserved(offeredOf(offers));
  const ports = joinPorts(usedPorts(used, framework), portsAmong(offered, offers.values()));
  const roles = isCapable(info, 'MULTI_ROLE') ? `"roles":[${quoted(role)}]` : `"role":${quoted(role)}`;
  const times =
    `"registered_time":${seconds(registeredMs)},"unregistered_time":${seconds(unregisteredMs)}` +
    (reregisteredMs > registeredMs ? `,"reregistered_time":${seconds(reregisteredMs)}` : '');
  return `"user":${quoted(user)},"failover_timeout":${failoverTimeout},"checkpoint":${checkpoint},${roles}${principal === undefined ? '' : `,"principal":${quoted(principal)}`},${times},"resources":${resourcesJson(add(used, offered), ports)}${labelsField(labels)}`;
}

function offerJson({ id, framework, slave, resources, ports }: Offer): string {
  const role = quoted(framework.info.role ?? '*');
  return `{"id":${quoted(id)},"framework_id":${quoted(framework.id)},"slave_id":${quoted(slave.id)},"allocation_info":{"role":${role}},"resources":${resourcesJson(resources, ports)}}`;
}

function executorJson({ slave, executor }: OwnExecutor, frameworkId: FrameworkId): string {
  const { executorId, name, command, resources } = executor;
  return `{"executor_id":${quoted(executorId)},"name":${quoted(name)},"framework_id":${quoted(frameworkId)},"command":${written(commandToV1(command))},"resources":${resourcesJson(resources)},"slave_id":${quoted(slave.id)}}`;
}
