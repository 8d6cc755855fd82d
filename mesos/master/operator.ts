/**
 * What operators do to a cluster. Each action is checked, then kept for the masters to come, then done; who asked for it is in the
 * history.
 */
import type { SlaveId } from '../protocol/entities.ts';
import type { Millis } from '../runtime/actor.ts';
import {
  type ActionRefusal,
  checkedAction,
  type MaintenanceAction,
  type OperatorAction,
  type Outcome,
  type Plan,
  refused,
  type SlaveAction,
  subjectOf,
} from './actions.ts';
import type { Books } from './books.ts';
import type { Directives, SlaveDirective } from './directives.ts';
import { Drains } from './drains.ts';
import { guarantee, isNoQuota, limit, quotaComplaint, rolesComplaint } from './entitlements.ts';
import type { Frameworks } from './frameworks.ts';
import { InverseOffers } from './inverseOffers.ts';
import { maintained } from './maintenance.ts';
import type { Offers } from './offers.ts';
import { reservationPlan } from './operatorReservations.ts';
import { actionObjection } from './rights.ts';
import type { Slaves } from './slaves.ts';
import type { Slave } from './state.ts';
import type { Tasks } from './tasks.ts';

/** Of so many slaves it is remembered what was ordered; more, and the oldest are forgotten. */
const SLAVES_MAX = 10_000;
/** Roles of which something is said. */
const ROLES_MAX = 10_000;
/** How long to wait before a slave that is drained is marked gone once more, if that could not be kept. */
const KEEP_AGAIN_MS: Millis = 5000;

/** The parts of a master that an operator has to do with. */
export interface OperatorParts {
  readonly books: Books;
  readonly offers: Offers;
  readonly tasks: Tasks;
  readonly frameworks: Frameworks;
  readonly slaves: Slaves;
}

/** What operators can do to a master in one reign. */
export class Operator {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #frameworks: Frameworks;
  readonly #slaves: Slaves;
  readonly #drains: Drains;
  readonly inverseOffers: InverseOffers;

  constructor({ books, offers, tasks, frameworks, slaves }: OperatorParts) {
    this.#books = books;
    this.#offers = offers;
    this.#frameworks = frameworks;
    this.#slaves = slaves;
    this.#drains = new Drains(books, tasks, (slave) => this.#drained(slave));
    this.inverseOffers = new InverseOffers(books);
    books.taskBooked = (task) => this.#drains.booked(task);
    books.slaveChanged = (slave) => {
      this.#drains.changed(slave);
      this.inverseOffers.changed(slave);
    };
    books.frameworkChanged = (framework) => this.inverseOffers.frameworkChanged(framework);
  }

  /** What operators have ordered. */
  get directives(): Directives {
    return this.#books.directives;
  }

  /** Does this for a principal, if it may; undefined: who has not proved a name. */
  act(action: OperatorAction, principal: string | undefined): Outcome {
    const outcome = this.#act(action, principal);
    const who = principal === undefined ? {} : { principal };
    if (outcome.is === 'refused')
      this.#books.context.record({
        event: 'operator-refused',
        action: action.type,
        subject: subjectOf(action),
        reason: outcome.message,
        ...who,
      });
    return outcome;
  }

  #act(given: OperatorAction, principal: string | undefined): Outcome {
    const { context, options } = this.#books;
    const objection = actionObjection(options.rights ?? {}, given.type, principal);
    if (objection !== undefined) return refused('forbidden', objection);
    const action = checkedAction(given);
    if ('is' in action) return action;
    const plan = this.#plan(action);
    if ('is' in plan) return plan;
    const shortage = plan.prepare?.();
    if (shortage !== undefined) return shortage;
    const refusal = this.#keep(plan.directives);
    if (refusal !== undefined) {
      plan.undo?.();
      return refusal;
    }
    context.record({
      event: 'operator-acted',
      action: action.type,
      subject: subjectOf(action),
      ...(principal !== undefined && { principal }),
    });
    plan.apply();
    return { is: 'done' };
  }

  /** Keeps what is ordered for the masters to come. */
  #keep(directives: Directives | undefined): ActionRefusal | undefined {
    if (directives === undefined) return undefined;
    try {
      this.#books.options.registry?.store(directives);
    } catch (error) {
      return refused('not-kept', (error as Error).message);
    }
    this.#books.directives = directives;
    return undefined;
  }

  #plan(action: OperatorAction): Plan | ActionRefusal {
    switch (action.type) {
      case 'TEARDOWN':
        return this.#tearDown(action.frameworkId);
      case 'MARK_SLAVE_GONE':
      case 'DEACTIVATE_SLAVE':
      case 'REACTIVATE_SLAVE':
      case 'DRAIN_SLAVE':
        return this.#direct(action);
      case 'RESERVE_RESOURCES':
      case 'UNRESERVE_RESOURCES':
        return reservationPlan(this.#books, this.#offers, action);
      case 'UPDATE_WEIGHTS':
        return this.#weigh(action);
      case 'UPDATE_QUOTA':
        return this.#entitle(action);
      case 'UPDATE_MAINTENANCE_SCHEDULE':
      case 'START_MAINTENANCE':
      case 'STOP_MAINTENANCE':
        return this.#maintain(action);
      default:
        return action satisfies never;
    }
  }

  #tearDown(frameworkId: string): Plan | ActionRefusal {
    const framework = this.#books.frameworks.get(frameworkId);
    if (framework === undefined) return refused('unknown', 'No framework found with specified ID');
    return {
      apply: () => {
        this.#books.tell(framework, { type: 'ERROR', message: 'Framework has been removed' });
        this.#frameworks.remove(framework, 'an operator has torn it down');
      },
    };
  }

  // --- slaves ---

  #direct(action: SlaveAction): Plan | ActionRefusal {
    const { slaveId } = action;
    const { directives, slaves } = this.#books;
    const before = directives.slaves.get(slaveId);
    const nothing: Plan = { apply() {} };
    if (before?.is === 'gone')
      return action.type === 'MARK_SLAVE_GONE'
        ? nothing
        : refused('conflict', `Slave ${slaveId} is gone: an operator said so`);
    const isKnown =
      before !== undefined || slaves.has(slaveId) || this.#books.goneOf(slaveId) === 'unreachable';
    if (!isKnown) return refused('unknown', `No slave found with the id ${slaveId}`);
    if (action.type === 'DEACTIVATE_SLAVE' && before !== undefined) return nothing;
    const directive = this.#directiveOf(action);
    return {
      directives: { ...directives, slaves: this.#slavesWith(slaveId, directive) },
      apply: () => this.#apply(slaveId, directive),
    };
  }

  #directiveOf(action: SlaveAction): SlaveDirective | undefined {
    switch (action.type) {
      case 'MARK_SLAVE_GONE':
        return { is: 'gone' };
      case 'DEACTIVATE_SLAVE':
        return { is: 'deactivated' };
      case 'REACTIVATE_SLAVE':
        return undefined;
      case 'DRAIN_SLAVE': {
        const { maxGraceMs, markGone } = action;
        const startMs = this.#books.context.now();
        return { is: 'draining', markGone, startMs, ...(maxGraceMs !== undefined && { maxGraceMs }) };
      }
      default:
        return action satisfies never;
    }
  }

  /** What is ordered of all slaves; of those that have left nothing more needs to be. */
  #slavesWith(slaveId: SlaveId, directive: SlaveDirective | undefined): Directives['slaves'] {
    const slaves = new Map(this.#books.directives.slaves);
    for (const id of slaves.keys()) if (this.#books.goneOf(id) === 'left') slaves.delete(id);
    slaves.delete(slaveId);
    if (directive !== undefined) slaves.set(slaveId, directive);
    for (const id of slaves.keys()) {
      if (slaves.size <= SLAVES_MAX) break;
      slaves.delete(id);
    }
    return slaves;
  }

  #apply(slaveId: SlaveId, directive: SlaveDirective | undefined): void {
    const slave = this.#books.slaves.get(slaveId);
    if (slave === undefined) return;
    if (directive?.is === 'gone')
      return this.#slaves.dismiss(slave, 'gone-by-operator', 'an operator has marked it gone');
    this.#slaves.direct(slave, directive);
    this.#drains.ordered(slave);
  }

  /** A slave is drained, and was to be gone then. */
  #drained(slave: Slave): void {
    const gone: SlaveDirective = { is: 'gone' };
    const slaves = this.#slavesWith(slave.id, gone);
    if (this.#keep({ ...this.#books.directives, slaves }) === undefined) return this.#apply(slave.id, gone);
    this.#books.context.after(KEEP_AGAIN_MS, () => {
      if (slave.isDrained && this.#books.slaves.get(slave.id) === slave) this.#drained(slave);
    });
  }

  // --- roles ---

  #weigh({ weights }: OperatorAction & { type: 'UPDATE_WEIGHTS' }): Plan | ActionRefusal {
    const { directives, allocation } = this.#books;
    const complaint = rolesComplaint(
      this.#books,
      weights.map(({ role }) => role),
    );
    if (complaint !== undefined) return refused('invalid', complaint);
    const all = new Map([
      ...directives.weights,
      ...weights.map(({ role, weight }) => [role, weight] as const),
    ]);
    if (all.size > ROLES_MAX) return tooManyRoles();
    return {
      directives: { ...directives, weights: all },
      apply: () => {
        for (const { role, weight } of weights) allocation.setWeight(role, weight);
        this.#offers.allocateSoon();
      },
    };
  }

  #entitle(action: OperatorAction & { type: 'UPDATE_QUOTA' }): Plan | ActionRefusal {
    const { quotas } = action;
    const { directives, allocation, frameworks } = this.#books;
    const before = directives.quotas;
    const complaint = rolesComplaint(
      this.#books,
      quotas.map(({ role }) => role),
    );
    if (complaint !== undefined) return refused('invalid', complaint);
    const objection = quotaComplaint(this.#books, action);
    if (objection !== undefined) return objection;
    const all = new Map(before);
    for (const quota of quotas)
      if (isNoQuota(quota)) all.delete(quota.role);
      else all.set(quota.role, quota);
    if (all.size > ROLES_MAX) return tooManyRoles();
    return {
      directives: { ...directives, quotas: all },
      prepare: () => {
        const shortage = guarantee(allocation, quotas, before);
        return shortage === undefined ? undefined : refused('conflict', shortage);
      },
      undo: () => {
        const former = quotas.map(({ role }) => before.get(role) ?? { role, limits: {}, guarantees: {} });
        guarantee(allocation, former, all);
      },
      apply: () => {
        limit(allocation, quotas);
        const roles = new Set(quotas.map(({ role }) => role));
        for (const framework of frameworks.values())
          if (roles.has(framework.info.role ?? '*'))
            this.#offers.rescindAll(framework.offers, 'the quota of its role is another');
        this.#offers.allocateSoon();
      },
    };
  }

  // --- machines ---

  #maintain(action: MaintenanceAction): Plan | ActionRefusal {
    const { directives } = this.#books;
    const after = maintained(directives, action);
    if ('is' in after) return after;
    const before = new Map(
      [...this.#books.slaves.values()].map((slave) => [slave, this.#books.upkeepOf(slave)]),
    );
    return {
      directives: { ...directives, ...after },
      apply: () => {
        for (const [slave, upkeep] of before) {
          const now = this.#books.upkeepOf(slave);
          if (now?.isDown) this.#slaves.dismiss(slave, 'left', 'its machine is down for maintenance');
          else if (JSON.stringify(now) !== JSON.stringify(upkeep))
            this.#offers.rescindAll(slave.offers, 'its machine is to be worked on at another time');
          this.inverseOffers.changed(slave);
        }
      },
    };
  }
}

const tooManyRoles = (): ActionRefusal =>
  refused('invalid', `Something is said of more than ${ROLES_MAX} roles; there is no room for more`);
