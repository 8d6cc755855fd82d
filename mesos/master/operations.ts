/** What accepted offers are used for, in the order in which it was asked for: tasks, and reservations that they may count on. */
import type { OfferId, Operation, TaskInfo } from '../protocol/entities.ts';
import { inThousandths, launchComplaint, portsComplaint } from '../protocol/launch.ts';
import { joinPorts, NO_PORTS, type PortRanges, withoutPorts } from '../protocol/ports.ts';
import {
  add,
  common,
  contains,
  format,
  isEmpty,
  NOTHING,
  type Resources,
  roleOf,
  subtract,
} from '../protocol/resources.ts';
import { answer, stateFor } from './answers.ts';
import type { Books } from './books.ts';
import type { Offers } from './offers.ts';
import {
  namesChanged,
  namesComplaint,
  type Renaming,
  type Reservation,
  renamed,
  renamingOf,
  reservationComplaint,
} from './reservations.ts';
import { type Framework, holdingOf, type Offer } from './state.ts';
import { siteOf, type Tasks } from './tasks.ts';

/** What is left of the offers that one reply accepts. */
interface Lot {
  readonly framework: Framework;
  /** One of the offers; what counts is the same of all. */
  readonly offer: Offer;
  /** What there was. */
  readonly offered: Resources;
  left: Resources;
  ports: PortRanges;
  /** Some of it bears another name now. */
  isRenamed: boolean;
  /** And the slave has not been told. */
  isNews: boolean;
}

/** Does what frameworks ask for when they accept offers. */
export class Operations {
  readonly #books: Books;
  readonly #offers: Offers;
  readonly #tasks: Tasks;

  constructor(books: Books, offers: Offers, tasks: Tasks) {
    this.#books = books;
    this.#offers = offers;
    this.#tasks = tasks;
  }

  accept(
    framework: Framework,
    offerIds: readonly OfferId[],
    operations: readonly Operation[],
    refuseSeconds: number | undefined,
  ): void {
    if (operations.every(isNothing)) return this.#offers.decline(framework, offerIds, refuseSeconds);
    const offers = alike(framework, offerIds);
    const first = offers?.[0];
    if (offers === undefined || first === undefined) return this.#refuse(framework, offerIds, operations);
    const lot = this.#take(framework, first, offers, countTasks(operations));
    for (const operation of operations)
      if (operation.type === 'LAUNCH') for (const task of operation.taskInfos) this.#launch(task, lot);
      else this.#reserve(operation, lot);
    this.#tell(lot);
    this.#return(lot, refuseSeconds);
    this.#offers.allocateSoon();
  }

  /** The offers are closed; what was in them is the framework's still. */
  #take(framework: Framework, offer: Offer, offers: readonly Offer[], tasks: number): Lot {
    let offered = NOTHING;
    let ports = NO_PORTS;
    for (const each of offers) {
      this.#offers.close(each, 'accepted');
      offered = offered === NOTHING ? each.resources : add(offered, each.resources);
      if (each.ports.length > 0) ports = joinPorts(ports, each.ports);
      this.#books.context.record({ event: 'offer-accepted', offerId: each.id, tasks });
    }
    return { framework, offer, offered, left: offered, ports, isRenamed: false, isNews: false };
  }

  /** The reply names offers that are void, or do not go together: what it names is given back, and nothing is done. */
  #refuse(framework: Framework, offerIds: readonly OfferId[], operations: readonly Operation[]): void {
    this.#offers.decline(framework, offerIds, 0);
    for (const operation of operations) {
      if (operation.type !== 'LAUNCH') {
        this.#drop(operation, framework, undefined, 'The offers are void, or do not go together');
        continue;
      }
      for (const { taskId, slaveId } of operation.taskInfos) {
        // The reply has come before.
        if (framework.tasks.has(taskId)) continue;
        answer(this.#books, framework, {
          taskId,
          slaveId,
          state: stateFor(framework, 'TASK_DROPPED'),
          reason: 'REASON_INVALID_OFFERS',
          message: 'Task launched with invalid offers',
        });
      }
    }
  }

  #launch(info: TaskInfo, lot: Lot): void {
    const { framework, offer, left, ports } = lot;
    const task = inThousandths(info);
    const complaint = launchComplaint(task, siteOf(framework, offer), left) ?? portsComplaint(task, ports);
    if (complaint !== undefined)
      return answer(this.#books, framework, {
        taskId: task.taskId,
        slaveId: task.slaveId,
        state: 'TASK_ERROR',
        reason: 'REASON_TASK_INVALID',
        message: complaint,
      });
    // The slave must have heard of what the task runs on.
    this.#tell(lot);
    lot.left = subtract(left, this.#tasks.launch(task, framework, offer));
    if (task.ports !== undefined) lot.ports = withoutPorts(ports, task.ports);
  }

  #reserve(reservation: Reservation, lot: Lot): void {
    const { framework, offer, left } = lot;
    const renaming = renamingOf(reservation);
    const complaint = reservationComplaint(reservation) ?? lotComplaint(reservation, renaming, lot);
    if (complaint !== undefined) return this.#drop(reservation, framework, offer, complaint);
    this.#books.allocation.convert(holdingOf(offer, renaming.from), renaming.to);
    lot.left = renamed(left, renaming);
    const { slave } = offer;
    slave.info = { ...slave.info, resources: renamed(slave.info.resources, renaming) };
    lot.isRenamed = true;
    lot.isNews = true;
  }

  /** What cannot be done is passed over. Tasks that count on it fail for want of it. */
  #drop({ type }: Reservation, { id }: Framework, offer: Offer | undefined, reason: string): void {
    this.#books.context.record({
      event: 'operation-dropped',
      operation: type,
      frameworkId: id,
      reason,
      ...(offer !== undefined && { slaveId: offer.slave.id }),
    });
  }

  #tell(lot: Lot): void {
    if (lot.isNews) namesChanged(this.#books, lot.offer.slave);
    lot.isNews = false;
  }

  /** Gives back what is left. Of that, the framework has refused what it had been offered, but not what it has made. */
  #return({ offer, offered, left, isRenamed }: Lot, refuseSeconds: number | undefined): void {
    const { allocation } = this.#books;
    const refused = isRenamed ? common(left, offered) : left;
    const made = isRenamed ? subtract(left, refused) : NOTHING;
    if (!isEmpty(refused))
      allocation.returned(holdingOf(offer, refused), this.#offers.refusedUntil(offer, refuseSeconds));
    if (!isEmpty(made)) allocation.returned(holdingOf(offer, made));
  }
}

const isNothing = (operation: Operation): boolean =>
  operation.type === 'LAUNCH' && operation.taskInfos.length === 0;

function countTasks(operations: readonly Operation[]): number {
  let count = 0;
  for (const operation of operations) if (operation.type === 'LAUNCH') count += operation.taskInfos.length;
  return count;
}

/** The offers, which one reply accepts; undefined if one is void or named twice, or if they are not of one slave and pool. */
function alike({ offers }: Framework, ids: readonly OfferId[]): readonly Offer[] | undefined {
  const found: Offer[] = [];
  for (const id of ids) {
    const offer = offers.get(id);
    const first = found[0] ?? offer;
    if (offer === undefined || offer.slave !== first?.slave || offer.pool !== first.pool) return undefined;
    found.push(offer);
  }
  return found.length < 2 || new Set(found).size === found.length ? found : undefined;
}

/** Why it cannot be done with what is left; undefined if it can. */
function lotComplaint(
  { resources }: Reservation,
  renaming: Renaming,
  { framework, offer, left }: Lot,
): string | undefined {
  const { role = '*' } = framework.info;
  for (const name in resources)
    if (roleOf(name) !== role) return `'${name}' is for another role than that of the framework, '${role}'`;
  if (offer.pool === 'short') return 'What is set aside for short tasks cannot be reserved';
  if (!contains(left, renaming.from))
    return `${format(renaming.from)} is more than what is left of the offers, ${format(left) || 'nothing'}`;
  return namesComplaint(offer.slave, renaming);
}
