/** Real ZooKeeper servers, from Debian's package, for tests and for those who ask `lab zookeeper` for some. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { findProgram, ZOOKEEPER_JAR } from './inspection.ts';
import type { Machine, RunningProcess } from './machine.ts';
import { leads, type Mode, modeOf } from './zookeeperMode.ts';

/** Without it the servers log nothing. */
const LOGGER_JAR = '/usr/share/java/slf4j-simple.jar';

/** Between two questions what the servers are. */
const PROBE_PAUSE_MS = 50;
/** How long the servers may take to find a leader. */
const START_LIMIT_MS = 30_000;

/** From and to: below those that Linux gives to who asks for any. */
const OWN_PORTS = [20_000, 32_000] as const;

/** What to start. */
export interface EnsembleOptions {
  /** A server on each, in this order: 1, 3 or 5. A machine may be there more than once. */
  readonly machines: readonly Machine[];
  /** ZooKeeper's unit of time, e.g. 2000: sessions last 2 to 20 ticks. */
  readonly tickTimeMs: number;
  /** Port for clients of the first server, and those after it for the others; default any free ones. */
  readonly port?: number;
  /** A machine that reaches them, where this process does not: from there they are asked what they are. */
  readonly askFrom?: Machine;
}

/** One server. It keeps its port and its data when it is started again. */
export interface ZookeeperServer {
  /** For clients, `host:port`. */
  readonly address: string;
  /** By name. */
  readonly machine: string;
  /** Name of its process. */
  readonly process: string;
  mode(): Promise<Mode>;
  /** Ends it at once, as SIGKILL does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it in its tracks, as SIGSTOP does. */
  pause(): void;
  resume(): void;
  /** Resolves when it has ended by itself or was killed. */
  exited(): Promise<void>;
  lastLines(): readonly string[];
}

/** Servers that form one ensemble. They end with the machines that they are on, and with this process, however it ends. */
export interface Ensemble {
  readonly servers: readonly ZookeeperServer[];
  /** URL of a path for masters, e.g. `zk://127.0.0.1:2181/mesos`. */
  url(path: string): string;
  /** Resolves when all servers that run serve clients; rejects after 30 s. */
  serving(): Promise<void>;
  /** The server that leads, or the only one; undefined if there is none. */
  leader(): Promise<ZookeeperServer | undefined>;
}

/** What this machine lacks to run ZooKeeper, in one sentence; undefined if nothing. */
export function missingForZookeeper(): string | undefined {
  if (findProgram('java') === undefined)
    return "ZooKeeper needs java, which is not installed: install Debian's default-jre-headless";
  if (!existsSync(ZOOKEEPER_JAR))
    return `ZooKeeper is not installed (${ZOOKEEPER_JAR} is missing): install Debian's zookeeper`;
  return undefined;
}

/** Starts servers. Throws one sentence if the machine lacks something, or a port is in use; does not wait until they serve. */
export async function startEnsemble(options: EnsembleOptions): Promise<Ensemble> {
  const missing = missingForZookeeper();
  if (missing !== undefined) throw new Error(missing);
  const { machines, port, askFrom } = options;
  if (port !== undefined) for (const [index, { ip }] of machines.entries()) await checkFree(ip, port + index);
  const free = await freePorts(3 * machines.length);
  const members = machines.map((machine, index): Member => {
    const [clientPort = 0, quorumPort = 0, electionPort = 0] = free.slice(3 * index);
    return {
      id: index + 1,
      machine,
      clientPort: port === undefined ? clientPort : port + index,
      quorumPort,
      electionPort,
    };
  });
  const ask = asking(askFrom);
  const servers = await Promise.all(
    members.map((member) => startServer(member, members, options.tickTimeMs, ask)),
  );
  const addresses = servers.map(({ address }) => address);
  return {
    servers,
    url: (path) => `zk://${addresses.join(',')}${path}`,
    async serving() {
      const limit = performance.now() + START_LIMIT_MS;
      for (;;) {
        const modes = await ask(addresses);
        const late = servers.find((server, index) => server.isRunning() && modes[index] === undefined);
        if (late === undefined) break;
        if (performance.now() > limit)
          throw new Error(
            `the ZooKeeper server at ${late.address} does not serve: ${late.lastLines().at(-1) ?? 'it said nothing'}`,
          );
        await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS));
      }
      const ended = servers.find((server) => !server.isRunning());
      if (ended !== undefined && servers.every((server) => !server.isRunning()))
        throw new Error(
          `the ZooKeeper server at ${ended.address} has ended: ${ended.lastLines().at(-1) ?? 'it said nothing'}`,
        );
    },
    leader: async () => servers[(await ask(addresses, ASK_MS)).findIndex(leads)],
  };
}

/** To start a program that asks takes longer than to ask: so it goes on for this long, unless a server leads. */
const ASK_MS = 500;

/** Asks servers what they are, from here or from a machine; there again for so long until one leads. */
type Ask = (addresses: readonly string[], waitMs?: number) => Promise<readonly Mode[]>;

function asking(machine: Machine | undefined): Ask {
  if (machine === undefined) return (addresses) => Promise.all(addresses.map(modeOf));
  const harness = dirname(machine.lab);
  const program = join(harness, '..', 'infra', 'askZookeeper.ts');
  return async (addresses, waitMs = 0) => {
    const said = await machine.run(join(harness, 'node'), program, String(waitMs), ...addresses);
    return (JSON.parse(said) as readonly (NonNullable<Mode> | null)[]).map((mode) => mode ?? undefined);
  };
}

interface Member {
  readonly id: number;
  readonly machine: Machine;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
}

interface RunningServer extends ZookeeperServer {
  isRunning(): boolean;
}

async function startServer(
  member: Member,
  members: readonly Member[],
  tickTimeMs: number,
  ask: Ask,
): Promise<RunningServer> {
  const { machine, clientPort } = member;
  const name = `zookeeper${member.id}`;
  const folder = join(machine.folder, name);
  const config = join(folder, 'zoo.cfg');
  await machine.write(join(folder, 'data', 'myid'), `${member.id}\n`);
  await machine.write(config, configOf(member, members, folder, tickTimeMs));

  let process: RunningProcess;
  let isRunning = false;
  async function start(): Promise<void> {
    // java takes the place of the shell, and a watcher beside it ends it when the lifeline, standard input, is closed.
    const line = 'exec 3<&0; (cat >/dev/null <&3; kill -9 $$) & exec java "$@" </dev/null 3<&-';
    const started = await machine.start({
      name,
      program: 'sh',
      arguments: ['-c', line, 'sh', ...javaArguments(config)],
    });
    process = started;
    isRunning = true;
    void started.exited.then(() => {
      if (process === started) isRunning = false;
    });
  }
  await start();
  const address = `${machine.ip}:${clientPort}`;
  return {
    address,
    machine: machine.name,
    process: name,
    isRunning: () => isRunning,
    mode: async () => (await ask([address]))[0],
    async kill() {
      process.signal('SIGKILL');
      await process.exited;
    },
    start,
    // Only java: its watcher must be able to end it also while it is paused.
    pause: () => process.signalAlone('SIGSTOP'),
    resume: () => process.signalAlone('SIGCONT'),
    exited: () => process.exited.then(() => {}),
    lastLines: () => process.lastLines(),
  };
}

function configOf(member: Member, members: readonly Member[], folder: string, tickTimeMs: number): string {
  const lines = [
    `tickTime=${tickTimeMs}`,
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${join(folder, 'data')}`,
    `clientPort=${member.clientPort}`,
    `clientPortAddress=${member.machine.ip}`,
    // A web server, which would listen on all addresses.
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
    'maxClientCnxns=0',
  ];
  if (members.length > 1)
    for (const { id, machine, quorumPort, electionPort } of members)
      lines.push(`server.${id}=${machine.ip}:${quorumPort}:${electionPort}`);
  return `${lines.join('\n')}\n`;
}

function javaArguments(config: string): readonly string[] {
  return [
    ...['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...['-cp', `${ZOOKEEPER_JAR}:${LOGGER_JAR}`],
    ...['org.apache.zookeeper.server.quorum.QuorumPeerMain', config],
  ];
}

/** Throws if somebody else listens on a port of this machine. Says nothing about ports of other machines. */
async function checkFree(ip: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, ip);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(`port ${port} of ${ip} is in use: choose another one for ZooKeeper`);
  }
}

/** Ports of the loopback interface that nobody uses at this moment, and that nobody is given by chance before ZooKeeper takes them. */
async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  while (held.length < count) {
    const server = createServer().listen(randomInt(...OWN_PORTS), '127.0.0.1');
    try {
      await once(server, 'listening');
      held.push(server);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return ports;
}
