/** A switch and the namespaces that hang on it. All of it lives only as long as its processes, so nothing can be left behind. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '../localProcess.ts';
import type { RunningProcess } from '../machine.ts';
import type { Power } from '../place.ts';
import { switchCommand, UP, type UserNamespace, userNamespace } from './holder.ts';
import { hostAddress, hostsFile, ISOLATED_SUBNET } from './subnet.ts';
import { connectUplink } from './uplink.ts';
import {
  type CommandLine,
  connect,
  disconnect,
  machineCommand,
  missingForNetns,
  onSwitch,
  portOf,
  type Wiring,
} from './wiring.ts';

/** How machines are joined. */
export interface NetworkOptions {
  /** This machine has an address on the switch too, so that this process reaches the others. Takes root. Default no. */
  readonly uplink?: boolean;
  /** Default `none` for root, `own` for others. */
  readonly userNamespace?: UserNamespace;
}

/** A namespace on the switch. */
export interface NetworkHost {
  readonly name: string;
  readonly ip: string;
  /** Process that holds it. Throws if it is off. */
  pid(): number;
  readonly power: Power;
}

/** A network. Disposing of it ends all that runs in it. */
export interface Network extends AsyncDisposable {
  readonly inside: UserNamespace;
  /** In the order of their names. */
  readonly hosts: readonly NetworkHost[];
  /** Drops all packets between these hosts and the others, silently. */
  cutOff(names: readonly string[]): Promise<void>;
  /** Ends all partitions. */
  heal(): Promise<void>;
}

/** Makes a switch and hosts. Their logs and what they share are in `folder`. */
export async function startNetwork(
  folder: string,
  names: readonly string[],
  options: NetworkOptions,
): Promise<Network> {
  const missing = missingForNetns();
  if (missing !== undefined) throw new Error(missing);
  const inside = options.userNamespace ?? userNamespace();
  const holders = new Set<RunningProcess>();
  const end = async (): Promise<void> => {
    for (const holder of holders) holder.signal('SIGKILL');
    await Promise.all([...holders].map(({ exited }) => exited));
  };
  const hold = async (name: string, command: CommandLine): Promise<Held> => {
    const [program, args] = command;
    const process = await startProcess(
      { name: `${name}-holder`, program, arguments: args },
      join(folder, 'network'),
    );
    holders.add(process);
    void process.exited.then(() => holders.delete(process));
    try {
      return { process, pid: Number((await process.waitForLine(UP))[1]) };
    } catch (error) {
      throw new Error(`no namespaces for ${name}: ${(error as Error).message}`);
    }
  };

  try {
    await mkdir(join(folder, 'network'), { recursive: true, mode: 0o700 });
    const { pid: switchPid } = await hold('switch', switchCommand(inside, 'ours'));
    const subnet = options.uplink ? await connectUplink(switchPid, inside) : ISOLATED_SUBNET;
    const addresses = names.map((name, index) => ({ name, ip: hostAddress(subnet, index) }));
    const file = join(folder, 'network', 'hosts');
    await writeFile(file, hostsFile(addresses), { mode: 0o644 });
    const wiring: Wiring = { inside, lifetime: 'ours', switchPid, subnet, names, hostsFile: file };
    const held: (Held | undefined)[] = await Promise.all(
      names.map((name, index) => hold(name, machineCommand(wiring, index))),
    );
    await connect(wiring, [...names.keys()]);
    return {
      inside,
      hosts: addresses.map(
        (address, index): NetworkHost => ({
          ...address,
          pid() {
            const pid = held[index]?.pid;
            if (pid === undefined) throw new Error(`${address.name} is off`);
            return pid;
          },
          power: {
            async off() {
              const process = held[index]?.process;
              held[index] = undefined;
              process?.signal('SIGKILL');
              await process?.exited;
              await disconnect(wiring, index);
            },
            async on() {
              if (held[index] !== undefined) return;
              held[index] = await hold(address.name, machineCommand(wiring, index));
              await connect(wiring, [index]);
            },
          },
        }),
      ),
      cutOff(cut) {
        const ports = cut.map((name) => `"${portOf(names.indexOf(name))}"`).join(', ');
        const group = `{ ${ports} }`;
        const rules = [
          'table bridge partition {',
          'chain forward {',
          'type filter hook forward priority 0',
          `iifname ${group} oifname != ${group} drop`,
          `iifname != ${group} oifname ${group} drop`,
          '}',
          '}',
        ];
        return onSwitch(wiring, 'nft', rules.join('\n'));
      },
      heal: () => onSwitch(wiring, 'nft', 'flush ruleset'),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A process that holds namespaces: our child, and the one that is in there. */
interface Held {
  readonly process: RunningProcess;
  readonly pid: number;
}
