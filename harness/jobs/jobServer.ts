/** A job server: serves the jobs of a scheduler in this process over HTTP. */
import { createServer } from 'node:net';
import type { JobControl, JobStatus } from '../../frameworks/jobBoard.ts';
import { authenticator } from '../../mesos/http/authentication.ts';
import { requireGet, requirePost } from '../../mesos/http/calls.ts';
import {
  type Answer,
  type Endpoint,
  json,
  Refusal,
  type Request,
  text,
  UNTRUSTED,
} from '../../mesos/http/exchange.ts';
import { httpServer } from '../../mesos/http/server.ts';
import { tokenFor } from './jobKey.ts';
import { boardOf, JOB_BYTES_MAX, JOBS_MAX, type JobDesk, type JobList } from './jobList.ts';
import { jobTable } from './jobTable.ts';

/** How a job server is set up. */
export interface JobServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The name of the framework. */
  readonly framework: string;
  /** Undefined as long as the scheduler has not started. */
  readonly desk: () => JobDesk | undefined;
  /** See {@link tokenFor}. */
  readonly key: string;
  /** Whether also who only looks must know the key. */
  readonly isPrivate: boolean;
  /** In milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** A job server that runs. */
export interface JobServer {
  /** `http://host:port/`. */
  readonly url: string;
  close(): void;
}

const PRINCIPAL = 'jobs';

/** Starts a job server. Rejects if it cannot listen. */
export async function startJobServer(options: JobServerOptions): Promise<JobServer> {
  const { host, port, log } = options;
  const listener = createServer();
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, resolve);
  });
  const address = listener.address();
  const place = `${host}:${typeof address === 'object' ? address?.port : port}`;
  const endpoints = new Map<string, Endpoint>([
    ['/', (request) => page(request, options)],
    ['/jobs', (request) => jobs(request, options)],
  ]);
  const server = httpServer({
    endpoints,
    otherwise: (path) => {
      const [, name, action] = /^\/jobs\/([^/]+)(?:\/(hold|release|result|scale))?$/.exec(path) ?? [];
      if (name === undefined) return undefined;
      if (action === 'result') return (request) => result(request, decoded(name), options);
      if (action === 'scale') return (request) => scale(request, decoded(name), options);
      return (request) => job(request, decoded(name), action as 'hold' | 'release' | undefined, options);
    },
    prefixes: [],
    authenticate: authenticator({
      tokens: [{ principal: PRINCIPAL, secret: tokenFor(options.key, place) }],
    }),
    isPublic: () => !options.isPrivate,
    hosts: new Set(['localhost', host]),
    bodyBytesMax: JOB_BYTES_MAX,
    bodiesBytesMax: 2 * JOB_BYTES_MAX,
    log,
  });
  listener.on('connection', (socket) => {
    socket.on('error', () => {});
    server.take(socket);
  });
  return {
    url: `http://${place}/`,
    close() {
      listener.close();
      server.close();
    },
  };
}

/** For people who come from the master's page. */
function page(request: Request, options: JobServerOptions): Answer {
  requireGet(request);
  return text(200, `${jobTable([list(options)]).join('\n')}\n`, UNTRUSTED);
}

async function jobs(request: Request, options: JobServerOptions): Promise<Answer> {
  if (request.method !== 'POST') {
    requireGet(request);
    return told(list(options));
  }
  const control = controlFor(request, options);
  const body = (await request.body()).toString('utf8');
  let job: unknown;
  try {
    job = JSON.parse(body);
  } catch (error) {
    throw new Refusal(400, `The job is not JSON: ${(error as Error).message}`);
  }
  try {
    control.submit(job);
  } catch (error) {
    throw refusal(error);
  }
  const id = typeof job === 'object' && job !== null && 'id' in job ? job.id : undefined;
  return told(control.jobs().find((one) => one.id === id) ?? null);
}

function job(
  request: Request,
  id: string,
  action: 'hold' | 'release' | undefined,
  options: JobServerOptions,
): Answer {
  const find = (): JobStatus => {
    const found = boardOf(deskOf(options))
      .jobs()
      .find((one) => one.id === id);
    if (found === undefined) throw new Refusal(404, `There is no job '${id}' here`);
    return found;
  };
  if (action !== undefined) requirePost(request);
  else if (request.method !== 'DELETE') {
    requireGet(request);
    return told(find());
  }
  const control = controlFor(request, options);
  find();
  try {
    control[action ?? 'delete'](id);
  } catch (error) {
    throw refusal(error);
  }
  return told(find());
}

/** How many tasks a job is to have. */
async function scale(request: Request, id: string, options: JobServerOptions): Promise<Answer> {
  requirePost(request);
  const control = controlFor(request, options);
  const body = (await request.body()).toString('utf8');
  // Nothing, too, would be the number 0.
  if (!/^\d{1,9}$/.test(body)) throw new Refusal(400, 'Send how many tasks it is to have, a whole number');
  if (control.scale === undefined)
    throw new Refusal(409, `Jobs of framework '${options.framework}' have as many tasks as they need`);
  try {
    control.scale(id, Number(body));
  } catch (error) {
    throw refusal(error);
  }
  return told(control.jobs().find((one) => one.id === id) ?? null);
}

/** What a job has to show that has ended. */
function result(request: Request, id: string, options: JobServerOptions): Answer {
  requireGet(request);
  const desk = deskOf(options);
  const found = desk.is === 'served' ? desk.resultOf(id) : undefined;
  if (found === undefined) throw new Refusal(404, `There is no result of a job '${id}' here`);
  return told(found);
}

function list(options: JobServerOptions): JobList {
  const { framework, now } = options;
  const desk = deskOf(options);
  const all = boardOf(desk).jobs();
  const omitted = Math.max(0, all.length - JOBS_MAX);
  return { framework, takesJobs: desk.is === 'served', nowMs: now(), jobs: all.slice(omitted), omitted };
}

function deskOf({ desk }: JobServerOptions): JobDesk {
  const found = desk();
  if (found === undefined)
    throw new Refusal(503, 'The scheduler has not started yet', { 'Retry-After': '1' });
  return found;
}

/** For who may command. */
function controlFor({ principal }: Request, options: JobServerOptions): JobControl<unknown> {
  if (principal !== PRINCIPAL)
    throw new Refusal(401, 'Only who knows the key of this job server may change its jobs', {
      'WWW-Authenticate': 'Bearer realm="jobs"',
    });
  const desk = deskOf(options);
  if (desk.is === 'served') return desk.control;
  throw new Refusal(409, `Framework '${options.framework}' runs its jobs to their end and takes no orders`);
}

/** What cannot be done is a RangeError, what is no job a TypeError. */
function refusal(error: unknown): unknown {
  if (error instanceof TypeError) return new Refusal(400, error.message);
  return error instanceof RangeError ? new Refusal(409, error.message) : error;
}

function told(value: unknown): Answer {
  const answer = json(JSON.stringify(value));
  return 'status' in answer ? { ...answer, headers: { ...answer.headers, ...UNTRUSTED } } : answer;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new Refusal(400, 'The path is not encoded as paths are');
  }
}
