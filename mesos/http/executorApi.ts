/** The executor API: `POST /api/v1/executor`. The order of its checks and its answers are those of Apache Mesos. */
import type { ServerResponse } from 'node:http';
import type { ExecutorCall } from '../protocol/executor.ts';
import { complaint, SLAVE_INBOX } from '../protocol/message.ts';
import type { Runtime } from '../runtime/actor.ts';
import type { Executor } from '../slave/executor.ts';
import { executorPrincipal } from '../slave/executorTokens.ts';
import type { SlaveWindow } from '../slave/window.ts';
import * as v1 from '../v1/executor.ts';
import { executorCallFromV1 } from '../v1/translate/executors.ts';
import { acceptedType, readCall, refusing, requirePost } from './calls.ts';
import { type Answer, EMPTY, type Endpoint, Refusal, type Request } from './exchange.ts';
import { type ExecutorSession, openSession } from './executorSession.ts';

/** How executors prove who they are. */
export interface ExecutorAuthentication {
  /** Whom a token proves to be; undefined: nobody. */
  principalOf(token: string): string | undefined;
  /** May executors of this machine come without a token? Whoever is on the machine can then be any of them. */
  readonly isOptional: boolean;
}

/** What the API needs. */
export interface ExecutorApiOptions {
  readonly runtime: Runtime;
  readonly window: () => SlaveWindow | undefined;
  readonly authentication: ExecutorAuthentication;
  /** Bytes that may wait for one executor before it is dropped. */
  readonly bufferedBytesMax: number;
  readonly log: (line: string) => void;
}

const ACCEPTED: Answer = { status: 202, headers: EMPTY };
const VALIDATION = 'Failed to validate Executor::Call: ';
const BEARER = /^bearer +(\S+) *$/i;

/** Makes the API. */
export function executorApi(options: ExecutorApiOptions): Endpoint {
  const { runtime, window, authentication, bufferedBytesMax, log } = options;
  /** By container. */
  const sessions = new Map<string, ExecutorSession>();

  function subscribe(
    executor: Executor,
    call: ExecutorCall & { readonly type: 'SUBSCRIBE' },
    request: Request,
    { self: slave }: SlaveWindow,
  ): Answer {
    const contentType = acceptedType(request);
    const { containerId } = executor;
    const takeOver = (response: ServerResponse): void => {
      const subscription = { call: { ...call, containerId }, contentType, response };
      const known = sessions.get(containerId);
      if (known !== undefined) return known.resubscribe(subscription);
      const closed = (): void => void sessions.delete(containerId);
      const surroundings = { runtime, slave, bufferedBytesMax, log, closed };
      sessions.set(containerId, openSession(executor, surroundings, subscription));
    };
    return { takeOver };
  }

  return async (request) => {
    const principal = authenticated(request, authentication);
    requirePost(request);
    const slave = window();
    // Before it has an id it has no executors, and it is not known what it will do with those of an earlier process.
    if (slave?.info.id === undefined) throw new Refusal(503, 'Agent has not finished recovery');
    const { call } = await readCall(request, v1.Call, 'Call');
    const message = validated(call, slave);
    const executor = executorOf(call, slave);
    if (principal !== undefined && principal !== executorPrincipal(executor.containerId))
      throw new Refusal(
        403,
        `The token is not that of executor '${executor.info.executorId}' as it runs now`,
      );
    if (message?.type === 'SUBSCRIBE') return subscribe(executor, message, request, slave);
    const session = sessions.get(executor.containerId);
    if (!session?.isSubscribed) throw new Refusal(403, 'Executor is not subscribed');
    if (message !== undefined) session.call(message);
    return ACCEPTED;
  };
}

/** As whom an executor has authenticated; undefined: it may come without. Throws a {@link Refusal}. */
function authenticated(request: Request, authentication: ExecutorAuthentication): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined && authentication.isOptional && request.isLocal) return undefined;
  const [, token] = BEARER.exec(authorization ?? '') ?? [];
  const principal = token === undefined ? undefined : authentication.principalOf(token);
  if (principal !== undefined) return principal;
  throw new Refusal(
    401,
    'Which executor are you? Send MESOS_EXECUTOR_AUTHENTICATION_TOKEN of your environment as the bearer token',
    { 'WWW-Authenticate': 'Bearer realm="mesos"' },
  );
}

/** Undefined: the call has no effect. Throws a {@link Refusal}. */
function validated(call: v1.Call, { clock }: SlaveWindow): ExecutorCall | undefined {
  const { type, executor_id, update } = call;
  if (type === undefined) throw new Refusal(400, `${VALIDATION}Expecting 'type' to be present`);
  if (type === 'UNKNOWN') throw new Refusal(501, 'Received a call of an unknown type');
  const named = update?.status.executor_id?.value;
  if (named !== undefined && named !== executor_id.value)
    throw new Refusal(
      400,
      `${VALIDATION}ExecutorID in Call: ${executor_id.value} does not match ExecutorID in TaskStatus: ${named}`,
    );
  const message = refusing(400, VALIDATION, () => executorCallFromV1(call, clock.now() / 1000));
  const objection = message && complaint(SLAVE_INBOX, message);
  if (objection !== undefined) throw new Refusal(400, VALIDATION + objection);
  return message;
}

function executorOf({ framework_id, executor_id }: v1.Call, slave: SlaveWindow): Executor {
  const executor = slave.executor(framework_id.value, executor_id.value);
  if (executor !== undefined) return executor;
  const isKnown = slave.frameworks.some(({ id }) => id === framework_id.value);
  throw new Refusal(400, isKnown ? 'Executor cannot be found' : 'Framework cannot be found');
}
