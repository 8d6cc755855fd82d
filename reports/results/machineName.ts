/** Short names for the machine classes of trends. */
import type { Trend } from '../../harness/records/trend.ts';
import { gibibytes } from '../page/provenance.ts';

type Machine = Trend['machine'];

/** Names machines, each by its processors, and by memory and Node.js too where others have the same processors. */
export function machineNames(trends: readonly Trend[]): (trend: Trend) => string {
  const machines = new Map(trends.map(({ machineClass, machine }) => [machineClass, machine]));
  const names = [...machines.values()].map(processorsOf);
  return ({ machineClass, machine: own }) => {
    const machine = machines.get(machineClass) ?? own;
    const name = processorsOf(machine);
    if (names.filter((one) => one === name).length < 2) return name;
    return `${name}, ${gibibytes(machine.memoryBytes)}, Node.js ${machine.nodeVersion}`;
  };
}

const processorsOf = ({ cores, cpuModel }: Machine): string => `${cores} × ${cpuModel}`;
