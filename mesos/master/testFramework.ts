/** For tests in virtual time: a framework that says only what the test says, to the last field of a call. */
import type { FrameworkInfo, Offer, Operation, TaskInfo } from '../protocol/entities.ts';
import { SCHEDULER_INBOX } from '../protocol/message.ts';
import type { Resources } from '../protocol/resources.ts';
import type { SchedulerCall, SchedulerEvent } from '../protocol/scheduler.ts';
import { MASTER, sleepTask, type TestCluster } from '../testCluster.ts';

type Call = SchedulerCall extends infer C
  ? C extends { frameworkId: string }
    ? Omit<C, 'frameworkId'>
    : never
  : never;

/** Starts it; it acknowledges its updates. */
export function scriptedFramework(
  { virtual }: Pick<TestCluster, 'virtual'>,
  name: string,
  info: Partial<FrameworkInfo> = {},
) {
  const received: SchedulerEvent[] = [];
  let send = (_: SchedulerCall): void => {};
  const start = (id?: string): void => {
    virtual.process(`10.0.2.${name}:0`).spawn<SchedulerEvent>('scheduler', {
      inbox: SCHEDULER_INBOX,
      create: (context) => {
        send = (call) => context.send(MASTER, call);
        return {
          receive(event) {
            received.push(event);
            if (event.type !== 'UPDATE' || event.status.uuid === undefined) return;
            const { slaveId = '', taskId, uuid } = event.status;
            send({ type: 'ACKNOWLEDGE', frameworkId: frameworkId(), slaveId, taskId, uuid });
          },
        };
      },
    });
    const more = { ...info, ...(id !== undefined && { id }) };
    send({ type: 'SUBSCRIBE', frameworkInfo: { user: 'test', name, failoverTimeout: 3600, ...more } });
  };
  start();
  const of = <T extends SchedulerEvent['type']>(type: T) =>
    received.filter((event): event is SchedulerEvent & { type: T } => event.type === type);
  const frameworkId = (): string => of('SUBSCRIBED')[0]?.frameworkId ?? '';
  const offers = (): readonly Offer[] => of('OFFERS').flatMap((event) => event.offers);
  return {
    of,
    frameworkId,
    offers,
    restart: () => start(frameworkId()),
    call: (call: Call) => send({ ...call, frameworkId: frameworkId() } as SchedulerCall),
    /** The latest offer, of a slave if that is named. */
    offer(hostname?: string): Offer {
      const offer = offers().findLast((one) => hostname === undefined || one.hostname === hostname);
      if (offer === undefined) throw new Error(`${hostname ?? 'nothing'} was not offered`);
      return offer;
    },
    /** What is offered it at the moment, as far as it knows, in one sum for each offer. */
    offered: (): readonly Resources[] => {
      const rescinded = new Set(of('RESCIND').map(({ offerId }) => offerId));
      return offers().flatMap(({ id, resources }) => (rescinded.has(id) ? [] : [resources]));
    },
    accept(offer: Offer, operations: readonly Operation[], refuseSeconds = 0) {
      this.call({ type: 'ACCEPT', offerIds: [offer.id], operations, filters: { refuseSeconds } });
    },
    /** Launches a task on the latest offer of a slave. */
    launch(hostname: string, taskId: string, ms = 600_000) {
      const offer = this.offer(hostname);
      this.accept(offer, [launching(sleepTask(offer, taskId, ms))]);
    },
    /** What was told of a task, in order. */
    states: (taskId: string) =>
      of('UPDATE').flatMap(({ status }) => (status.taskId === taskId ? [status.state] : [])),
    /** Of all inverse offers that came: which hosts, when. */
    asked: () => of('INVERSE_OFFERS').flatMap(({ inverseOffers }) => inverseOffers),
    rescinded: () => of('RESCIND_INVERSE_OFFER').map(({ inverseOfferId }) => inverseOfferId),
  };
}

/** An operation that launches tasks. */
export const launching = (...taskInfos: readonly TaskInfo[]): Operation => ({ type: 'LAUNCH', taskInfos });
