/** What the processes of an emulation went through, from one look at them to the next, and whether one of them held the others up. */
import type { PeerReport } from '../emulate/peerConfig.ts';

/** A look at all processes. */
export interface Look {
  readonly master: PeerReport;
  readonly hosts: readonly PeerReport[];
  readonly frameworks: readonly PeerReport[];
}

/** From one look to the next. The delays of event loops that `to` tells are those of this time. */
export interface Span {
  readonly from: Look;
  readonly to: Look;
}

/** So busy is a machine on which one process waits for another. */
const BUSY = 0.9;
/** If the processes around the master are this late at one of a hundred timers, what is measured is them. */
const LATE_MS = 100;

const BYTES_PER_MB = 1e6;
const BYTES_PER_KB = 1024;

/** Rates, processor time and delays of event loops, by name. */
export function loadValues({ from, to }: Span): Readonly<Record<string, number>> {
  const seconds = (to.master.atMs - from.master.atMs) / 1000;
  const perSecond = (of: (report: PeerReport) => number): number =>
    (of(to.master) - of(from.master)) / seconds;
  const cpu = (kind: 'hosts' | 'frameworks'): number =>
    sum(to[kind].map((report, n) => cpuPercent(from[kind][n], report)));
  return {
    'messages at the master (1/s)': perSecond(({ wire }) => wire.envelopesIn + wire.envelopesOut),
    'frames at the master (1/s)': perSecond(({ wire }) => wire.framesIn + wire.framesOut),
    'bytes at the master (MB/s)': perSecond(({ wire }) => wire.bytesIn + wire.bytesOut) / BYTES_PER_MB,
    'tasks launched (1/s)': perSecond(({ counts }) => counts['task-launched'] ?? 0),
    'CPU of the master (%)': cpuPercent(from.master, to.master),
    'CPU of the slaves (%)': cpu('hosts'),
    'CPU of the frameworks (%)': cpu('frameworks'),
    'event loop of the master, median delay (ms)': to.master.loopDelayMs.p50,
    'event loop of the master, 99th percentile (ms)': to.master.loopDelayMs.p99,
    'event loops of the slaves, 99th percentile (ms)': latest(to.hosts),
    'event loops of the frameworks, 99th percentile (ms)': latest(to.frameworks),
  };
}

/** Memory of the processes, and of a slave on either side: what the heap has grown by since the process held none. */
export function memoryValues(
  {
    emptyMaster,
    emptyHosts,
  }: { readonly emptyMaster: PeerReport; readonly emptyHosts: readonly PeerReport[] },
  { master, hosts, frameworks }: Look,
  slaves: number,
): Readonly<Record<string, number>> {
  const heap = (reports: readonly PeerReport[]): number => sum(reports.map(({ heapBytes }) => heapBytes));
  const rss = (reports: readonly PeerReport[]): number => sum(reports.map(({ rssBytes }) => rssBytes));
  const perSlave = (full: readonly PeerReport[], empty: readonly PeerReport[]): number =>
    (heap(full) - heap(empty)) / slaves / BYTES_PER_KB;
  return {
    'memory of a slave at the master (KiB)': perSlave([master], [emptyMaster]),
    'memory of a slave in its process (KiB)': perSlave(hosts, emptyHosts),
    'memory of the master (MB)': rss([master]) / BYTES_PER_MB,
    'memory of all slaves’ processes (MB)': rss(hosts) / BYTES_PER_MB,
    'memory of the frameworks (MB)': rss(frameworks) / BYTES_PER_MB,
  };
}

/** Why something other than the master was the bottleneck; undefined if nothing was. */
export function whyLimited({ to }: Span, cpuBusy: number): string | undefined {
  if (cpuBusy > BUSY)
    return `All processors of the machine were busy (${Math.round(100 * cpuBusy)}% of the time): the processes waited for each other.`;
  const lateMs = Math.max(latest(to.hosts), latest(to.frameworks));
  if (lateMs > LATE_MS)
    return `The processes that hold slaves or frameworks were ${Math.round(lateMs)} ms late at their 99th percentile, which delays what is measured.`;
  return undefined;
}

function latest(reports: readonly PeerReport[]): number {
  return Math.max(0, ...reports.map(({ loopDelayMs }) => loopDelayMs.p99));
}

function cpuPercent(from: PeerReport | undefined, to: PeerReport): number {
  return from === undefined ? 0 : (100 * (to.cpuMs - from.cpuMs)) / (to.atMs - from.atMs);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
