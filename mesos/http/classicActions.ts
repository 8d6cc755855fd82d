/** The classic endpoints by which operators change a cluster, and those that tell what they have ordered. */
import type { OperatorAction } from '../master/actions.ts';
import type { Operator } from '../master/operator.ts';
import type { MasterWindow } from '../master/window.ts';
import { MachineID, Resource, WeightInfo } from '../v1/entities.ts';
import { fromJson, MalformedError } from '../v1/json.ts';
import { Schedule } from '../v1/maintenance.ts';
import { QuotaRequest } from '../v1/quota.ts';
import { type Message, message, repeated, type Value } from '../v1/schema.ts';
import {
  maintenanceToV1,
  quotaRequestFromV1,
  quotasToV1,
  scheduleFromV1,
  scheduleToV1,
  weightsFromV1,
  weightsToV1,
  withoutQuota,
} from '../v1/translate/operators.ts';
import { resourcesFromV1 } from '../v1/translate/resources.ts';
import { refuseMethod, refusing } from './calls.ts';
import { type Endpoint, jsonFor, Refusal } from './exchange.ts';
import { led } from './leader.ts';
import { perform, type StartedWeights, weightsOf } from './operatorActions.ts';

type Window = () => MasterWindow | undefined;

/** What the methods of an endpoint do: one tells what is ordered, the others read in the body of a request what to do. */
interface Methods {
  readonly GET?: (operator: Operator) => unknown;
  readonly POST?: Reader;
  readonly PUT?: Reader;
  readonly DELETE?: Reader;
}
type Reader = (body: Buffer) => OperatorAction;

const Weights = message('Weights', { all: repeated(1, WeightInfo) });
const Resources = message('Resources', { all: repeated(1, Resource) });
const Machines = message('Machines', { all: repeated(1, MachineID) });
const QUOTA_OF_ROLE = '/quota/';

/** The endpoints by path. */
export function classicActions(
  window: Window,
  startedWeights: StartedWeights,
): readonly (readonly [string, Endpoint])[] {
  const endpoints: Readonly<Record<string, Methods>> = {
    '/teardown': { POST: tearDown },
    '/reserve': { POST: (body) => reserved('RESERVE_RESOURCES', body) },
    '/unreserve': { POST: (body) => reserved('UNRESERVE_RESOURCES', body) },
    '/weights': {
      GET: ({ directives }) => weightsToV1(weightsOf(startedWeights, directives)),
      PUT: (body) => weightsFromV1(listIn(Weights, body).all),
    },
    '/quota': {
      GET: ({ directives }) => quotasToV1(directives.quotas),
      POST: (body) => quotaRequestFromV1(fromJson(QuotaRequest, parsed(body))),
    },
    '/maintenance/schedule': {
      GET: ({ directives }) => scheduleToV1(directives.schedule),
      POST: (body) => scheduleFromV1(fromJson(Schedule, parsed(body))),
    },
    '/maintenance/status': {
      GET: ({ directives, inverseOffers }) => maintenanceToV1(directives, inverseOffers.statuses()),
    },
    '/machine/down': { POST: (body) => maintained('START_MAINTENANCE', body) },
    '/machine/up': { POST: (body) => maintained('STOP_MAINTENANCE', body) },
  };
  return Object.entries(endpoints).map(([path, methods]) => [path, endpointOf(window, methods)]);
}

/** `DELETE /quota/ROLE`; undefined for other paths. */
export function quotaOfRole(window: Window): (path: string) => Endpoint | undefined {
  return (path) =>
    path.startsWith(QUOTA_OF_ROLE)
      ? endpointOf(window, { DELETE: () => withoutQuota(decoded(path.slice(QUOTA_OF_ROLE.length))) })
      : undefined;
}

function endpointOf(window: Window, methods: Methods): Endpoint {
  return led(window, async (request, { operator }) => {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        if (methods.GET === undefined) break;
        return jsonFor(request, methods.GET(operator));
      case 'POST':
      case 'PUT':
      case 'DELETE': {
        const read = methods[request.method];
        if (read === undefined) break;
        const body = await request.body();
        const action = refusing(400, '', () => read(body));
        // Another may lead by the time the body has come.
        return led(window, (_, reign) => perform(reign, request, action))(request);
      }
    }
    return refuseMethod(request.method, Object.keys(methods));
  });
}

function tearDown(body: Buffer): OperatorAction {
  return { type: 'TEARDOWN', frameworkId: formOf(body)('frameworkId') };
}

function reserved(type: 'RESERVE_RESOURCES' | 'UNRESERVE_RESOURCES', body: Buffer): OperatorAction {
  const field = formOf(body);
  const slaveId = field('slaveId');
  const { all } = listIn(Resources, field('resources'), "field 'resources'");
  return { type, slaveId, resources: resourcesFromV1(all) };
}

/** Reads the fields of a form, which must be there. */
function formOf(body: Buffer): (name: string) => string {
  const form = new URLSearchParams(body.toString('utf8'));
  return (name) => {
    const value = form.get(name);
    if (value === null) throw new Refusal(400, `Missing '${name}' query parameter in the request body`);
    return value;
  };
}

function maintained(type: 'START_MAINTENANCE' | 'STOP_MAINTENANCE', body: Buffer): OperatorAction {
  return { type, machines: listIn(Machines, body).all ?? [] };
}

function decoded(role: string): string {
  try {
    return decodeURIComponent(role);
  } catch {
    throw new Refusal(400, 'The role in the path is not encoded as a part of a URL');
  }
}

/** A body, or a part of one, that is a list; the message has it as `all`. */
function listIn<M extends Message>(schema: M, text: Buffer | string, what = 'body'): Value<M> {
  const all = parsed(text, what);
  if (!Array.isArray(all)) throw new MalformedError(`The ${what} must be a list in JSON`);
  return fromJson(schema, { all });
}

function parsed(text: Buffer | string, what = 'body'): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new MalformedError(`Failed to parse ${what} into JSON: ${(error as Error).message}`);
  }
}
