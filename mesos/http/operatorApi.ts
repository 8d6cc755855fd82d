/** The operator API of the master: `POST /api/v1`. Each kind of call has a handler; the checks before it are the same for all. */
import type { Reign } from '../master/reign.ts';
import type { MasterWindow } from '../master/window.ts';
import { required } from '../v1/json.ts';
import * as v1 from '../v1/master.ts';
import { Response } from '../v1/masterAnswers.ts';
import { acceptedType, answerAs, readCall, refusing, requirePost } from './calls.ts';
import { type Answer, type Endpoint, Refusal, type Request } from './exchange.ts';
import { led } from './leader.ts';

/** Answers calls of one type. What it throws as a {@link Refusal} is the answer too. */
export type OperatorHandler = (call: v1.Call, request: Request, reign: Reign) => Answer | Promise<Answer>;

/** Handlers by type. */
export type OperatorHandlers = Readonly<Partial<Record<v1.CallType, OperatorHandler>>>;

/** What the refusal of a call that is wrong in itself begins with. */
export const VALIDATION = 'Failed to validate master::Call: ';

/** Makes the endpoint. Types that have no handler are answered with 501. */
export function operatorApi(window: () => MasterWindow | undefined, handlers: OperatorHandlers): Endpoint {
  return led(window, async (request) => {
    requirePost(request);
    const { call } = await readCall(request, v1.Call, 'Call');
    const { type } = call;
    if (type === undefined) throw new Refusal(400, `${VALIDATION}Expecting 'type' to be present`);
    const handler = handlers[type];
    if (handler === undefined)
      throw new Refusal(501, `Calls of type ${type} are not supported by this system`);
    acceptedType(request);
    // Another may lead by the time the body has come.
    return led(window, (_, reign) => handler(call, request, reign))(request);
  });
}

/** A part of a call that must be there. Throws a {@link Refusal}. */
export function part<K extends keyof v1.Call>(call: v1.Call, name: K): NonNullable<v1.Call[K]> {
  return refusing(400, VALIDATION, () => required(call, name));
}

/** An answer in the form that the request wants. */
export function respond(request: Request, response: Response): Answer {
  return answerAs(request, Response, response);
}
