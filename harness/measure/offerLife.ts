/** Invariant: an offer is sent once and ends once. */
import { Column } from './column.ts';
import { foldOf } from './fold.ts';
import { Findings, type Invariant } from './invariant.ts';
import type { OfferEnd, OfferEnding } from './offerEnding.ts';
import { newPass } from './pass.ts';

/** No offer ends twice, or is used after its end. Offers may be open at the end of the history. */
export function offersEndOnce(pass = newPass()): Invariant {
  const findings = new Findings('offers-end-once', 'No offer ends twice, or is used after its end.');
  const states = new Column<'open' | OfferEnding>();
  let offers = 0;
  const end =
    (how: OfferEnding) =>
    (line: OfferEnd): void => {
      const offer = pass.offer(line);
      const state = states.get(offer);
      if (state === undefined) {
        offers++;
        findings.report(line, 'this offer was never sent');
      } else if (state !== 'open') findings.report(line, `this offer was ${state} before`);
      states.set(offer, how);
    };
  return foldOf({
    on: {
      'offer-sent': (line) => {
        const offer = pass.offer(line);
        if (states.get(offer) === undefined) offers++;
        else findings.report(line, 'this offer was sent before');
        states.set(offer, 'open');
      },
      'offer-accepted': end('accepted'),
      'offer-declined': end('declined'),
      'offer-rescinded': end('rescinded'),
    },
    result: () => findings.check(offers, 'offer'),
  });
}
