/**
 * The machine kind `netns`: machines that are namespaces of this machine, each with an address, a hostname and a process tree of its
 * own, joined by a switch that is a namespace too. They share our files and our clock.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LAB, localFiles, READ_BYTES_MAX } from '../local.ts';
import { startProcess } from '../localProcess.ts';
import type { Machine, Machines, RunningProcess } from '../machine.ts';
import type { Power } from '../place.ts';
import { onMachine, startOnMachine } from './holder.ts';
import { type Network, type NetworkHost, type NetworkOptions, startNetwork } from './network.ts';

const execute = promisify(execFile);

/** A machine that can be switched off. What was started on it ends then; it can be started again when the machine is on. */
export interface NetnsMachine extends Machine {
  readonly power: Power;
}

/** Machines that are namespaces. They end with this process, however that ends. */
export interface NetnsMachines extends Machines {
  readonly machines: readonly NetnsMachine[];
  /** Drops all packets between these machines and the others, silently. */
  cutOff(machines: readonly Machine[]): Promise<void>;
  /** Ends all partitions. */
  heal(): Promise<void>;
}

/**
 * Provisions machines of these names, each with a folder in `folder`. As root, or else in a user namespace. Rejects with one sentence
 * if this machine cannot have namespaces.
 */
export async function netnsMachines(
  folder: string,
  names: readonly string[],
  options: NetworkOptions = {},
): Promise<NetnsMachines> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const remove = (): Promise<void> =>
    rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const network = await startNetwork(folder, names, options);
    const running = new Set<RunningProcess>();
    return {
      kind: 'netns',
      hardware: 'shared',
      machines: await Promise.all(network.hosts.map((host) => netnsMachine(host, network, folder, running))),
      cutOff: (machines) => network.cutOff(machines.map(({ name }) => name)),
      heal: () => network.heal(),
      async [Symbol.asyncDispose]() {
        await Promise.all([...running].map((process) => process.stop()));
        await network[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function netnsMachine(
  host: NetworkHost,
  network: Network,
  folder: string,
  running: Set<RunningProcess>,
): Promise<NetnsMachine> {
  const own = join(folder, host.name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  return {
    name: host.name,
    ip: host.ip,
    folder: own,
    lab: LAB,
    async start(spec) {
      const process = await startProcess(spec, own, startOnMachine(host.pid(), network.inside, own));
      running.add(process);
      void process.exited.then(() => running.delete(process));
      return process;
    },
    ...localFiles(own),
    async run(program, ...args) {
      const [command, rest] = onMachine(host.pid(), network.inside, own)(program, args);
      return (await execute(command, rest, { maxBuffer: READ_BYTES_MAX })).stdout;
    },
    clockOffset: async () => ({ offsetMs: 0, errorMs: 0 }),
    power: host.power,
  };
}
