/** What `lab slave` serves over HTTP, and its flags. */
import type { Command } from 'commander';
import type { HttpServer } from '../../../mesos/http/server.ts';
import { formatPorts, PORTS, type PortRanges } from '../../../mesos/protocol/ports.ts';
import { format, type Resources } from '../../../mesos/protocol/resources.ts';
import type { WireRuntime } from '../../../mesos/runtime/wire.ts';
import type { ExecutorTokens } from '../../../mesos/slave/executorTokens.ts';
import type { SlaveWindow } from '../../../mesos/slave/window.ts';
import { usageError } from '../exit.ts';
import type { Security } from '../security.ts';
import { flagTexts, type HttpFlags, readHttpAccess, withHttp } from './httpFlags.ts';

/** What a slave offers. */
interface Offered {
  readonly resources: Resources;
  readonly ports: PortRanges;
}

/** The flags, as the command line gives them. */
export interface SlaveHttpFlags extends HttpFlags {
  readonly authenticate_http_executors: boolean;
  readonly http_allowed_origins: readonly string[];
  readonly ip: string;
  readonly advertise_ip?: string;
  readonly hostname?: string;
  readonly resources?: Offered;
}

/** Gives a command the flags of a slave that speaks HTTP. */
export function withSlaveHttp(command: Command): Command {
  return withHttp(command)
    .option(
      '--no-authenticate_http_executors',
      'let executors of this machine come over HTTP without their token: whoever is on it can be any of them',
    )
    .option(
      '--http_allowed_origins <list>',
      "whose pages may read here beside the master's, e.g. http://mesos.example:5050",
      originList,
      [],
    );
}

/** Prepares the server. `window`: the slave, as soon as it has started. Throws, in one sentence, what is wrong with the flags. */
export function slaveHttp(
  flags: SlaveHttpFlags,
  security: Security,
  own: {
    readonly tokens: ExecutorTokens;
    readonly workDir: string;
    readonly window: () => SlaveWindow | undefined;
    readonly log: (line: string) => void;
  },
): (wire: WireRuntime) => HttpServer {
  const { ip, advertise_ip, hostname, http_allowed_origins: origins, authenticate_http_executors } = flags;
  const { tokens, workDir, window, log } = own;
  const access = readHttpAccess(flags, security, [ip, advertise_ip, hostname]);
  return (runtime) =>
    onDemand(async () => {
      const { slaveServer } = await import('../../../mesos/http/slaveServer.ts');
      return slaveServer({
        runtime,
        window,
        workDir,
        flags: flagTexts({ ...flags, resources: flags.resources && resourcesText(flags.resources) }),
        ...access,
        executors: { principalOf: tokens.principalOf, isOptional: !authenticate_http_executors },
        scheme: security.tls === undefined ? 'http' : 'https',
        origins: new Set(origins),
        log,
      });
    }, log);
}

/** As it stood on the command line. */
function resourcesText({ resources: { [PORTS]: _, ...scalars }, ports }: Offered): string {
  const parts = [format(scalars), ports.length > 0 ? `${PORTS}:${formatPorts(ports)}` : ''];
  return parts.filter((part) => part !== '').join(';');
}

/** A server that is there when somebody asks: many slaves on a machine are asked nothing, and it costs each of them 10 MiB. */
function onDemand(load: () => Promise<HttpServer>, log: (line: string) => void): HttpServer {
  let loading: Promise<HttpServer> | undefined;
  return {
    take(socket, certificateName) {
      loading ??= load();
      loading.then(
        (server) => server.take(socket, certificateName),
        (error: Error) => {
          log(`HTTP cannot be served: ${error.message}`);
          socket.destroy();
        },
      );
    },
    close: () => void loading?.then((server) => server.close()).catch(() => {}),
  };
}

function originList(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const given = part.trim();
    const origin = URL.canParse(given) ? new URL(given).origin : 'null';
    if (origin === 'null' || !/^https?:/.test(origin))
      throw usageError(`--http_allowed_origins: '${given}' is no origin such as http://mesos.example:5050`);
    return origin;
  });
}
