/** `lab master`: a master as a daemon. Flags are named as Apache Mesos names them. */
import { Command } from 'commander';
import { fair } from '../../mesos/allocation/fair.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import { duration, startDaemon, wholeNumber } from './daemon.ts';
import { usageError } from './exit.ts';
import { readSecurity, withSecurity } from './security.ts';

/** The command. */
export const masterCommand = withSecurity(new Command('master'), 'credentials')
  .description('start a Mesos master')
  .option('--ip <address>', 'address to listen on', '127.0.0.1')
  .option('--advertise_ip <address>', 'address by which slaves and frameworks reach it, if it is another')
  .option('--port <port>', 'port to listen on; 0 for any free one', wholeNumber('--port', 0, 65_535), 5050)
  .option(
    '--weights <role=weight,...>',
    'weights of roles in fair sharing, e.g. gold=2,bronze=0.5',
    weights,
    {},
  )
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
  .option('--history <file>', 'write the history of events to this file, as NDJSON')
  .option('--quiet', 'log nothing but trouble')
  .action(async (flags) => {
    const daemon = await startDaemon({
      listen: { host: flags.ip, port: flags.port },
      advertise: flags.advertise_ip,
      security: readSecurity(flags),
      history: flags.history,
      quiet: flags.quiet,
    });
    daemon.wire.spawn(
      'master',
      master({
        allocation: fair({ weights: flags.weights }),
        offerTimeoutMs: flags.offer_timeout ?? MASTER_DEFAULTS.offerTimeoutMs,
        allocationIntervalMs: flags.allocation_interval ?? MASTER_DEFAULTS.allocationIntervalMs,
        slavePingIntervalMs: flags.slave_ping_timeout ?? MASTER_DEFAULTS.slavePingIntervalMs,
        slavePingsMissedMax: flags.max_slave_ping_timeouts ?? MASTER_DEFAULTS.slavePingsMissedMax,
        reregisterTimeoutMs: MASTER_DEFAULTS.reregisterTimeoutMs,
        slaveRemovalIntervalMs: MASTER_DEFAULTS.slaveRemovalIntervalMs,
        heartbeatIntervalMs: MASTER_DEFAULTS.heartbeatIntervalMs,
      }),
    );
  });

function weights(text: string): Readonly<Record<string, number>> {
  const pairs = text.split(',').map((part) => {
    const [, role, weight] = /^([^=\s]+)=(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    if (role === undefined || !(Number(weight) > 0))
      throw usageError(`--weights: '${part}' is not ROLE=WEIGHT with a weight above 0`);
    return [role, Number(weight)] as const;
  });
  return Object.fromEntries(pairs);
}
