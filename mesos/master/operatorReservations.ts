/** What operators reserve on slaves, and free of reservations: what is free there, or offered. */
import { executorResources } from '../protocol/launch.ts';
import { common, contains, format, isEmpty, roleOf, sum } from '../protocol/resources.ts';
import { type ActionRefusal, type Plan, type ReservationAction, refused } from './actions.ts';
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
import { unknownRole } from './rights.ts';
import type { Slave } from './state.ts';

/** What to do, or why it cannot be. */
export function reservationPlan(
  books: Books,
  offers: Offers,
  { type, slaveId, resources }: ReservationAction,
): Plan | ActionRefusal {
  const slave = books.slaves.get(slaveId);
  if (slave === undefined) return refused('unknown', `No slave found with the id ${slaveId}`);
  const reservation: Reservation = {
    type: type === 'RESERVE_RESOURCES' ? 'RESERVE' : 'UNRESERVE',
    resources,
  };
  const complaint = reservationComplaint(reservation) ?? rolesComplaint(books, reservation);
  if (complaint !== undefined) return refused('invalid', complaint);
  const renaming = renamingOf(reservation);
  const conflict = slaveComplaint(slave, renaming);
  if (conflict !== undefined) return refused('conflict', conflict);
  return {
    prepare() {
      const shortage = convert(books, offers, slave, renaming);
      return shortage === undefined ? undefined : refused('conflict', shortage);
    },
    apply() {
      slave.info = { ...slave.info, resources: renamed(slave.info.resources, renaming) };
      namesChanged(books, slave);
      offers.allocateSoon();
    },
  };
}

/** Nothing can be reserved for a role that there is not; what was can be freed. */
function rolesComplaint({ options }: Books, { type, resources }: Reservation): string | undefined {
  if (type === 'UNRESERVE') return undefined;
  for (const name in resources) {
    const unknown = unknownRole(options.rights ?? {}, roleOf(name) ?? '*');
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

/** Why it cannot be, whoever answers his offers; undefined if it can. */
function slaveComplaint(slave: Slave, renaming: Renaming): string | undefined {
  const { from } = renaming;
  const taken = [...slave.tasks].map(({ resources }) => resources);
  for (const executors of slave.executors.values()) taken.push(executorResources(executors));
  if (!contains(slave.info.resources, sum([...taken, from])))
    return `Slave ${slave.id} does not have ${format(from)} that is not in use; it has ${format(slave.info.resources)} in all`;
  return namesComplaint(slave, renaming);
}

/** Renames what is free, and for that rescinds as many offers as it takes. Why it cannot be; undefined if it is done. */
function convert(books: Books, offers: Offers, slave: Slave, { from, to }: Renaming): string | undefined {
  let shortage = books.allocation.convertFree(slave.id, from, to);
  for (const offer of [...slave.offers.values()]) {
    if (shortage === undefined) break;
    if (isEmpty(common(offer.resources, from))) continue;
    offers.rescind(offer, 'an operator reserves what is in it, or frees it of a reservation');
    shortage = books.allocation.convertFree(slave.id, from, to);
  }
  return shortage;
}
