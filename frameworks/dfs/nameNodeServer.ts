/**
 * Serves a namenode (nameNode.ts) by HTTP, to who knows the secret, and keeps its namespace in a folder (editLog.ts).
 *
 * - `POST /call`: a call as JSON (nameNodeCalls.ts); 200 and its answer, or a refusal: its status, and one sentence.
 * - `GET /status`: what there is, for people.
 *
 * Nobody is answered before what the answer rests on is on the disk.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Clock, Timer } from '../../mesos/driver/actor.ts';
import { type HttpService, startHttpService } from '../files/httpService.ts';
import { DfsError, REFUSAL_STATUS } from './dfsRefusal.ts';
import { openEditLog } from './editLog.ts';
import { NameNode } from './nameNode.ts';
import { CallSchema } from './nameNodeCalls.ts';
import type { NameNodeOptions } from './nameNodeOptions.ts';

/** How to start a namenode. */
export interface NameNodeServerOptions extends Omit<NameNodeOptions, 'store'> {
  /** Where to listen; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** The folder for its namespace. Made if it is missing. */
  readonly dir: string;
  /** The same as that of the file servers. */
  readonly secret: string;
  readonly clock: Pick<Clock, 'now' | 'after' | 'random'>;
  /** Is told, in one sentence, of what people may want to know. */
  readonly log?: (line: string) => void;
  /** Is told that the namespace cannot be kept any more. Nobody is answered from then on: end the process. */
  readonly onError: (error: Error) => void;
}

/** A block report of a million blocks is shorter. */
const CALL_BYTES_MAX = 128 * 1024 * 1024;

/** Starts a namenode. Rejects, in one sentence, if the namespace cannot be read or the address is taken. */
export async function startNameNode(options: NameNodeServerOptions): Promise<HttpService> {
  const { host, port, dir, secret, clock, log = () => {}, onError, ...settings } = options;
  const editLog = await openEditLog({ dir, onError });
  const world = { clock, namespace: editLog.namespace, append: editLog.append.bind(editLog), log };
  const nameNode = new NameNode({ ...settings, store: editLog.store }, world);
  await editLog.synced();
  let timer: Timer;
  const tick = (): void => {
    nameNode.tick();
    void editLog.synced();
    timer = clock.after(nameNode.tickMs, tick);
  };
  const service = await startHttpService({
    host,
    port,
    secret,
    async serve(request, response) {
      const call = await readCall(request);
      const answer = nameNode.call(call);
      await editLog.synced();
      send(response, answer);
    },
    refusalOf,
  }).catch(async (error: unknown) => {
    await editLog.close();
    throw error;
  });
  timer = clock.after(nameNode.tickMs, tick);
  return {
    ...service,
    async close() {
      timer.cancel();
      await service.close();
      await editLog.close();
    },
  };
}

async function readCall(request: IncomingMessage): Promise<v.InferOutput<typeof CallSchema>> {
  if (request.method === 'GET' && request.url === '/status') return { call: 'status' };
  if (request.method !== 'POST' || request.url !== '/call')
    throw new DfsError('invalid', 'Use POST /call, or GET /status.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read all the same, so that the sender gets to read why.
    if (bytes <= CALL_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > CALL_BYTES_MAX) throw new DfsError('invalid', `A call is longer than ${CALL_BYTES_MAX} bytes.`);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks, bytes).toString('utf8'));
  } catch {
    throw new DfsError('invalid', 'A call must be JSON.');
  }
  const result = v.safeParse(CallSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new DfsError(
    'invalid',
    `A call cannot be understood: ${v.getDotPath(issue) ?? ''}: ${issue.message}.`,
  );
}

function send(response: ServerResponse, answer: unknown): void {
  const body = JSON.stringify(answer);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(200, headers).end(body);
}

function refusalOf(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof DfsError) return { status: REFUSAL_STATUS[error.kind], message: error.message };
  return { status: 500, message: `The namenode failed: ${(error as Error).message}.` };
}
