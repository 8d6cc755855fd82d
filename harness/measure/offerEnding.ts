/** How an offer ends. */
import type { LineOf } from './fold.ts';

/** What the line that says so is called, after `offer-`. */
export type OfferEnding = 'accepted' | 'declined' | 'rescinded';

/** A line that says that an offer has ended. */
export type OfferEnd = LineOf<`offer-${OfferEnding}`>;

/** The same for all ends. */
export function onOfferEnd(ended: (line: OfferEnd) => void) {
  return { 'offer-accepted': ended, 'offer-declined': ended, 'offer-rescinded': ended };
}
