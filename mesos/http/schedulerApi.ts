/** The scheduler API: `POST /api/v1/scheduler`. The order of its checks and its answers are those of Apache Mesos. */
import type { ServerResponse } from 'node:http';
import type { Books } from '../master/books.ts';
import type { MasterWindow } from '../master/window.ts';
import type { FrameworkId, FrameworkInfo } from '../protocol/entities.ts';
import { complaint, MASTER_INBOX } from '../protocol/message.ts';
import { processOf, type Runtime } from '../runtime/actor.ts';
import type { ContentType } from '../v1/codec.ts';
import { MalformedError } from '../v1/json.ts';
import * as v1 from '../v1/scheduler.ts';
import { Unsupported } from '../v1/translate/refusal.ts';
import { callFromV1, type Subscribe, subscribeFromV1 } from '../v1/translate/schedulerCalls.ts';
import { acceptedType, answerAs, readCall, refusing, requirePost } from './calls.ts';
import { openEventStream } from './eventStream.ts';
import { type Answer, EMPTY, type Endpoint, Refusal, type Request } from './exchange.ts';
import { led } from './leader.ts';
import { openSession, type SchedulerSession } from './schedulerSession.ts';

/** What the API needs. */
export interface SchedulerApiOptions {
  readonly runtime: Runtime;
  readonly window: () => MasterWindow | undefined;
  /** How slaves are reached. */
  readonly scheme: 'http' | 'https';
  /** Bytes that may wait for one scheduler before it is dropped. */
  readonly bufferedBytesMax: number;
  readonly log: (line: string) => void;
}

/** The API. */
export interface SchedulerApi {
  readonly endpoint: Endpoint;
  /** Ends all streams: the master does not lead any more. */
  endAll(): void;
}

const STREAM_ID_HEADER = 'mesos-stream-id';
const ACCEPTED: Answer = { status: 202, headers: EMPTY };
const VALIDATION = 'Failed to validate scheduler::Call: ';

/** Makes the API. */
export function schedulerApi(options: SchedulerApiOptions): SchedulerApi {
  const { runtime, window, scheme, bufferedBytesMax, log } = options;
  const sessions = new Set<SchedulerSession>();
  const subscribed = new Map<FrameworkId, SchedulerSession>();

  function subscribe(request: Request, call: v1.Call, books: Books): Answer {
    checkSubscribe(call);
    const contentType = acceptedType(request);
    if (request.headers[STREAM_ID_HEADER] !== undefined)
      throw new Refusal(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    return { takeOver: (response) => open(request, call, contentType, response, books) };
  }

  function open(
    { principal }: Request,
    call: v1.Call,
    contentType: ContentType,
    response: ServerResponse,
    books: Books,
  ): void {
    let message: Subscribe;
    try {
      message = subscribeFromV1(call);
      const objection = complaint(MASTER_INBOX, message);
      if (objection !== undefined) throw new MalformedError(objection);
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof Unsupported)) throw error;
      return refuseOnStream(response, contentType, error.message);
    }
    const endpointOf = (slaveId: string): string | undefined => {
      const address = books.slaves.get(slaveId)?.address;
      return address && processOf(address);
    };
    const master = books.context.self;
    let frameworkId: FrameworkId | undefined;
    const session = openSession(
      { runtime, master, endpointOf, scheme, bufferedBytesMax, log },
      { subscribe: message, principal, contentType, response },
      {
        subscribed(id) {
          frameworkId = id;
          subscribed.set(id, session);
        },
        closed() {
          sessions.delete(session);
          if (frameworkId !== undefined && subscribed.get(frameworkId) === session)
            subscribed.delete(frameworkId);
        },
      },
    );
    sessions.add(session);
  }

  function refuseOnStream(response: ServerResponse, contentType: ContentType, message: string): void {
    const stream = openEventStream(response, v1.Event, { contentType, bufferedBytesMax, closed() {} });
    stream.send({ type: 'ERROR', error: { message } });
    stream.end();
  }

  /** The session of the framework that calls. Throws a {@link Refusal}. */
  function sessionOf(request: Request, frameworkId: FrameworkId, books: Books): SchedulerSession {
    const framework = books.frameworks.get(frameworkId);
    if (framework === undefined) throw new Refusal(400, 'Framework cannot be found');
    const session = subscribed.get(frameworkId);
    if (framework.state.is !== 'connected' || session === undefined)
      throw new Refusal(403, 'Framework is not subscribed');
    if (session.principal !== request.principal)
      throw new Refusal(403, `Framework ${frameworkId} belongs to another principal`);
    const streamId = request.headers[STREAM_ID_HEADER];
    if (streamId === undefined)
      throw new Refusal(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    if (streamId !== session.streamId)
      throw new Refusal(
        400,
        `The stream ID '${`${streamId}`.slice(0, 128)}' included in this request didn't match the stream ID currently associated with framework ID ${frameworkId}`,
      );
    return session;
  }

  function answer(request: Request, call: v1.Call, books: Books): Answer {
    const { type, framework_id } = call;
    if (type === undefined) throw new Refusal(400, `${VALIDATION}Expecting 'type' to be present`);
    if (type === 'UNKNOWN') throw new Refusal(501, 'Received a call of an unknown type');
    if (type === 'SUBSCRIBE') return subscribe(request, call, books);
    if (framework_id === undefined)
      throw new Refusal(400, `${VALIDATION}Expecting 'framework_id' to be present`);
    const frameworkId = framework_id.value;
    if (type === 'RECONCILE_OPERATIONS') return reconcileOperations(request, call);
    const { role = '*' } = books.frameworks.get(frameworkId)?.info ?? {};
    const { message, invalid } = refusing(400, VALIDATION, () => callFromV1(call, frameworkId, role));
    const objection = message && complaint(MASTER_INBOX, message);
    if (objection !== undefined) throw new Refusal(400, VALIDATION + objection);
    const session = sessionOf(request, frameworkId, books);
    if (message?.type === 'UPDATE_FRAMEWORK') {
      checkUpdate(session.framework, message.frameworkInfo);
      session.update(message.frameworkInfo);
      session.call(message);
      return { status: 200, headers: EMPTY };
    }
    if (message !== undefined) session.call(message);
    session.refuse(invalid);
    return ACCEPTED;
  }

  return {
    endpoint: led(window, async (request) => {
      requirePost(request);
      const { call } = await readCall(request, v1.Call, 'Call');
      // Another may lead by the time the body has come.
      return led(window, (_, { books }) => answer(request, call, books))(request);
    }),
    endAll() {
      for (const session of sessions) session.end();
    },
  };
}

function checkSubscribe({ framework_id, subscribe }: v1.Call): void {
  if (subscribe === undefined) throw new Refusal(400, `${VALIDATION}Expecting 'subscribe' to be present`);
  if (framework_id?.value !== subscribe.framework_info.id?.value)
    throw new Refusal(400, `${VALIDATION}'framework_id' differs from 'subscribe.framework_info.id'`);
}

/** What a framework may not change while it lives. */
function checkUpdate(before: FrameworkInfo, after: FrameworkInfo): void {
  const fixed = ['id', 'user', 'checkpoint', 'role'] as const;
  for (const field of fixed)
    if ((before[field] ?? DEFAULTS[field]) !== (after[field] ?? DEFAULTS[field]))
      throw new Refusal(400, `Updating 'FrameworkInfo.${field}' is not supported by this system`);
}

const DEFAULTS = { id: undefined, user: undefined, checkpoint: false, role: '*' } as const;

/** No operations are kept, so that none is known. */
function reconcileOperations(request: Request, { reconcile_operations }: v1.Call): Answer {
  if (reconcile_operations === undefined)
    throw new Refusal(400, `${VALIDATION}Expecting 'reconcile_operations' to be present`);
  const operation_statuses = (reconcile_operations.operations ?? []).map(({ operation_id, agent_id }) => ({
    operation_id,
    state: 'OPERATION_UNKNOWN' as const,
    ...(agent_id !== undefined && { agent_id }),
  }));
  return answerAs(request, v1.Response, {
    type: 'RECONCILE_OPERATIONS',
    reconcile_operations: { operation_statuses },
  });
}
