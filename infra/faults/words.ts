/** Faults in words: for histories, plots and error messages. */
import type { Fault } from '../fault.ts';

/** What a fault hits: machines, or a process as `machine/process`. */
export function subjectOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'pause':
      return `${fault.machine}/${fault.process}`;
    case 'cut-off':
      return fault.machines.join(',');
    case 'partition':
      return fault.groups.map((group) => group.join(',')).join('|');
    case 'zookeeper-leader':
      return 'zookeeper';
    case 'off':
    case 'loss':
    case 'rate':
    case 'delay':
    case 'disk-full':
    case 'clock-step':
      return fault.machine;
    default:
      return fault satisfies never;
  }
}

/** Names of the machines that a fault names. */
export function machinesOf(fault: Fault): readonly string[] {
  switch (fault.kind) {
    case 'cut-off':
      return fault.machines;
    case 'partition':
      return fault.groups.flat();
    case 'zookeeper-leader':
      return [];
    default:
      return [fault.machine];
  }
}

/** A fault as the subject of a sentence, e.g. `cut-off of node1,node2`. */
export function inWords(fault: Fault): string {
  return `${fault.kind} of ${subjectOf(fault)}`;
}
