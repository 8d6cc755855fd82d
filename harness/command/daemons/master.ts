/** `lab master`: a master as a daemon. Flags are named as Apache Mesos names them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import * as v from 'valibot';
import type { AllocationFactory } from '../../../mesos/allocation/allocation.ts';
import { loadAllocation } from '../../../mesos/allocation/load.ts';
import { masterServer } from '../../../mesos/http/masterServer.ts';
import { master } from '../../../mesos/master/master.ts';
import type { MasterObserver } from '../../../mesos/master/observer.ts';
import { MASTER_DEFAULTS, type MasterOptions } from '../../../mesos/master/options.ts';
import type { Registry } from '../../../mesos/master/registry.ts';
import { fileRegistry } from '../../../mesos/master/registryFile.ts';
import { type Rights, RightsSchema } from '../../../mesos/master/rights.ts';
import type { MasterWindow } from '../../../mesos/master/window.ts';
import { readContest, readElection } from '../election.ts';
import { usageError } from '../exit.ts';
import { duration, wholeNumber } from '../flagValues.ts';
import { makePrivateFolder } from '../privateFolder.ts';
import { readSecurity, withSecurity } from '../security.ts';
import { logLine, startDaemon } from './daemon.ts';
import { flagTexts, readHttpAccess, withHttp } from './httpFlags.ts';

/** The command. */
export const masterCommand = withHttp(withSecurity(new Command('master'), 'credentials'))
  .description('start a Mesos master')
  .option('--ip <address>', 'address to listen on', '127.0.0.1')
  .option('--advertise_ip <address>', 'address by which slaves and frameworks reach it, if it is another')
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5050)
  .option(
    '--zk <url>',
    'elect the leader of several masters: zk://HOST:PORT,…/PATH or file:///PATH',
    readContest,
  )
  .option(
    '--zk_session_timeout <duration>',
    'how long a leader may be out of touch with ZooKeeper (default: 10secs)',
    duration('--zk_session_timeout'),
  )
  .option('--allocator <module>', 'allocation module: fair, priority, lottery, or the path of a file', 'fair')
  .option('--allocator_options <file>', "the module's options, as JSON")
  .option('--weights <role=weight,...>', 'weights of roles, e.g. gold=2,bronze=0.5', weights)
  .option(
    '--rights <file>',
    'the roles that there are, and who may use them, be a slave or an operator, as JSON',
  )
  .option('--registry <file>', 'keep what operators order in this file, for all masters (default: forget it)')
  .option(
    '--offer_timeout <duration>',
    'rescind offers that are not answered in this time',
    duration('--offer_timeout'),
  )
  .option(
    '--allocation_interval <duration>',
    'gather free resources this long before offering them (default: offer at once)',
    duration('--allocation_interval'),
  )
  .option(
    '--slave_ping_timeout <duration>',
    'time between pings of a slave',
    duration('--slave_ping_timeout'),
  )
  .option(
    '--max_slave_ping_timeouts <n>',
    'pings that a slave may miss before it is lost',
    wholeNumber('--max_slave_ping_timeouts', 1, 1000),
  )
  .option(
    '--slave_reregister_timeout <duration>',
    'how long slaves and schedulers have to come back after a failover (default: 10mins)',
    duration('--slave_reregister_timeout'),
  )
  .option(
    '--slave_removal_rate_limit <rate>',
    'how fast slaves that cannot be reached are given up, e.g. 1/10mins (default: no limit)',
    rate('--slave_removal_rate_limit'),
  )
  .option('--cluster <name>', 'name of the cluster, for people')
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (flags) => {
    const allocation = await readAllocation(flags);
    const rights = flags.rights === undefined ? undefined : readRights(flags.rights);
    const registry = flags.registry === undefined ? undefined : openRegistry(flags.registry);
    const timeout = flags.zk_session_timeout;
    const election =
      flags.zk === undefined
        ? undefined
        : readElection('--zk', flags.zk, timeout === undefined ? {} : { sessionTimeoutMs: timeout });
    const security = readSecurity(flags);
    const access = readHttpAccess(flags, security, [flags.ip, flags.advertise_ip]);
    let observer: MasterObserver | undefined;
    let window: MasterWindow | undefined;
    const daemon = await startDaemon({
      listen: { host: flags.ip, port: flags.port },
      advertise: flags.advertise_ip,
      security,
      http: (runtime) => {
        const { weights = {}, slave_removal_rate_limit: removalMs } = flags;
        const server = masterServer({
          runtime,
          window: () => window,
          weights,
          flags: flagTexts({ ...flags, slave_removal_rate_limit: removalMs && `1/${removalMs}ms` }),
          scheme: security.tls === undefined ? 'http' : 'https',
          ...(flags.cluster !== undefined && { cluster: flags.cluster }),
          ...access,
          log: logLine,
        });
        ({ observer } = server);
        return server;
      },
      history: flags.history,
      quiet: flags.quiet,
      announce: ({ event }) => (event.startsWith('master-') ? event.slice('master-'.length) : undefined),
    });
    if (election !== undefined) daemon.atEnd(() => election.close());
    daemon.wire.spawn(
      'master',
      master({
        ...MASTER_DEFAULTS,
        allocation,
        ...(election !== undefined && { election }),
        ...(rights !== undefined && { rights }),
        ...(registry !== undefined && { registry }),
        ...(observer && { observer }),
        opened: (opened) => {
          window = opened;
        },
        stopping: daemon.ending,
        ...given({
          offerTimeoutMs: flags.offer_timeout,
          allocationIntervalMs: flags.allocation_interval,
          slavePingIntervalMs: flags.slave_ping_timeout,
          slavePingsMissedMax: flags.max_slave_ping_timeouts,
          reregisterTimeoutMs: flags.slave_reregister_timeout,
          slaveRemovalIntervalMs: flags.slave_removal_rate_limit,
        }),
      }),
    );
  });

/** Without those that are undefined. */
function given(options: Partial<Record<keyof MasterOptions, number | undefined>>): Partial<MasterOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Flags of the allocation module. */
interface AllocationFlags {
  readonly allocator: string;
  readonly allocator_options?: string;
  readonly weights?: Readonly<Record<string, number>>;
}

async function readAllocation(flags: AllocationFlags): Promise<AllocationFactory> {
  const options =
    flags.allocator_options === undefined ? {} : readJson('--allocator_options', flags.allocator_options);
  if (typeof options !== 'object' || options === null)
    throw usageError(`--allocator_options: ${flags.allocator_options} must hold a JSON object`);
  const weights = flags.weights === undefined ? {} : { weights: flags.weights };
  try {
    return await loadAllocation(flags.allocator, { ...options, ...weights });
  } catch (error) {
    throw usageError(`--allocator: ${(error as Error).message}`);
  }
}

function readRights(file: string): Rights {
  const parsed = v.safeParse(RightsSchema, readJson('--rights', file));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw usageError(`--rights: ${file}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
}

function openRegistry(path: string): Registry {
  makePrivateFolder('--registry', dirname(resolve(path)));
  try {
    return fileRegistry(path);
  } catch (error) {
    throw usageError(`--registry: ${(error as Error).message}`);
  }
}

function readJson(flag: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usageError(`${flag}: ${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}

/** Reads a rate as Mesos writes it, e.g. `1/10mins`; the time between two in milliseconds. */
function rate(name: string): (text: string) => number {
  const spanMs = duration(name);
  return (text) => {
    const [, count, span = ''] = /^([1-9]\d{0,5})\/(.+)$/.exec(text) ?? [];
    if (count === undefined) throw usageError(`${name} must be a rate such as 1/10mins, not '${text}'`);
    return spanMs(span) / Number(count);
  };
}

function weights(text: string): Readonly<Record<string, number>> {
  const pairs = text.split(',').map((part) => {
    const [, role, weight] = /^([^=\s]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (role === undefined || !(Number(weight) > 0))
      throw usageError(`--weights: '${part}' is not ROLE=WEIGHT with a weight above 0`);
    return [role, Number(weight)] as const;
  });
  return Object.fromEntries(pairs);
}
