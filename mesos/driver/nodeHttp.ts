/** HTTP for frameworks; see runtime/nodeHttp.ts. */
export { Agent, createServer, request } from '../runtime/nodeHttp.ts';
