/** What operators can do, and what comes of it. */
import * as v from 'valibot';
import { IdSchema, type Immutable, listOf } from '../protocol/entities.ts';
import { format, ResourcesSchema } from '../protocol/resources.ts';
import { type Directives, QuotaSchema, RoleWeightSchema, WindowSchema } from './directives.ts';
import { type Machine, MachineSchema, shownMachine } from './machines.ts';

const slave = { slaveId: IdSchema };
const SlaveActions = {
  /** It is never let in again under its id, and its tasks are gone. Once is enough; it may be said again. */
  MARK_SLAVE_GONE: v.object({ type: v.literal('MARK_SLAVE_GONE'), ...slave }),
  /** It is not offered any more; what runs there runs on. */
  DEACTIVATE_SLAVE: v.object({ type: v.literal('DEACTIVATE_SLAVE'), ...slave }),
  /** It is offered again; nothing more is ended there. */
  REACTIVATE_SLAVE: v.object({ type: v.literal('REACTIVATE_SLAVE'), ...slave }),
  /** It is not offered any more, and all that runs there is ended. */
  DRAIN_SLAVE: v.object({
    type: v.literal('DRAIN_SLAVE'),
    ...slave,
    /** How long a task may take to end at most; absent: as long as it likes. */
    maxGraceMs: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
    /** It is marked gone when nothing is left. */
    markGone: v.boolean(),
  }),
} as const;

const ReservationActions = {
  /** What is free of the slave, or offered, is reserved as it is named. */
  RESERVE_RESOURCES: v.object({ type: v.literal('RESERVE_RESOURCES'), ...slave, resources: ResourcesSchema }),
  /** The same is not reserved any more. */
  UNRESERVE_RESOURCES: v.object({
    type: v.literal('UNRESERVE_RESOURCES'),
    ...slave,
    resources: ResourcesSchema,
  }),
} as const;

const MaintenanceActions = {
  /** In place of the whole schedule before. */
  UPDATE_MAINTENANCE_SCHEDULE: v.object({
    type: v.literal('UPDATE_MAINTENANCE_SCHEDULE'),
    windows: listOf(WindowSchema),
  }),
  /** Takes machines of the schedule down: their slaves are removed, and not let in. */
  START_MAINTENANCE: v.object({ type: v.literal('START_MAINTENANCE'), machines: listOf(MachineSchema) }),
  /** Machines are up again, and leave the schedule. */
  STOP_MAINTENANCE: v.object({ type: v.literal('STOP_MAINTENANCE'), machines: listOf(MachineSchema) }),
} as const;

/** All actions, by type: mostly the names of the Mesos v1 API. */
export const OPERATOR_ACTIONS = {
  /** Ends a framework, with all that it runs. */
  TEARDOWN: v.object({ type: v.literal('TEARDOWN'), frameworkId: IdSchema }),
  ...SlaveActions,
  ...ReservationActions,
  /** Roles that are not named keep their weights. */
  UPDATE_WEIGHTS: v.object({ type: v.literal('UPDATE_WEIGHTS'), weights: listOf(RoleWeightSchema) }),
  /** All of them or, if one cannot be, none. Without limits and guarantees a role has no quota any more. */
  UPDATE_QUOTA: v.object({
    type: v.literal('UPDATE_QUOTA'),
    quotas: listOf(QuotaSchema),
    /** Also if a role uses more than its limit already; it keeps that. */
    force: v.boolean(),
    /** Whether roles must have one before; others are refused. */
    before: v.exactOptional(v.picklist(['set', 'unset'])),
  }),
  ...MaintenanceActions,
} as const;

type ActionOf<S extends Readonly<Record<string, v.GenericSchema>>> = Immutable<v.InferOutput<S[keyof S]>>;

/** An action. */
export type OperatorAction = ActionOf<typeof OPERATOR_ACTIONS>;
/** What is done to one slave. */
export type SlaveAction = ActionOf<typeof SlaveActions>;
/** What is reserved, or not any more. */
export type ReservationAction = ActionOf<typeof ReservationActions>;
/** What is done to machines. */
export type MaintenanceAction = ActionOf<typeof MaintenanceActions>;

/** Why an action was not done. */
export interface ActionRefusal {
  readonly is: 'refused';
  readonly why: /** The principal may not. */
    | 'forbidden'
    /** There is no such framework or slave. */
    | 'unknown'
    /** It makes no sense. */
    | 'invalid'
    /** It does not go together with what holds. */
    | 'conflict'
    /** It cannot be kept for the masters to come. */
    | 'not-kept';
  /** One sentence. */
  readonly message: string;
}

/** What came of an action. */
export type Outcome = { readonly is: 'done' } | ActionRefusal;

/** A refusal. */
export const refused = (why: ActionRefusal['why'], message: string): ActionRefusal => ({
  is: 'refused',
  why,
  message,
});

/** What an action changes. */
export interface Plan {
  /** What is ordered from then on. */
  readonly directives?: Directives;
  /** May refuse still, if it then has done nothing. */
  readonly prepare?: () => ActionRefusal | undefined;
  /** Undoes what was prepared. */
  readonly undo?: () => void;
  /** Does it. */
  readonly apply: () => void;
}

/** The action with its values checked, and machines as they are compared. */
export function checkedAction(action: OperatorAction): OperatorAction | ActionRefusal {
  const { success, output, issues } = v.safeParse(OPERATOR_ACTIONS[action.type] as v.GenericSchema, action);
  if (success) return output as OperatorAction;
  const [issue] = issues;
  return refused(
    'invalid',
    `${action.type}: ${v.getDotPath(issue) ?? ''} ${issue.message}`.replace('  ', ' '),
  );
}

/** Whom an action concerns, in a few words. */
export function subjectOf(action: OperatorAction): string {
  switch (action.type) {
    case 'TEARDOWN':
      return action.frameworkId;
    case 'MARK_SLAVE_GONE':
    case 'DEACTIVATE_SLAVE':
    case 'REACTIVATE_SLAVE':
    case 'DRAIN_SLAVE':
      return action.slaveId;
    case 'RESERVE_RESOURCES':
    case 'UNRESERVE_RESOURCES':
      return shortened(`${action.slaveId} ${format(action.resources)}`);
    case 'UPDATE_WEIGHTS':
      return listed(action.weights.map(({ role, weight }) => `${role}=${weight}`));
    case 'UPDATE_QUOTA':
      return listed(action.quotas.map(({ role }) => role));
    case 'UPDATE_MAINTENANCE_SCHEDULE':
      return machines(action.windows.flatMap((window) => window.machines));
    case 'START_MAINTENANCE':
    case 'STOP_MAINTENANCE':
      return machines(action.machines);
    default:
      return action satisfies never;
  }
}

/** As many are named; more would fill the history. */
const NAMED_MAX = 20;
/** Names may be long, too. */
const SUBJECT_LENGTH_MAX = 1000;

const machines = (all: readonly Machine[]): string => listed(all.map(shownMachine));

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  const shown = [...names.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])];
  return shortened(shown.join(', '));
}

const shortened = (subject: string): string => subject.slice(0, SUBJECT_LENGTH_MAX);
