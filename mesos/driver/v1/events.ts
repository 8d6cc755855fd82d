/** Events of a v1 stream, as the house has them. What comes is checked as what comes over a link is. */
import { complaint, SCHEDULER_INBOX } from '../../protocol/message.ts';
import type { SchedulerEvent } from '../../protocol/scheduler.ts';
import { type ContentType, decode } from '../../v1/codec.ts';
import type { Offer } from '../../v1/entities.ts';
import { MalformedError } from '../../v1/json.ts';
import * as v1 from '../../v1/scheduler.ts';
import { Unsupported } from '../../v1/translate/refusal.ts';
import { eventFromV1 } from '../../v1/translate/schedulerEvents.ts';

/** A record as it was understood. */
export interface ReadEvent {
  /** Undefined: there is none of the kind here. */
  readonly event?: SchedulerEvent;
  /** Offers that cannot be used, to be given back. */
  readonly unusable?: readonly string[];
  /** What of it could not be understood, and why. */
  readonly trouble?: string;
}

/** Reads a record; `nowSeconds` stands in for a time that is not given. */
export function readEvent(record: Buffer, contentType: ContentType, nowSeconds: number): ReadEvent {
  try {
    const event = decode(v1.Event, contentType, record, 'Event');
    return event.type === 'OFFERS'
      ? readOffers(event.offers?.offers ?? [], nowSeconds)
      : understood(event, nowSeconds);
  } catch (error) {
    return { trouble: reason(error) };
  }
}

/** One offer that cannot be used is no reason to leave the others alone. */
function readOffers(offers: readonly Offer[], nowSeconds: number): ReadEvent {
  const unusable: string[] = [];
  const troubles: string[] = [];
  const read = offers.flatMap((offer) => {
    try {
      const { event } = understood({ type: 'OFFERS', offers: { offers: [offer] } }, nowSeconds);
      return event?.type === 'OFFERS' ? event.offers : [];
    } catch (error) {
      unusable.push(offer.id.value);
      troubles.push(reason(error));
      return [];
    }
  });
  return {
    ...(read.length > 0 && { event: { type: 'OFFERS', offers: read } }),
    ...(unusable.length > 0 && { unusable, trouble: troubles.join('; ') }),
  };
}

/** Throws an {@link Unsupported} or a {@link MalformedError}. */
function understood(event: v1.Event, nowSeconds: number): { readonly event?: SchedulerEvent } {
  const read = eventFromV1(event, nowSeconds);
  const objection = read && complaint(SCHEDULER_INBOX, read);
  if (objection !== undefined) throw new MalformedError(objection);
  return read === undefined ? {} : { event: read };
}

function reason(error: unknown): string {
  if (error instanceof MalformedError || error instanceof Unsupported) return error.message;
  throw error;
}
