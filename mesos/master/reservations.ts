/**
 * What is reserved on slaves: by frameworks for their own role, from offers that they accept, and by operators. A reservation is part
 * of a resource's name, so that to reserve is to rename; the slave keeps the names.
 */
import {
  add,
  isEmpty,
  NAMES_MAX,
  type Resources,
  roleOf,
  rounded,
  subtract,
  unreserved,
} from '../protocol/resources.ts';
import type { Books } from './books.ts';
import type { Slave } from './state.ts';

/** Something is to be reserved as it is named, or not to be reserved any more as it was. */
export interface Reservation {
  readonly type: 'RESERVE' | 'UNRESERVE';
  readonly resources: Resources;
}

/** `from` becomes `to`, which are the same but for their names. */
export interface Renaming {
  readonly from: Resources;
  readonly to: Resources;
}

/** Why it makes no sense, whatever there is; undefined if it does. */
export function reservationComplaint({ resources }: Reservation): string | undefined {
  if (isEmpty(resources)) return 'It names no resources';
  for (const name in resources)
    if (roleOf(name) === undefined) return `It does not say for which role '${name}' is reserved`;
  return undefined;
}

/** What it does. */
export function renamingOf({ type, resources }: Reservation): Renaming {
  const reserved = rounded(resources);
  const bare = unreserved(reserved);
  return type === 'RESERVE' ? { from: bare, to: reserved } : { from: reserved, to: bare };
}

/** The resources with other names. Throws if `from` is not among them. */
export function renamed(resources: Resources, { from, to }: Renaming): Resources {
  return add(subtract(resources, from), to);
}

/** Why a slave of which this is a part cannot have it under other names; undefined if it can. */
export function namesComplaint({ info }: Slave, renaming: Renaming): string | undefined {
  const names = Object.keys(renamed(info.resources, renaming));
  return names.length > NAMES_MAX
    ? `The slave would have more than ${NAMES_MAX} resources of different names`
    : undefined;
}

/** Orders a slave to keep what it has as it is named now; whatever is ordered of it later may count on that. */
export function keepNames(books: Books, slave: Slave): void {
  const { id: slaveId, info } = slave;
  books.order(slave, { type: 'CHECKPOINT_RESOURCES', slaveId, resources: info.resources });
}

/** Some of what the slave has bears another name now: tells everybody whom that concerns. */
export function namesChanged(books: Books, slave: Slave): void {
  const { id: slaveId, info } = slave;
  keepNames(books, slave);
  books.context.record({ event: 'slave-reserved', slaveId, resources: info.resources });
  books.observer?.slaveUpdated(slave);
}
