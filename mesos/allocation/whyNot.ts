/** Why a framework is not offered something: found out when it is asked, from what the books hold anyway. */
import { isEmpty, roleOf, unreserved } from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import type { NotOffered } from './allocation.ts';
import { type Framework, isOfferable } from './framework.ts';
import type { Quota } from './quota.ts';
import { candidateOf, type Supply, visibleOf } from './supplies.ts';

/** Why it is not offered this supply of an active slave, though it wants offers, or would if it answered those it has. */
export function whyNotSupply(
  framework: Framework,
  supply: Supply,
  mustAnswer: boolean,
  nowMs: Millis,
): NotOffered {
  if (isEmpty(supply.free)) return taken(framework, supply);
  const { role, quota, minimumOffers, filters } = framework;
  const visible = visibleOf(supply, role);
  if (isEmpty(visible)) return reserved(supply);
  const bare = unreserved(visible);
  if (!isOfferable(bare, minimumOffers)) return { why: 'below-minimum', free: visible };
  const part = quota?.cut(visible) ?? visible;
  const barePart = unreserved(part);
  if (quota !== undefined && !isOfferable(barePart, minimumOffers)) return overQuota(quota);
  const refusal = supply.refusals.covering(framework, part, nowMs);
  if (refusal !== undefined) return { why: 'refused', untilMs: refusal.untilMs };
  const candidate = candidateOf(supply, barePart);
  const filtered = filters.find(({ admits }) => !admits(candidate));
  if (filtered !== undefined)
    return quota !== undefined && filtered.admits(candidateOf(supply, bare))
      ? overQuota(quota)
      : { why: 'filtered', filter: filtered.filter };
  if (mustAnswer) return { why: 'unanswered-offers', offered: framework.offered.resources() };
  return { why: 'being-allocated' };
}

function overQuota({ role, limit, held }: Quota): NotOffered {
  return { why: 'quota', role, limit, held: held.resources() };
}

function reserved({ free }: Supply): NotOffered {
  for (const name in free) {
    const role = roleOf(name);
    if (role !== undefined && (free[name] as number) > 0) return { why: 'reserved', role };
  }
  return { why: 'nothing-free' };
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
