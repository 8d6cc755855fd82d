/** How fast a slave is in virtual time: the same for the executors of all frameworks. */
import type { SlaveInfo } from '../mesos/protocol/entities.ts';

/** A slave's attribute that says how fast it is, a number with 1 being the usual: `{ speed: '0.6' }`. */
const SPEED_ATTRIBUTE = 'speed';

/** Above 0; 1 unless the slave says otherwise. */
export function modelledSpeed({ attributes }: Pick<SlaveInfo, 'attributes'>): number {
  const speed = Number(attributes[SPEED_ATTRIBUTE] ?? 1);
  return speed > 0 ? speed : 1;
}
