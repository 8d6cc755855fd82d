/** Calls of the operator API by which operators change a cluster, and those that tell what they have ordered. */
import type { ActionRefusal, OperatorAction } from '../master/actions.ts';
import type { Reign } from '../master/reign.ts';
import {
  ACTION_CALLS,
  type ActionCallType,
  actionFromV1,
  maintenanceToV1,
  quotasToV1,
  scheduleToV1,
  weightsToV1,
} from '../v1/translate/operators.ts';
import { refusing } from './calls.ts';
import { type Answer, EMPTY, Refusal, type Request } from './exchange.ts';
import { type OperatorHandlers, respond, VALIDATION } from './operatorApi.ts';

/** Weights of roles by which a master was started; operators may set others. */
export type StartedWeights = Readonly<Record<string, number>>;

/** Their handlers. */
export function operatorActions(startedWeights: StartedWeights): OperatorHandlers {
  const types = Object.keys(ACTION_CALLS) as ActionCallType[];
  return {
    ...Object.fromEntries(
      types.map((type) => [
        type,
        (call, request, reign) =>
          perform(
            reign,
            request,
            refusing(400, VALIDATION, () => actionFromV1(type, call)),
          ),
      ]) satisfies [string, OperatorHandlers[ActionCallType]][],
    ),
    GET_WEIGHTS: (_, request, { books }) => {
      const weight_infos = weightsToV1(weightsOf(startedWeights, books.directives));
      return respond(request, { type: 'GET_WEIGHTS', get_weights: { weight_infos } });
    },
    GET_QUOTA: (_, request, { books }) =>
      respond(request, { type: 'GET_QUOTA', get_quota: { status: quotasToV1(books.directives.quotas) } }),
    GET_MAINTENANCE_SCHEDULE: (_, request, { books }) =>
      respond(request, {
        type: 'GET_MAINTENANCE_SCHEDULE',
        get_maintenance_schedule: { schedule: scheduleToV1(books.directives.schedule) },
      }),
    GET_MAINTENANCE_STATUS: (_, request, { books, operator }) => {
      const status = maintenanceToV1(books.directives, operator.inverseOffers.statuses());
      return respond(request, { type: 'GET_MAINTENANCE_STATUS', get_maintenance_status: { status } });
    },
  };
}

/** The weights of all roles of which one is given. */
export function weightsOf(
  started: StartedWeights,
  { weights }: Reign['books']['directives'],
): ReadonlyMap<string, number> {
  return new Map([...Object.entries(started), ...weights]);
}

/** Does what who sent the request asks for. Throws a {@link Refusal}. */
export function perform(reign: Reign, request: Request, action: OperatorAction): Answer {
  const outcome = reign.operator.act(action, request.principal);
  if (outcome.is === 'refused') throw refusalOf(action, outcome);
  return { status: isReservation(action) ? 202 : 200, headers: EMPTY };
}

const isReservation = ({ type }: OperatorAction): boolean =>
  type === 'RESERVE_RESOURCES' || type === 'UNRESERVE_RESOURCES';

/** The status as Apache Mesos has it. */
function refusalOf(action: OperatorAction, { why, message }: ActionRefusal): Refusal {
  switch (why) {
    case 'forbidden':
      return new Refusal(403, message);
    case 'invalid':
      return new Refusal(400, message);
    case 'conflict':
      return new Refusal(409, message);
    case 'not-kept':
      return new Refusal(503, message);
    case 'unknown':
      if (action.type === 'TEARDOWN') return new Refusal(400, message);
      if (action.type === 'MARK_SLAVE_GONE')
        return new Refusal(404, `No agent found with the id ${action.slaveId}`);
      if (isReservation(action)) return new Refusal(400, 'No agent found with specified ID');
      return new Refusal(400, 'Unknown agent');
    default:
      return why satisfies never;
  }
}
