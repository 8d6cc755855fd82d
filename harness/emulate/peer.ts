/**
 * A process of an emulation: `peer.ts FILE` reads from the file what it is to be ({@link PeerConfig}). It says `ready` when it
 * works, answers SIGUSR2 with a report, and SIGHUP with one after it has collected its garbage.
 */
import { readFileSync } from 'node:fs';
import { collectGarbage } from '../../infra/collectGarbage.ts';
import { startVitals } from '../../infra/vitals.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { electionOf } from '../../mesos/election/electionOf.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import { type Daemon, startDaemon } from '../command/daemons/daemon.ts';
import { linkToStandby, readMaster } from '../command/election.ts';
import { EXIT } from '../command/exit.ts';
import { readSecret } from '../command/security.ts';
import { EventCounts } from './counts.ts';
import { startFrameworks } from './frameworks.ts';
import { LINES, type MasterPeer, type PeerConfig, type PeerReport } from './peerConfig.ts';
import { runProbes } from './probes.ts';
import { startSlaves } from './slaves.ts';

/**
 * Messages for thousands of slaves share a link here, which has no counterpart in a cluster, and each frame wakes the process that it is for:
 * a busy link carries one in this time. What comes on a link that is not busy leaves at once.
 */
const GATHER_MS = 4;

/**
 * What the master sends to thousands of slaves goes over one link, which those of a cluster do not share. On loopback, where a packet has
 * 64 KiB, systems hold more than this for a connection from its beginning.
 */
const WINDOW_BYTES = 512 * 1024;

const { secretFile, role }: PeerConfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const secret = readSecret(secretFile);
const counts = new EventCounts(role.kind === 'master' ? role.marks : []);
const daemon = await startDaemon({
  listen: { host: '127.0.0.1', port: 0 },
  security: { secret },
  quiet: true,
  links: { timeouts: { gatherMs: GATHER_MS }, limits: { dialledWindowBytes: WINDOW_BYTES } },
  history: role.kind === 'master' ? role.history : undefined,
  announce(line) {
    const mark = counts.count(line);
    return mark && `${LINES.mark} ${JSON.stringify(mark)}`;
  },
});
const vitals = startVitals();
process.on('SIGUSR2', report);
process.on('SIGHUP', () => collectGarbage().then(report));
await start();
console.log('ready');

function report(): void {
  const told: PeerReport = { ...vitals.take(), wire: daemon.wire.stats(), counts: counts.all };
  console.log(`${LINES.report} ${JSON.stringify(told)}`);
}

/** Starts what the process is for. */
async function start(): Promise<void> {
  const { wire } = daemon;
  switch (role.kind) {
    case 'master':
      return startMaster(daemon, role);
    case 'host':
      return startSlaves(wire, role, findMaster(role), () => console.log('all slaves started'));
    case 'frameworks':
      return startFrameworks(wire, role, findMaster(role), (error = 'a framework left') =>
        daemon.end(EXIT.failed, error),
      );
    case 'probes':
      return runProbes(
        {
          wire,
          master: readMaster(role.masters),
          secret,
          log: daemon.log,
          probed: (probe) => console.log(`${LINES.probe} ${JSON.stringify(probe)}`),
          done: () => daemon.end(EXIT.ok),
        },
        role,
      );
    default:
      return role satisfies never;
  }
}

/** As a daemon does that is one slave or one framework. */
function findMaster({ masters }: { readonly masters: string }): ReturnType<typeof readMaster> {
  const master = readMaster(masters);
  linkToStandby(daemon.wire, master);
  return master;
}

function startMaster({ wire, ending, atEnd }: Daemon, { election: url, sessionTimeoutMs }: MasterPeer): void {
  const times = sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs };
  const election = url === undefined ? undefined : electionOf(url, times);
  if (election !== undefined) atEnd(() => election.close());
  const options = { ...MASTER_DEFAULTS, allocation: fair(), stopping: ending };
  wire.spawn('master', master({ ...options, ...(election && { election }) }));
}
