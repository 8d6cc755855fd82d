/** Looks at a deployment: its machines, their daemons, clocks and use, and the processes that run or should. */
import type { MachinesAsked } from '../../infra/deployments/asked.ts';
import { placesOf } from '../../infra/deployments/provision.ts';
import type { DeploymentRecord, MachineRecord, ProcessRecord } from '../../infra/deployments/record.ts';
import type { ClockOffset, ProcessExit } from '../../infra/machine.ts';
import { connect, type RemoteMachine, type UsageSample } from '../../infra/nodeDaemon/connect.ts';
import { type Route, routeTo } from '../../infra/nodeDaemon/route.ts';
import { atOnce } from './atOnce.ts';
import { keptKeys } from './secrets.ts';

/** A process as it was seen. */
export interface ProcessLook extends ProcessRecord {
  /** `gone`: its daemon knows nothing of it. */
  readonly is: 'running' | 'ended' | 'gone';
  readonly pid: number | null;
  readonly exit: ProcessExit | null;
}

/** What a machine uses of what it has. */
export interface UsageLook {
  /** Fraction of all processors' time that was not idle, over half a second. */
  readonly cpuBusy: number;
  readonly memoryUsedBytes: number;
  readonly memoryTotalBytes: number;
}

/** A machine as it was seen. */
export type MachineLook = { readonly name: string; readonly ip: string | null } & (
  | {
      readonly is: 'up';
      readonly clock: ClockOffset;
      readonly usage: UsageLook;
      readonly processes: readonly ProcessLook[];
    }
  /** In one sentence. */
  | { readonly is: 'failed' | 'silent'; readonly why: string }
);

const USAGE_MS = 500;

/** Looks at all machines of a deployment at once. */
export async function lookAtMachines(
  folder: string,
  { asked, machines, processes }: DeploymentRecord,
): Promise<readonly MachineLook[]> {
  const reach = await reacher(folder, asked);
  return atOnce(machines, async (machine): Promise<MachineLook> => {
    const { name, ip = null, failure } = machine;
    if (failure !== undefined) return { name, ip, is: 'failed', why: failure.why };
    try {
      await using remote = await reach(machine);
      const own = processes.filter((process) => process.machine === name);
      const [clock, usage, seen] = await Promise.all([
        remote.clockOffset(),
        usageOf(remote),
        processesOf(remote, own),
      ]);
      return { name, ip, is: 'up', clock, usage, processes: seen };
    } catch (error) {
      return { name, ip, is: 'silent', why: (error as Error).message.replace(`machine ${name}: `, '') };
    }
  });
}

/** The way to a port of a process, from the machine that this is called on. */
export async function routeToProcess(
  folder: string,
  { asked, machines }: DeploymentRecord,
  { machine, address = '' }: ProcessRecord,
): Promise<Route> {
  const places = await placesOf(asked, folder).catch(() => []);
  const lab = machines.find(({ name }) => name === machine)?.daemon?.lab ?? '';
  const at = address.lastIndexOf(':');
  const there = { name: machine, lab, ip: address.slice(0, at), port: Number(address.slice(at + 1)) };
  return routeTo(there, places.find(({ name }) => name === machine) ?? {});
}

/** How to connect to the daemons of a deployment's machines; that rejects with one sentence. */
export async function reacher(
  folder: string,
  asked: MachinesAsked,
): Promise<(machine: MachineRecord) => Promise<RemoteMachine>> {
  const keys = keptKeys(folder);
  // Whoever gives the machines may not answer; their daemons may all the same.
  const places = await placesOf(asked, folder).catch(() => []);
  return async ({ name, daemon }) => {
    if (daemon === undefined || keys === undefined)
      throw new Error(`machine ${name}: no daemon was started on it yet`);
    return connect(daemon, keys, places.find((place) => place.name === name) ?? {});
  };
}

async function usageOf(machine: RemoteMachine): Promise<UsageLook> {
  let first: UsageSample['machine'] | undefined;
  for await (const { machine: now } of machine.usage(USAGE_MS)) {
    if (first === undefined) {
      first = now;
      continue;
    }
    const totalMs = now.cpuTotalMs - first.cpuTotalMs;
    return {
      cpuBusy: totalMs > 0 ? (now.cpuBusyMs - first.cpuBusyMs) / totalMs : 0,
      memoryUsedBytes: now.memoryUsedBytes,
      memoryTotalBytes: now.memoryTotalBytes,
    };
  }
  throw new Error('its daemon tells nothing of what it uses');
}

async function processesOf(
  machine: RemoteMachine,
  expected: readonly ProcessRecord[],
): Promise<readonly ProcessLook[]> {
  const seen = await machine.processes();
  return expected.map((process): ProcessLook => {
    // A later one of that name has taken the place of an earlier one.
    const info = seen.findLast(({ name, isKept }) => isKept && name === process.name);
    if (info === undefined) return { ...process, is: 'gone', pid: null, exit: null };
    return { ...process, is: info.exit === null ? 'running' : 'ended', pid: info.pid, exit: info.exit };
  });
}
