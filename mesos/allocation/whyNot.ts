/** Why a framework is not offered something: found out when it is asked, from what the books hold anyway. */
import { isEmpty } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import type { NotOffered } from './allocation.ts';
import { type Framework, isOfferable } from './framework.ts';
import type { Supply } from './supplies.ts';

/** Why it is not offered this supply of an active slave, though it wants offers, or would if it answered those it has. */
export function whyNotSupply(
  framework: Framework,
  supply: Supply,
  mustAnswer: boolean,
  nowMs: Millis,
): NotOffered {
  const { free } = supply;
  if (isEmpty(free)) return taken(framework, supply);
  if (!isOfferable(free, framework.minimumOffers)) return { why: 'below-minimum', free };
  const refusal = supply.refusals.covering(framework, free, nowMs);
  if (refusal !== undefined) return { why: 'refused', untilMs: refusal.untilMs };
  const filtered = framework.filters.find(({ admits }) => !admits(supply));
  if (filtered !== undefined) return { why: 'filtered', filter: filtered.filter };
  if (mustAnswer) return { why: 'unanswered-offers', offered: framework.offered.resources() };
  return { why: 'being-allocated' };
}

function taken({ id }: Framework, { taker, isUsed }: Supply): NotOffered {
  if (taker === undefined || taker === id) return { why: 'nothing-free' };
  return { why: 'another-framework', frameworkId: taker, how: isUsed ? 'used' : 'offered' };
}

/** Of the reasons for each of a slave's supplies the one that tells most: the next to go away, or at least by whom it is had. */
export function foremost(reasons: readonly NotOffered[]): NotOffered | undefined {
  return (
    reasons.find(({ why }) => why === 'being-allocated') ??
    reasons.find(({ why }) => why !== 'nothing-free' && why !== 'another-framework') ??
    reasons.find(({ why }) => why !== 'nothing-free') ??
    reasons[0]
  );
}
