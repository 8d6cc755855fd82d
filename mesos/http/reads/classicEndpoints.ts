/** The classic endpoints that tell of a cluster. */
import { requireGet } from '../calls.ts';
import { type Endpoint, jsonFor, Refusal, type Request } from '../exchange.ts';
import {
  frameworksProduction,
  type Self,
  slavesProduction,
  stateProduction,
  summaryProduction,
} from './classicState.ts';
import { type Archive, ledDocument } from './document.ts';
import { rolesProduction, type WeightOf } from './roles.ts';
import { type TaskPage, tasksProduction } from './taskList.ts';

/** What they tell beside what happens. */
export interface ClassicOptions extends Omit<Self, 'startedMs'> {
  readonly weightOf: WeightOf;
}

/** Tasks on a page of `/tasks` if the request does not say, as in Apache Mesos. */
const TASKS_LIMIT = 100;

/** The endpoints, by path. */
export function classicEndpoints(
  archive: Archive,
  { cluster, flags, weightOf }: ClassicOptions,
): readonly (readonly [string, Endpoint])[] {
  const self = (): Self => ({ startedMs: archive.window()?.startedMs, cluster, flags });
  return [
    ['/state', ledDocument(archive, (chronicle) => stateProduction(chronicle, self()))],
    ['/state-summary', ledDocument(archive, (chronicle) => summaryProduction(chronicle, self()))],
    [
      '/slaves',
      ledDocument(archive, (chronicle, { query }) =>
        slavesProduction(chronicle, query.get('slave_id') ?? undefined),
      ),
    ],
    [
      '/frameworks',
      ledDocument(archive, (chronicle, { query }) =>
        frameworksProduction(chronicle, query.get('framework_id') ?? undefined),
      ),
    ],
    ['/tasks', ledDocument(archive, (chronicle, request) => tasksProduction(chronicle, pageOf(request)))],
    ['/roles', ledDocument(archive, (chronicle) => rolesProduction(chronicle, weightOf))],
    ['/flags', flagsEndpoint(flags)],
  ];
}

function flagsEndpoint(flags: Self['flags']): Endpoint {
  return (request) => {
    requireGet(request);
    return jsonFor(request, { flags });
  };
}

function pageOf({ query }: Request): TaskPage {
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw new Refusal(400, "'order' must be asc or desc");
  return {
    frameworkId: query.get('framework_id') ?? undefined,
    taskId: query.get('task_id') ?? undefined,
    offset: count(query, 'offset', 0),
    limit: count(query, 'limit', TASKS_LIMIT),
    isAscending: order === 'asc',
  };
}

function count(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new Refusal(400, `'${name}' must be a whole number, not below 0`);
  return Number(text);
}
