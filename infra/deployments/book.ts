/** The record of a deployment while somebody works on it: every change is on disk before the next thing is done. */
import type { DaemonRecord } from '../nodeDaemon/record.ts';
import {
  type DeploymentRecord,
  type MachineRecord,
  type ProcessRecord,
  type Stage,
  writeRecord,
} from './record.ts';

/** A record that is being changed. */
export interface Book {
  readonly record: DeploymentRecord;
  /** The deployment is at this now. One that runs stays so while it is repaired, whatever becomes of that, until it is torn down. */
  reach(state: DeploymentRecord['state']): void;
  /** A machine has this address. */
  machineAt(name: string, ip: string): void;
  /** A daemon runs on a machine. */
  daemonOn(name: string, daemon: DaemonRecord): void;
  /** A machine takes no part from now on. */
  failed(name: string, stage: Stage, why: string): void;
  /** Machines that have failed since the book was opened, with the reason: the others get another chance. */
  readonly failures: ReadonlyMap<string, string>;
  /** Machines that had failed before that, and have not again, take part from now on. */
  forgive(): void;
  /** A process runs; it may be a new one in place of one of that name. */
  started(process: ProcessRecord): void;
  /** Processes that run no more. */
  ended(isEnded: (process: ProcessRecord) => boolean): void;
}

/** Opens the record of the deployment in this folder, and writes it. */
export function openBook(folder: string, first: DeploymentRecord): Book {
  let record = first;
  const failures = new Map<string, string>();
  const change = (fields: Partial<DeploymentRecord>): void => {
    record = { ...record, ...fields };
    writeRecord(folder, record);
  };
  const changeMachine = (name: string, changed: (machine: MachineRecord) => MachineRecord): void =>
    change({ machines: record.machines.map((one) => (one.name === name ? changed(one) : one)) });
  change({});
  return {
    get record() {
      return record;
    },
    reach: (state) => {
      if (record.state !== 'running' || state === 'tearing down') change({ state });
    },
    machineAt: (name, ip) => changeMachine(name, (machine) => ({ ...machine, ip })),
    daemonOn: (name, daemon) => changeMachine(name, (machine) => ({ ...machine, daemon })),
    failed(name, stage, why) {
      failures.set(name, why);
      changeMachine(name, (machine) => ({ ...machine, failure: { stage, why } }));
    },
    failures,
    forgive: () =>
      change({
        machines: record.machines.map(({ failure, ...machine }) =>
          failure !== undefined && failures.has(machine.name) ? { ...machine, failure } : machine,
        ),
      }),
    started: (process) =>
      change({ processes: [...record.processes.filter((one) => !isSame(one, process)), process] }),
    ended: (isEnded) => change({ processes: record.processes.filter((one) => !isEnded(one)) }),
  };
}

const isSame = (a: ProcessRecord, b: ProcessRecord): boolean => a.machine === b.machine && a.name === b.name;
