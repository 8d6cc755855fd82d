/** A switch and the namespaces that hang on it. All of it lives only as long as its processes, so nothing can be left behind. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../inspection.ts';
import { startProcess } from '../localProcess.ts';
import type { RunningProcess } from '../machine.ts';
import type { Power } from '../place.ts';
import { holderCommand, inSwitch, switchCommand, UP, type UserNamespace, userNamespace } from './holder.ts';
import { hostAddress, hostsFile, ISOLATED_SUBNET } from './subnet.ts';
import { connectUplink } from './uplink.ts';

const execute = promisify(execFile);

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

/** What this machine lacks for namespaces, in one sentence; undefined if nothing that can be told beforehand. */
export function missingForNetns(): string | undefined {
  if (process.platform !== 'linux') return 'machines of kind netns need Linux';
  for (const [program, debianPackage] of [
    ['ip', 'iproute2'],
    ['nsenter', 'util-linux'],
    ['unshare', 'util-linux'],
  ] as const)
    if (findProgram(program) === undefined)
      return `machines of kind netns need ${program}, which is not installed: install Debian's ${debianPackage}`;
  return undefined;
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
  const hold = async (name: string, command: readonly [string, readonly string[]]): Promise<Held> => {
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
    const { pid: switchPid } = await hold('switch', switchCommand(inside));
    const onSwitch = async (...command: readonly string[]): Promise<void> => {
      await execute(...mutable(inSwitch(switchPid, inside, ...command)));
    };
    const subnet = options.uplink ? await connectUplink(switchPid, onSwitch) : ISOLATED_SUBNET;
    const addresses = names.map((name, index) => ({ name, ip: hostAddress(subnet, index) }));
    const hosts = join(folder, 'network', 'hosts');
    await writeFile(hosts, hostsFile(addresses), { mode: 0o644 });
    const start = async (
      { name, ip }: { readonly name: string; readonly ip: string },
      index: number,
    ): Promise<Held> =>
      hold(
        name,
        holderCommand(
          {
            hostname: name,
            ip,
            port: port(index),
            switchPid,
            hostsFile: hosts,
          },
          inside,
        ),
      );
    const connect = (indices: readonly number[]): Promise<void> =>
      onSwitch(
        'sh',
        '-c',
        `ip -batch - <<END\n${indices.map((index) => `link set ${port(index)} master br0 up`).join('\n')}\nEND`,
      );

    const held: (Held | undefined)[] = await Promise.all(addresses.map(start));
    await connect(names.map((_, index) => index));
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
              // The namespace goes only some time after its last process, and with it the port that the next one needs.
              await onSwitch('ip', 'link', 'delete', port(index)).catch(() => {});
            },
            async on() {
              if (held[index] !== undefined) return;
              held[index] = await start(address, index);
              await connect([index]);
            },
          },
        }),
      ),
      cutOff(cut) {
        const ports = cut.map((name) => `"${port(names.indexOf(name))}"`).join(', ');
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
        return onSwitch('nft', rules.join('\n'));
      },
      heal: () => onSwitch('nft', 'flush ruleset'),
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

const port = (index: number): string => `v${index}`;

const mutable = ([program, args]: readonly [string, readonly string[]]): [string, string[]] => [
  program,
  [...args],
];
