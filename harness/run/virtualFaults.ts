/** Breaks things in virtual time, as a scenario says, and writes each into the history. */
import type { Context } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { VirtualFault } from '../experiments/virtualScenario.ts';

/** Whom faults hit. */
export interface FaultTargets {
  /** The process of the slave with this number, counted from 0. */
  readonly slaveProcess: (slave: number) => string;
  /** The process of the master that leads, or led last. */
  readonly leader: () => string;
}

/** Prepares the faults; each comes at its time. */
export function injectFaults(
  cluster: VirtualCluster,
  faults: readonly VirtualFault[],
  targets: FaultTargets,
): void {
  if (faults.length === 0) return;
  cluster.process('harness:0').spawn('faults', {
    inbox: {},
    create(context) {
      for (const fault of faults)
        context.after(timeOf(fault, context), () => {
          const subject = subjectOf(fault, targets);
          context.record({ event: 'fault-injected', fault: fault.fault, subject });
          cluster.crash(subject);
        });
      return { receive() {} };
    },
  });
}

function timeOf(fault: VirtualFault, { random }: Context): number {
  const withinMs = fault.fault === 'kill-leader' ? (fault.withinMs ?? 0) : 0;
  return fault.atMs + withinMs * random.uniform();
}

/** The process that the fault kills. */
function subjectOf(fault: VirtualFault, { leader, slaveProcess }: FaultTargets): string {
  switch (fault.fault) {
    case 'kill-leader':
      return leader();
    case 'kill-slave':
      return slaveProcess(fault.slave);
    default:
      return fault satisfies never;
  }
}
