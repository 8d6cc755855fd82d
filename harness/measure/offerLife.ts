/** Invariant: an offer is sent once and ends once. */
import { Findings, type Invariant } from './invariant.ts';
import { offerKey } from './scope.ts';

/** No offer ends twice, or is used after its end. Offers may be open at the end of the history. */
export function offersEndOnce(): Invariant {
  const findings = new Findings('offers-end-once', 'No offer ends twice, or is used after its end.');
  const states = new Map<string, 'open' | 'accepted' | 'declined' | 'rescinded'>();
  return {
    observe(line) {
      switch (line.event) {
        case 'offer-sent': {
          const key = offerKey(line);
          if (states.has(key)) findings.report(line, 'this offer was sent before');
          states.set(key, 'open');
          return;
        }
        case 'offer-accepted':
        case 'offer-declined':
        case 'offer-rescinded': {
          const key = offerKey(line);
          const state = states.get(key);
          if (state === undefined) findings.report(line, 'this offer was never sent');
          else if (state !== 'open') findings.report(line, `this offer was ${state} before`);
          states.set(key, line.event.slice('offer-'.length) as 'accepted' | 'declined' | 'rescinded');
        }
      }
    },
    result: () => findings.check(states.size, 'offer'),
  };
}
