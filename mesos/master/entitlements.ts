/** What roles are entitled to, as operators set it: weights and quotas. */
import type { AllocationModule } from '../allocation/allocation.ts';
import { executorResources } from '../protocol/launch.ts';
import {
  contains,
  format,
  hasReservation,
  isEmpty,
  NOTHING,
  type Resources,
  sum,
  unreserved,
} from '../protocol/resources.ts';
import { isTerminal } from '../protocol/tasks.ts';
import { type ActionRefusal, type OperatorAction, refused } from './actions.ts';
import type { Books } from './books.ts';
import type { Directives, Quota } from './directives.ts';
import { unknownRole } from './rights.ts';

type QuotaUpdate = OperatorAction & { readonly type: 'UPDATE_QUOTA' };

/** Tells a new allocation module what operators have set. */
export function entitle(allocation: AllocationModule, { weights, quotas }: Directives): void {
  for (const [role, weight] of weights) allocation.setWeight(role, weight);
  // It cannot be refused: there is no framework yet.
  for (const { role, guarantees } of quotas.values())
    if (!isEmpty(guarantees)) allocation.setGuarantee(role, guarantees);
  limit(allocation, quotas.values());
}

/** Why these roles cannot be spoken of together; undefined if they can. */
export function rolesComplaint({ options }: Books, roles: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const role of roles) {
    const unknown = unknownRole(options.rights ?? {}, role);
    if (unknown !== undefined) return unknown;
    if (seen.size === seen.add(role).size) return `Role '${role}' is named more than once`;
  }
  return undefined;
}

/** Why these quotas cannot be; undefined if they can, as far as can be told without trying. */
export function quotaComplaint(
  books: Books,
  { quotas, force, before }: QuotaUpdate,
): ActionRefusal | undefined {
  for (const { role, limits, guarantees } of quotas) {
    const isSet = books.directives.quotas.has(role);
    if (before === 'set' && !isSet) return refused('invalid', `Role '${role}' has no quota set`);
    if (before === 'unset' && isSet)
      return refused('invalid', `Role '${role}' has a quota already; UPDATE_QUOTA changes it`);
    if (hasReservation(limits) || hasReservation(guarantees))
      return refused(
        'invalid',
        `The quota of role '${role}' names reservations; it counts what is reserved as the rest, so name plain resources`,
      );
    const limited = Object.fromEntries(
      Object.entries(guarantees).filter(([name]) => limits[name] !== undefined),
    );
    if (!contains(limits, limited))
      return refused(
        'invalid',
        `The guarantees of role '${role}', ${format(guarantees)}, are more than its limits, ${format(limits)}`,
      );
    const used = usedBy(books, role);
    const concerned = Object.fromEntries(Object.entries(used).filter(([name]) => limits[name] !== undefined));
    if (!force && !contains(limits, concerned))
      return refused(
        'invalid',
        `Role '${role}' is already using ${format(concerned)}, which is more than the limits of ${format(limits)}; use 'force' to set them nevertheless`,
      );
  }
  return undefined;
}

/** What runs of a role's frameworks takes. */
function usedBy({ frameworks }: Books, role: string): Resources {
  const used: Resources[] = [];
  for (const { id, info, tasks, slaves } of frameworks.values()) {
    if ((info.role ?? '*') !== role) continue;
    for (const task of tasks.values()) if (!isTerminal(task.state)) used.push(task.resources);
    for (const slave of slaves) used.push(executorResources(slave.executors.get(id)));
  }
  return unreserved(sum(used));
}

/**
 * Gives roles their guarantees, all of them or none; why they cannot be given, undefined if they are. Where an operator asks for none,
 * what the options of the module say holds.
 */
export function guarantee(
  allocation: AllocationModule,
  quotas: readonly Quota[],
  before: Directives['quotas'],
): string | undefined {
  const changes = quotas
    .map(({ role, guarantees }) => ({ role, from: before.get(role)?.guarantees ?? NOTHING, to: guarantees }))
    .filter(({ from, to }) => !contains(from, to) || !contains(to, from));
  // What some roles give back may be what others are to have.
  const [less, more] = [changes.filter(isLess), changes.filter((change) => !isLess(change))];
  const done: typeof changes = [];
  for (const change of [...less, ...more]) {
    const objection = allocation.setGuarantee(change.role, change.to);
    if (objection !== undefined) {
      for (const { role, from } of done.reverse()) allocation.setGuarantee(role, from);
      return objection;
    }
    done.push(change);
  }
  return undefined;
}

const isLess = ({ from, to }: { readonly from: Resources; readonly to: Resources }): boolean =>
  contains(from, to);

/** Limits what roles may hold. */
export function limit(allocation: AllocationModule, quotas: Iterable<Quota>): void {
  for (const { role, limits } of quotas) allocation.setQuota(role, isUnlimited(limits) ? undefined : limits);
}

/** A limit may be 0. */
const isUnlimited = (limits: Resources): boolean => Object.keys(limits).length === 0;

/** Does the quota say nothing? */
export const isNoQuota = ({ limits, guarantees }: Quota): boolean =>
  isUnlimited(limits) && isEmpty(guarantees);
