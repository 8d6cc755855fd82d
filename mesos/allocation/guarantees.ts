/** What frameworks are guaranteed (NSDI'11 §3.3): never more, all of it together, than the cluster has. */
import {
  add,
  contains,
  format,
  isEmpty,
  NOTHING,
  type Resources,
  rounded,
  unreserved,
} from '../protocol/resources.ts';
import type { FrameworkDescription } from './allocation.ts';
import type { Framework } from './framework.ts';
import { type AllocationOptions, ofRole } from './options.ts';
import { Tally } from './tally.ts';

/** All guarantees. */
export class Guarantees {
  readonly #byRole: AllocationOptions['guarantees'];
  /** As an operator has set them since. */
  readonly #set = new Map<string, Resources>();
  /** What the cluster has that can be guaranteed. */
  readonly #whole: Tally;
  readonly #given = new Tally();

  constructor({ guarantees }: AllocationOptions, whole: Tally) {
    this.#byRole = guarantees;
    this.#whole = whole;
  }

  /** What the framework is guaranteed if it is admitted. */
  of({ role, guarantee }: FrameworkDescription): Resources {
    return unreserved(guarantee ?? this.#set.get(role) ?? ofRole(this.#byRole, role, NOTHING));
  }

  /** Why its guarantee cannot be given. */
  objection(description: FrameworkDescription): string | undefined {
    const guarantee = this.of(description);
    const why = isEmpty(guarantee) ? undefined : this.#shortage(add(this.#given.resources(), guarantee));
    return why && `its guarantee of ${format(guarantee)} cannot be met: ${why}`;
  }

  join({ guarantee }: Framework): void {
    this.#given.add(guarantee);
  }

  leave({ guarantee }: Framework): void {
    this.#given.subtract(guarantee);
  }

  /** Gives the role another guarantee, or with nothing that of the options, and so these of its frameworks; or says why it cannot be given. */
  set(role: string, given: Resources, members: readonly Framework[]): string | undefined {
    const asked = rounded(unreserved(given));
    const guarantee = isEmpty(asked) ? unreserved(ofRole(this.#byRole, role, NOTHING)) : asked;
    const sum = this.#given.copy();
    for (const member of members) sum.subtract(member.guarantee);
    for (const _ of members) sum.add(guarantee);
    const isMore = members.length > 0 && !contains(this.of({ role }), guarantee);
    const why = isMore ? this.#shortage(sum.resources()) : undefined;
    if (why !== undefined)
      return `a guarantee of ${format(guarantee)} for each framework of role '${role}' cannot be met: ${why}`;
    if (isEmpty(asked)) this.#set.delete(role);
    else this.#set.set(role, asked);
    for (const member of members) {
      this.leave(member);
      member.guarantee = this.of({ role });
      this.join(member);
    }
    return undefined;
  }

  #shortage(sum: Resources): string | undefined {
    const whole = this.#whole.resources();
    if (contains(whole, sum)) return undefined;
    return `with those given before it comes to ${format(sum)}, and the cluster has ${format(whole) || 'nothing'}`;
  }
}
