/**
 * Revocation (NSDI'11 §3.3): when a framework that wants offers has gone without its guaranteed share for a while, tasks of
 * frameworks that have more than theirs are to end. A framework that has no more than it is guaranteed loses none.
 */
import type { FrameworkId } from '../protocol/entities.ts';
import {
  add,
  common,
  cut,
  isEmpty,
  NOTHING,
  type Resources,
  round,
  subtract,
  sum,
  unreserved,
  visibleTo,
} from '../protocol/resources.ts';
import type { Millis } from '../runtime/actor.ts';
import type { Revocation, RunningTask } from './allocation.ts';
import { deficitOf, type Framework, isOfferable } from './framework.ts';
import type { AllocationOptions } from './options.ts';
import type { Quota } from './quota.ts';
import { candidateOf, type Supplies, type Supply } from './supplies.ts';
import { Tally } from './tally.ts';

/** A task that may be revoked. */
export interface Victim extends RunningTask {
  readonly framework: Framework;
  readonly supply: Supply;
}

/** Which tasks are to end first: negative if `a` is, before `b`. */
export type VictimOrder = (a: Victim, b: Victim) => number;

/** The work that is lost is the least, if all tasks are about as long. */
export const latestLaunchedFirst: VictimOrder = (a, b) =>
  b.launchedMs - a.launchedMs || (a.taskId < b.taskId ? -1 : 1);

/** A framework that wants offers and is below its guarantee. */
interface Claim {
  readonly framework: Framework;
  /** When it is looked after next, and how often it has been. */
  lookMs: Millis;
  looks: number;
}

/** What is free on a supply, or will be when all that ends there has ended; `left` of it is not spoken for. */
interface Coming {
  free: Resources;
  left: Resources;
}

/** What can be seen of the cluster when claims are looked after. */
interface Survey {
  readonly coming: Map<Supply, Coming>;
  /** Offers that have not been answered may come back; `left` of each framework's is not spoken for. */
  readonly offered: Map<Framework, Resources>;
  /** How much more frameworks may hold by their quotas; less what is spoken for. */
  readonly rooms: Map<Quota, Resources>;
  /** In the order in which they are to end. */
  readonly victims: Set<Victim>;
  /** What those that may lose tasks use, without the tasks that are to end. */
  readonly used: Map<Framework, Tally>;
}

/** The claims of all frameworks that are below their guarantees. */
export class Claims {
  readonly #revocation: AllocationOptions['revocation'];
  readonly #order: VictimOrder;
  readonly #supplies: Supplies;
  /** Those that have waited longest come first. */
  readonly #claims = new Map<Framework, Claim>();

  constructor({ revocation }: AllocationOptions, order: VictimOrder, supplies: Supplies) {
    this.#revocation = revocation;
    this.#order = order;
    this.#supplies = supplies;
  }

  /** What the framework wants, or whether it is below its guarantee, may have changed. */
  update(framework: Framework, nowMs: Millis): void {
    if (this.#revocation === undefined) return;
    if (framework.demand !== 'wants' || !framework.isBelowGuarantee) this.#claims.delete(framework);
    else if (!this.#claims.has(framework))
      this.#claims.set(framework, { framework, lookMs: nowMs + this.#revocation.afterMs, looks: 0 });
  }

  remove(framework: Framework): void {
    this.#claims.delete(framework);
  }

  /** When the next of them is to be looked after. */
  nextLookMs(): Millis | undefined {
    let next: Millis | undefined;
    for (const { lookMs } of this.#claims.values()) if (next === undefined || lookMs < next) next = lookMs;
    return next;
  }

  /** The tasks that have to end now. */
  revoke(
    nowMs: Millis,
    frameworks: Iterable<Framework>,
    tasksOf: (id: FrameworkId) => Iterable<RunningTask>,
  ): readonly Revocation[] {
    const nextMs = this.nextLookMs();
    if (this.#revocation === undefined || nextMs === undefined || nextMs > nowMs) return [];
    const { afterMs, graceMs } = this.#revocation;
    const survey = this.#survey(frameworks, tasksOf);
    const revocations: Revocation[] = [];
    // Also those that are not due take what is coming, in turn.
    for (const claim of this.#claims.values()) {
      const deficit = uncovered(claim, survey);
      if (claim.lookMs > nowMs) continue;
      claim.lookMs = nowMs + afterMs;
      claim.looks++;
      for (const { framework, taskId } of chosen(claim.framework, deficit, survey))
        revocations.push({
          frameworkId: framework.id,
          taskId,
          forFrameworkId: claim.framework.id,
          graceMs,
        });
    }
    return revocations;
  }

  #survey(frameworks: Iterable<Framework>, tasksOf: (id: FrameworkId) => Iterable<RunningTask>): Survey {
    const survey: Survey = {
      coming: new Map(),
      offered: new Map(),
      rooms: new Map(),
      victims: new Set(),
      used: new Map(),
    };
    const victims: Victim[] = [];
    for (const supply of this.#supplies.available)
      if (supply.pool === 'any') survey.coming.set(supply, { free: supply.free, left: supply.free });
    for (const framework of frameworks) {
      const offered = framework.offered.resources();
      if (!isEmpty(offered)) survey.offered.set(framework, offered);
      const used = framework.used.copy();
      const running: Victim[] = [];
      for (const task of tasksOf(framework.id)) {
        if (task.isEnding) used.subtract(unreserved(task.resources));
        const supply = task.pool === 'any' ? this.#supplies.active(task.slaveId) : undefined;
        if (supply === undefined) continue;
        if (task.isEnding) frees(survey, supply, task.resources, task.resources);
        else running.push({ ...task, framework, supply });
      }
      if (used.isWithin(framework.guarantee)) continue;
      survey.used.set(framework, used);
      victims.push(...running);
    }
    for (const victim of victims.sort(this.#order)) survey.victims.add(victim);
    return survey;
  }
}

/** Resources of a supply will be free; `left` of them are not spoken for. */
function frees({ coming }: Survey, supply: Supply, resources: Resources, left: Resources): void {
  const before = coming.get(supply) ?? { free: NOTHING, left: NOTHING };
  coming.set(supply, { free: add(before.free, resources), left: add(before.left, left) });
}

/** Could the framework be offered the supply with so much free? What it refused it could have had. */
function isFor({ role, filters, minimumOffers }: Framework, supply: Supply, free: Resources): boolean {
  const bare = unreserved(visibleTo(free, role));
  const candidate = candidateOf(supply, bare);
  return isOfferable(bare, minimumOffers) && filters.every(({ admits }) => admits(candidate));
}

/** What a framework lacks of its guarantee, as far as its quota has room; that room is then spoken for. */
function admissible(framework: Framework, { rooms }: Survey): Resources {
  const deficit = deficitOf(framework);
  const { quota } = framework;
  if (quota === undefined) return deficit;
  const room = rooms.get(quota) ?? quota.room;
  const fits = cut(deficit, room, Number.POSITIVE_INFINITY);
  rooms.set(
    quota,
    Object.fromEntries(Object.entries(room).map(([name, left]) => [name, round(left - (fits[name] ?? 0))])),
  );
  return fits;
}

/** What of its guarantee a framework lacks, and is not coming without a revocation. What is coming is then spoken for. */
function uncovered({ framework, looks }: Claim, survey: Survey): Resources {
  const { coming, offered } = survey;
  let deficit = admissible(framework, survey);
  const cover = (left: Resources): Resources => {
    const covered = cut(visibleTo(left, framework.role), deficit);
    deficit = subtract(deficit, unreserved(covered));
    return subtract(left, covered);
  };
  for (const [supply, part] of coming) {
    if (isEmpty(deficit)) break;
    if (isFor(framework, supply, part.free)) part.left = cover(part.left);
  }
  // Who has not answered by the second time is not waited for.
  if (looks === 0)
    for (const [other, left] of offered) if (other !== framework) offered.set(other, cover(left));
  return deficit;
}

/** Chooses tasks that have to end so that the claimant gets `deficit`: no more than it takes. They are victims no more. */
function chosen(claimant: Framework, deficit: Resources, survey: Survey): readonly Victim[] {
  const taken = new Set<Victim>();
  const bySupply = new Map<Supply, Set<Victim>>();
  const freed = new Tally();
  const takenOn = (supply: Supply): ReadonlySet<Victim> => bySupply.get(supply) ?? new Set();

  /** What the claimant may have of it when the task has ended. */
  const gain = ({ resources }: Victim): Resources => unreserved(visibleTo(resources, claimant.role));

  /** What is lacking still when all that is taken has ended; all of it but `spared`. */
  function lacking(spared: Resources = NOTHING): Resources {
    const lacks: Record<string, number> = {};
    for (const name in deficit) {
      const more = (deficit[name] as number) - freed.of(name) + (spared[name] ?? 0);
      if (more >= 0.0005) lacks[name] = more;
    }
    return lacks;
  }

  /** Would the supply be of use if these tasks ended? */
  function isUseful(supply: Supply, tasks: Iterable<Victim>): boolean {
    const free = survey.coming.get(supply)?.free ?? NOTHING;
    return isFor(claimant, supply, sum([free, ...[...tasks].map(({ resources }) => resources)]));
  }

  /** Takes a task, if its framework is above its guarantee and the task has what is lacking. */
  function take(task: Victim): boolean {
    const used = survey.used.get(task.framework);
    if (used === undefined || used.isWithin(task.framework.guarantee)) return false;
    const gained = gain(task);
    if (isEmpty(common(lacking(), gained))) return false;
    used.subtract(unreserved(task.resources));
    freed.add(gained);
    taken.add(task);
    bySupply.set(task.supply, new Set(takenOn(task.supply)).add(task));
    return true;
  }

  function putBack(task: Victim): void {
    survey.used.get(task.framework)?.add(unreserved(task.resources));
    freed.subtract(gain(task));
    taken.delete(task);
    bySupply.get(task.supply)?.delete(task);
  }

  const rest = new Map<Supply, Victim[]>();
  for (const task of survey.victims) {
    if (isEmpty(lacking())) break;
    if (isUseful(task.supply, [...takenOn(task.supply), task])) take(task);
    else if (rest.get(task.supply)?.push(task) === undefined) rest.set(task.supply, [task]);
  }
  // Some slaves are of use only when several of their tasks have ended.
  for (const [supply, tasks] of rest) {
    if (isEmpty(lacking())) break;
    const bundle: Victim[] = [];
    for (const task of tasks) {
      if (isUseful(supply, takenOn(supply))) break;
      if (take(task)) bundle.push(task);
    }
    if (!isUseful(supply, takenOn(supply))) for (const task of bundle) putBack(task);
  }
  // Later ones may have made earlier ones superfluous.
  for (const task of taken) {
    const others = [...takenOn(task.supply)].filter((other) => other !== task);
    const isNeeded = !isEmpty(lacking(gain(task))) || (others.length > 0 && !isUseful(task.supply, others));
    if (!isNeeded) putBack(task);
  }

  let lacks = deficit;
  for (const task of taken) {
    const spokenFor = cut(visibleTo(task.resources, claimant.role), lacks);
    lacks = subtract(lacks, unreserved(spokenFor));
    frees(survey, task.supply, task.resources, subtract(task.resources, spokenFor));
    survey.victims.delete(task);
  }
  return [...taken];
}
