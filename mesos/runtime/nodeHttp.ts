/**
 * Node's HTTP, without `fetch` and WebSocket: whoever imports `node:http` itself evaluates all that it exports, and so loads those too,
 * which takes some 5 MiB and 30 ms of processor time of every process. Types may be imported from there.
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http');
