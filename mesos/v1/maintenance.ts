/** Planned maintenance of machines (`mesos/v1/maintenance/maintenance.proto`). */
import { FrameworkID, MachineID, TimeInfo, Unavailability } from './entities.ts';
import { enumOf, message, repeated, required, type Value } from './schema.ts';

/** Machines that will be out of service together. */
export const Window = message('Window', {
  machine_ids: repeated(1, MachineID),
  unavailability: required(2, Unavailability),
});
export type Window = Value<typeof Window>;

export const Schedule = message('Schedule', { windows: repeated(1, Window) });
export type Schedule = Value<typeof Schedule>;

const InverseOfferStatus = message('InverseOfferStatus', {
  status: required(1, enumOf({ UNKNOWN: 1, ACCEPT: 2, DECLINE: 3 })),
  framework_id: required(2, FrameworkID),
  timestamp: required(3, TimeInfo),
});

/** The machines that are on their way out of service, or out of it. */
export const ClusterStatus = message('ClusterStatus', {
  draining_machines: repeated(
    1,
    message('ClusterStatus.DrainingMachine', {
      id: required(1, MachineID),
      statuses: repeated(2, InverseOfferStatus),
    }),
  ),
  down_machines: repeated(2, MachineID),
});
export type ClusterStatus = Value<typeof ClusterStatus>;
