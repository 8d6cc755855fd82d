/**
 * A scheduler with a layer around it that reserves for its role what it launches tasks on. The scheduler itself knows nothing of
 * reservations: what it is offered seems to be reserved for nobody.
 */
import type { Offer, OfferId, Operation } from '../../mesos/protocol/entities.ts';
import type { Message } from '../../mesos/protocol/message.ts';
import {
  isEmpty,
  NOTHING,
  type Resources,
  reserve,
  roleOf,
  sum,
  unreserved,
} from '../../mesos/protocol/resources.ts';
import type { SchedulerEvent } from '../../mesos/protocol/scheduler.ts';
import type { ActorKind, Millis, Random } from '../../mesos/runtime/actor.ts';

/** How to reserve. */
export interface ReservingOptions {
  readonly role: string;
  /** With it what a task is launched on is reserved. */
  readonly probability: number;
  /** After this, nothing is. */
  readonly endMs: Millis;
  readonly random: Random;
}

/** The same scheduler behind the layer. */
export function reserving(
  kind: ActorKind<SchedulerEvent>,
  { role, probability, endMs, random }: ReservingOptions,
): ActorKind<SchedulerEvent> {
  if (role === '*') return kind;
  return {
    inbox: kind.inbox,
    create(context) {
      /** What is reserved in each offer that has something of it. */
      const reserved = new Map<OfferId, Resources>();
      /** Offers of what is set aside for short tasks: none of it can be reserved. */
      const short = new Set<OfferId>();

      function forget(id: OfferId): void {
        reserved.delete(id);
        short.delete(id);
      }

      function plain(offer: Offer): Offer {
        const part = reservedPart(offer.resources);
        if (!isEmpty(part)) reserved.set(offer.id, part);
        if (offer.maxTaskDurationMs !== undefined) short.add(offer.id);
        return { ...offer, resources: unreserved(offer.resources) };
      }

      /** All is freed first; then what each task takes is reserved, or not. */
      function reworked(offerIds: readonly OfferId[], operations: readonly Operation[]): Operation[] {
        if (offerIds.some((id) => short.has(id))) return [...operations];
        const part = sum(offerIds.map((id) => reserved.get(id) ?? NOTHING));
        const first: Operation[] = isEmpty(part) ? [] : [{ type: 'UNRESERVE', resources: part }];
        return [...first, ...operations.flatMap(eachTask)];
      }

      function eachTask(operation: Operation): readonly Operation[] {
        if (operation.type !== 'LAUNCH') return [operation];
        return operation.taskInfos.flatMap((task): readonly Operation[] => {
          if (context.now() >= endMs || random.uniform() >= probability)
            return [{ type: 'LAUNCH', taskInfos: [task] }];
          const resources = reserve(task.resources, role);
          return [
            { type: 'RESERVE', resources },
            { type: 'LAUNCH', taskInfos: [{ ...task, resources }] },
          ];
        });
      }

      function changed(message: Message): Message {
        if (message.type !== 'ACCEPT' && message.type !== 'DECLINE') return message;
        const { offerIds } = message;
        const sent =
          message.type === 'ACCEPT'
            ? { ...message, operations: reworked(offerIds, message.operations) }
            : message;
        for (const id of offerIds) forget(id);
        return sent;
      }

      const actor = kind.create({ ...context, send: (to, message) => context.send(to, changed(message)) });
      return {
        receive(event, from) {
          if (event.type === 'RESCIND') forget(event.offerId);
          actor.receive(
            event.type === 'OFFERS' ? { ...event, offers: event.offers.map(plain) } : event,
            from,
          );
        },
        lost: (peer) => actor.lost?.(peer),
      };
    },
  };
}

/** The part that is reserved. */
export function reservedPart(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => roleOf(name) !== undefined));
}
