/** For tests: a framework that is subscribed over HTTP. */
import * as assert from 'uvu/assert';
import type * as entities from '../v1/entities.ts';
import type * as v1 from '../v1/scheduler.ts';
import { type Subscription, type TestMaster, withMaster } from './testMaster.ts';

/** The framework, and its master. */
export interface Subscribed extends TestMaster {
  readonly stream: Subscription;
  readonly frameworkId: string;
  /** Sends a call of the framework, which must be accepted. */
  say(call: Omit<v1.Call, 'framework_id'>): Promise<void>;
  /** Acknowledges an update. */
  acknowledge(event: v1.Event): Promise<void>;
}

/** Lets a test have a framework. */
export function subscribed(
  run: (framework: Subscribed) => Promise<void>,
  options: Parameters<typeof withMaster>[1] = {},
): Promise<void> {
  return withMaster(async (master) => {
    const stream = await master.subscribe();
    const frameworkId = await stream.frameworkId();
    const say = async (call: Omit<v1.Call, 'framework_id'>): Promise<void> => {
      const { status, text } = await master.call(
        { framework_id: { value: frameworkId }, ...call },
        stream.streamId,
      );
      assert.is(`${status} ${text}`, '202 ');
    };
    const acknowledge = async ({ update }: v1.Event): Promise<void> => {
      const { agent_id, task_id, uuid } = update?.status ?? {};
      if (agent_id === undefined || task_id === undefined || uuid === undefined) throw new Error('no ids');
      await say({ type: 'ACKNOWLEDGE', acknowledge: { agent_id, task_id, uuid } });
    };
    await run({ ...master, window: master.window, stream, frameworkId, say, acknowledge });
  }, options);
}

/** The first of the next offers. */
export async function offerOf(stream: Subscription): Promise<entities.Offer> {
  const [offer] = (await stream.find('OFFERS')).offers?.offers ?? [];
  if (offer === undefined) throw new Error('an OFFERS event without offers');
  return offer;
}
