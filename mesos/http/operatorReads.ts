/** The calls of the operator API that only read. */
import { VERSION } from '../version.ts';
import { type OperatorHandlers, respond } from './operatorApi.ts';

/** Their handlers. */
export function operatorReads(): OperatorHandlers {
  return {
    GET_HEALTH: (_, request) => respond(request, { type: 'GET_HEALTH', get_health: { healthy: true } }),
    GET_VERSION: (_, request) =>
      respond(request, { type: 'GET_VERSION', get_version: { version_info: { version: VERSION } } }),
  };
}
