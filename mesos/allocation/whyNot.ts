/** Why a framework is not offered something: found out when it is asked, from what the books hold anyway. */
import { isEmpty } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import type { NotOffered } from './allocation.ts';
import { type Framework, isOfferable } from './framework.ts';
import type { Quota } from './quota.ts';
import { candidateOf, type Supply } from './supplies.ts';

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
  const { quota } = framework;
  const part = quota === undefined ? free : quota.cut(free);
  if (quota !== undefined && !isOfferable(part, framework.minimumOffers)) return overQuota(quota);
  const refusal = supply.refusals.covering(framework, part, nowMs);
  if (refusal !== undefined) return { why: 'refused', untilMs: refusal.untilMs };
  const candidate = candidateOf(supply, part);
  const filtered = framework.filters.find(({ admits }) => !admits(candidate));
  if (filtered !== undefined)
    return quota !== undefined && filtered.admits(supply)
      ? overQuota(quota)
      : { why: 'filtered', filter: filtered.filter };
  if (mustAnswer) return { why: 'unanswered-offers', offered: framework.offered.resources() };
  return { why: 'being-allocated' };
}

function overQuota({ role, limit, held }: Quota): NotOffered {
  return { why: 'quota', role, limit, held: held.resources() };
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
