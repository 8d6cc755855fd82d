/** Tasks, slaves and frameworks as the operator API tells of them. */
import type { Books } from '../../master/books.ts';
import { isActive, type Offer, type Slave } from '../../master/state.ts';
import type { FrameworkInfo, Label, SlaveId, TaskId } from '../../protocol/entities.ts';
import type { Resources } from '../../protocol/resources.ts';
import type { TaskState } from '../../protocol/tasks.ts';
import type * as entities from '../../v1/entities.ts';
import type * as v1 from '../../v1/masterAnswers.ts';
import { slaveToV1 } from '../../v1/translate/executors.ts';
import { frameworkToV1 } from '../../v1/translate/frameworks.ts';
import { offerToV1 } from '../../v1/translate/offers.ts';
import { directiveToV1 } from '../../v1/translate/operators.ts';
import { resourcesToV1 } from '../../v1/translate/resources.ts';
import { statusToV1, uuidToV1 } from '../../v1/translate/statuses.ts';
import { VERSION } from '../../version.ts';
import type { FrameworkRecord, SlaveRecord } from './chronicle.ts';
import { usedBy } from './classicFrameworks.ts';
import { endpointOf, offeredOf, pidOf, portOf, usedOf } from './classicSlaves.ts';
import type { TaskRecord, Told } from './taskRecord.ts';

const timeToV1 = (ms: number): { readonly nanoseconds: number } => ({ nanoseconds: Math.round(ms * 1e6) });

/** What is the same of a task in the books and one that has ended. */
interface Fields {
  readonly id: TaskId;
  readonly name: string;
  readonly slaveId: SlaveId;
  readonly executorId: string;
  readonly state: TaskState;
  readonly resources: Resources;
  readonly labels: readonly Label[] | undefined;
  readonly statuses: readonly Told[];
}

function task(fields: Fields, { id: frameworkId = '', user, role = '*' }: FrameworkInfo): entities.Task {
  const { id, name, slaveId, executorId, state, resources, labels, statuses } = fields;
  const common = { taskId: id, slaveId, executorId };
  return {
    name,
    task_id: { value: id },
    framework_id: { value: frameworkId },
    executor_id: { value: executorId },
    agent_id: { value: slaveId },
    state,
    resources: resourcesToV1(resources, { allocatedTo: role }),
    statuses: statuses.map((told) => statusToV1({ ...common, ...told })),
    ...(labels !== undefined && { labels: { labels } }),
    user,
  };
}

/** A task in the books. */
export function taskRecordToV1({ task: own, statuses, updateState }: TaskRecord): entities.Task {
  const { framework, slave, lastUuid } = own;
  return {
    ...task({ ...own, slaveId: slave.id, statuses }, framework.info),
    ...(updateState !== undefined && { status_update_state: updateState }),
    ...(lastUuid !== undefined && { status_update_uuid: uuidToV1(lastUuid) }),
  };
}

/** As `taskJson` writes it. */
interface ClassicTask {
  readonly id: TaskId;
  readonly name: string;
  readonly executor_id: string;
  readonly slave_id: SlaveId;
  readonly state: TaskState;
  readonly resources: Resources;
  readonly statuses: readonly (Omit<Told, 'source'> & Partial<Pick<Told, 'source'>>)[];
  readonly labels?: readonly Label[];
}

/** A task that is kept as JSON. */
export function taskJsonToV1(json: string, info: FrameworkInfo): entities.Task {
  const classic = JSON.parse(json) as ClassicTask;
  const { executor_id: executorId, slave_id: slaveId, resources, labels, statuses } = classic;
  return task(
    {
      ...classic,
      executorId,
      slaveId,
      resources: Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0)),
      labels,
      statuses: statuses.map((told) => ({ source: 'SOURCE_EXECUTOR', ...told })),
    },
    info,
  );
}

/** A slave. */
export function slaveRecordToV1(record: SlaveRecord): v1.Agent {
  const { slave, reregisteredMs } = record;
  const endpoint = endpointOf(slave.address);
  return {
    agent_info: slaveToV1(slave.info, portOf(endpoint)),
    active: isActive(slave),
    ...directiveToV1(slave),
    version: VERSION,
    pid: pidOf(endpoint),
    registered_time: timeToV1(slave.registeredMs),
    ...(reregisteredMs !== undefined && { reregistered_time: timeToV1(reregisteredMs) }),
    total_resources: resourcesToV1(slave.info.resources),
    allocated_resources: resourcesToV1(positive(usedOf(record))),
    offered_resources: resourcesToV1(offeredOf(slave.offers)),
  };
}

function positive(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0));
}

/** A framework. */
export function frameworkRecordToV1(
  { framework, unregisteredMs }: FrameworkRecord,
  isCompleted: boolean,
  books: Books,
): v1.Framework {
  const { info, state, registeredMs, reregisteredMs, offers } = framework;
  const connected = state.is === 'connected' && !isCompleted;
  const allocated = { allocatedTo: info.role ?? '*' };
  return {
    framework_info: frameworkToV1(info),
    active: connected,
    connected,
    recovered: state.is === 'recovered' && !isCompleted,
    registered_time: timeToV1(registeredMs),
    ...(reregisteredMs > registeredMs && { reregistered_time: timeToV1(reregisteredMs) }),
    ...(unregisteredMs !== undefined && { unregistered_time: timeToV1(unregisteredMs) }),
    offers: Array.from(offers.values(), offer),
    allocated_resources: isCompleted ? [] : resourcesToV1(usedBy(books, framework), allocated),
    offered_resources: resourcesToV1(offeredOf(offers), allocated),
  };
}

function offer({ id, framework, slave, resources, unavailability }: Offer): entities.Offer {
  const { hostname, attributes } = slave.info;
  return offerToV1(
    {
      id,
      frameworkId: framework.id,
      slaveId: slave.id,
      hostname,
      resources,
      attributes,
      executorIds: executorIdsOf(slave, framework.id),
      ...(unavailability !== undefined && { unavailability }),
    },
    framework.info,
    endpointOf(slave.address),
  );
}

function executorIdsOf({ executors }: Slave, frameworkId: string): readonly string[] {
  return [...(executors.get(frameworkId)?.keys() ?? [])];
}
