/**
 * A network of this machine's own, for tests of partitions: hosts that are network namespaces, joined by a switch that is one
 * too. They have no names and live only as long as their processes, so that nothing can be left behind. Needs root.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { localMachines } from '../../infra/local.ts';
import type { Machine, Machines, RunningProcess } from '../../infra/machine.ts';

const run = promisify(execFile);

/** A network. Disposing of it ends all that runs in it. */
export interface Network extends AsyncDisposable {
  /** In the order of their names. */
  readonly hosts: readonly Machine[];
  /** Drops all packets between these hosts and the others, silently. */
  cutOff(hosts: readonly Machine[]): Promise<void>;
  /** Ends all partitions. */
  heal(): Promise<void>;
  /** Runs a program on a host, and resolves with what it writes. */
  run(host: Machine, program: string, ...args: readonly string[]): Promise<string>;
}

const SWITCH = 'switch';

/** Makes hosts in `folder`, each with an address in 10.77.0.0/16. */
export async function startNetwork(folder: string, names: readonly string[]): Promise<Network> {
  const machines = await localMachines(folder, [SWITCH, ...names]);
  try {
    return await connectHosts(machines);
  } catch (error) {
    await machines[Symbol.asyncDispose]();
    throw error;
  }
}

async function connectHosts(machines: Machines): Promise<Network> {
  const holders = new Map<string, RunningProcess>();
  await Promise.all(
    machines.machines.map(async (machine) => {
      const holder = await machine.start({
        name: 'namespace',
        program: 'unshare',
        arguments: ['--net', 'sh', '-c', 'ip link set lo up && echo ready && cat >/dev/null'],
      });
      holders.set(machine.name, holder);
      await holder.waitForLine(/^ready$/);
    }),
  );
  const pid = (name: string): number => holders.get(name)?.pid ?? 0;
  const inside = (name: string, program: string, args: readonly string[]): readonly [string, string[]] => [
    'nsenter',
    [`--net=/proc/${pid(name)}/ns/net`, program, ...args],
  ];
  const shell = async (name: string, script: string): Promise<void> => {
    await run(...inside(name, 'sh', ['-euc', script]));
  };

  const hosts = machines.machines.slice(1).map((machine, index): Machine => {
    const ip = `10.77.0.${index + 1}`;
    return {
      ...machine,
      ip,
      start: (spec) => {
        const [program, args] = inside(machine.name, spec.program, spec.arguments);
        return machine.start({ ...spec, program, arguments: args });
      },
    };
  });
  await shell(SWITCH, 'ip link add br0 type bridge && ip link set br0 up');
  for (const [index, { name, ip }] of hosts.entries()) {
    const port = `v${index}`;
    await shell(
      SWITCH,
      `ip link add ${port} type veth peer name eth0 netns ${pid(name)} && ip link set ${port} master br0 up`,
    );
    await shell(name, `ip addr add ${ip}/16 dev eth0 && ip link set eth0 up`);
  }

  return {
    hosts,
    cutOff(cut) {
      const ports = cut.map(({ name }) => `"v${hosts.findIndex((host) => host.name === name)}"`).join(', ');
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
      return shell(SWITCH, `nft '${rules.join('\n')}'`);
    },
    heal: () => shell(SWITCH, 'nft flush ruleset'),
    run: async (host, program, ...args) => (await run(...inside(host.name, program, args))).stdout,
    [Symbol.asyncDispose]: () => machines[Symbol.asyncDispose](),
  };
}
