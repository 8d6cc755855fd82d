/** The calls of the operator API that only read. */
import type { Reign } from '../../master/reign.ts';
import { PORTS } from '../../protocol/resources.ts';
import type { ContentType } from '../../v1/codec.ts';
import type { CallType } from '../../v1/master.ts';
import { Response } from '../../v1/masterAnswers.ts';
import { resourcesToV1 } from '../../v1/translate/resources.ts';
import { masterToV1 } from '../../v1/translate/schedulerEvents.ts';
import { VERSION } from '../../version.ts';
import { acceptedType } from '../calls.ts';
import type { Answer, Request } from '../exchange.ts';
import { type OperatorHandler, type OperatorHandlers, part, respond } from '../operatorApi.ts';
import type { Chronicle } from './chronicle.ts';
import type { Self } from './classicState.ts';
import { type Archive, chronicleOf, packedAnswer } from './document.ts';
import { type Lazily, messageProduction } from './lazily.ts';
import { type MetricsSource, metricFamilies } from './metrics.ts';
import { rolesOf, type WeightOf } from './roles.ts';
import { executorsOf, frameworksOf, slavesOf, stateOf, tasksOf } from './v1State.ts';

/** What the answers are made from. */
export interface OperatorReadsOptions {
  readonly archive: Archive;
  readonly flags: Self['flags'];
  readonly weightOf: WeightOf;
  readonly metrics: () => MetricsSource;
}

/** Their handlers. */
export function operatorReads({ archive, flags, weightOf, metrics }: OperatorReadsOptions): OperatorHandlers {
  /** What may be large is written piece by piece. */
  const listed =
    (type: CallType, make: (chronicle: Chronicle) => Lazily<Response>): OperatorHandler =>
    (_, request, reign) =>
      large(archive, request, reign, type, make);
  return {
    GET_HEALTH: (_, request) => respond(request, { type: 'GET_HEALTH', get_health: { healthy: true } }),
    GET_VERSION: (_, request) =>
      respond(request, { type: 'GET_VERSION', get_version: { version_info: { version: VERSION } } }),
    GET_FLAGS: (_, request) =>
      respond(request, {
        type: 'GET_FLAGS',
        get_flags: { flags: Object.entries(flags).map(([name, value]) => ({ name, value })) },
      }),
    // There is one level, and it is the lowest.
    GET_LOGGING_LEVEL: (_, request) =>
      respond(request, { type: 'GET_LOGGING_LEVEL', get_logging_level: { level: 0 } }),
    GET_MASTER: (_, request, { books }) =>
      respond(request, {
        type: 'GET_MASTER',
        get_master: {
          master_info: masterToV1(books.info),
          start_time: (archive.window()?.startedMs ?? books.startMs) / 1000,
          elected_time: books.startMs / 1000,
        },
      }),
    GET_METRICS(call, request, reign) {
      part(call, 'get_metrics');
      return large(archive, request, reign, 'GET_METRICS', () => ({
        type: 'GET_METRICS',
        get_metrics: { metrics: metricsList(metrics()) },
      }));
    },
    GET_STATE: listed('GET_STATE', (chronicle) => ({ type: 'GET_STATE', get_state: stateOf(chronicle) })),
    GET_AGENTS: listed('GET_AGENTS', (chronicle) => ({
      type: 'GET_AGENTS',
      get_agents: slavesOf(chronicle),
    })),
    GET_FRAMEWORKS: listed('GET_FRAMEWORKS', (chronicle) => ({
      type: 'GET_FRAMEWORKS',
      get_frameworks: frameworksOf(chronicle),
    })),
    GET_TASKS: listed('GET_TASKS', (chronicle) => ({ type: 'GET_TASKS', get_tasks: tasksOf(chronicle) })),
    GET_EXECUTORS: listed('GET_EXECUTORS', (chronicle) => ({
      type: 'GET_EXECUTORS',
      get_executors: executorsOf(chronicle),
    })),
    GET_OPERATIONS: (_, request) => respond(request, { type: 'GET_OPERATIONS', get_operations: {} }),
    GET_ROLES: listed('GET_ROLES', (chronicle) => ({
      type: 'GET_ROLES',
      get_roles: {
        // Of ports it would have to be told which they are.
        roles: rolesOf(chronicle, weightOf).map(
          ({ name, weight, frameworks, used: { [PORTS]: _, ...used } }) => ({
            name,
            weight,
            frameworks: frameworks.map((value) => ({ value })),
            resources: resourcesToV1(used),
          }),
        ),
      },
    })),
  };
}

function* metricsList(source: MetricsSource) {
  for (const { samples } of metricFamilies(source))
    for (const { name, value } of samples()) yield { name, value };
}

function large(
  archive: Archive,
  request: Request,
  reign: Reign,
  type: CallType,
  make: (chronicle: Chronicle) => Lazily<Response>,
): Answer {
  const contentType: ContentType = acceptedType(request);
  const key = `${reign.books.info.id} ${type} ${contentType}`;
  const chronicle = chronicleOf(archive, reign);
  const production = messageProduction(Response, contentType, () => make(chronicle));
  return packedAnswer(request, archive.press, key, production, contentType);
}
