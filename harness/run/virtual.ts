/** Runs a scenario in virtual time: the whole cluster in this thread. */
import { setImmediate } from 'node:timers/promises';

import { standalone } from '../../frameworks/standalone/standalone.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { Detector } from '../../mesos/election/election.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Address } from '../../mesos/runtime/actor.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { slave } from '../../mesos/slave/slave.ts';
import { hostnamesOf, type VirtualFramework, type VirtualScenario } from '../experiments/virtualScenario.ts';
import type { System } from '../result.ts';
import { injectFaults } from './virtualFaults.ts';
import { infoOf, modelsOn, schedulerOf } from './virtualFrameworks.ts';
import { startMasters, type VirtualMasters } from './virtualMasters.ts';

/** What to run. */
export interface VirtualRun {
  readonly scenario: VirtualScenario;
  readonly system: System;
  readonly seed: number;
  readonly history: (line: HistoryLine) => void;
  /** Aborts when the run is to end early; its reason is thrown. */
  readonly stopping?: AbortSignal;
}

/** How it went. */
export interface VirtualOutcome {
  /** Did every framework that is no background end, or the time come at which the run was to end? */
  readonly completed: boolean;
  /** Virtual time at the end. */
  readonly endMs: number;
  /** Events of the simulation. */
  readonly events: number;
}

/** Events in one turn of the event loop: some 50 ms. */
const EVENTS_PER_TURN = 25_000;
/** Time for the end of the last framework to reach master and slaves. */
const FAREWELL_MS = 1_000;

/** Runs a scenario on one of the systems to its end. Lets others run now and then, such as who wants it to stop. */
export async function runVirtual({
  scenario,
  system,
  seed,
  history,
  stopping,
}: VirtualRun): Promise<VirtualOutcome> {
  const { untilMs, limitMs } = scenario;
  let masters: VirtualMasters | undefined;
  const cluster = new VirtualCluster({
    seed,
    history: (line) => {
      masters?.observe(line);
      history(line);
    },
  });
  const running = new Set(scenario.frameworks.filter(({ background }) => !background));
  const start = {
    cluster,
    scenario,
    seed,
    ended: (framework: VirtualFramework) => void running.delete(framework),
  };
  if (system === 'mesos') {
    masters = startMasters(cluster, scenario);
    startOnMesos(start, masters);
  } else startOnPartitions(start);

  const endMs = Math.min(untilMs ?? limitMs, limitMs);
  let end: ReturnType<VirtualCluster['run']> = 'done';
  while (end === 'done' && running.size > 0) {
    const enough = cluster.events + EVENTS_PER_TURN;
    end = cluster.run(() => running.size === 0 || cluster.events >= enough, endMs);
    await setImmediate();
    stopping?.throwIfAborted();
  }
  // The last goodbyes are still under way.
  if (running.size === 0) cluster.run(() => false, cluster.now + FAREWELL_MS);
  const completed = running.size === 0 || (untilMs !== undefined && end === 'limit');
  return { completed, endMs: cluster.now, events: cluster.events };
}

/** What it takes to start the processes of a run. */
interface Start {
  readonly cluster: VirtualCluster;
  readonly scenario: VirtualScenario;
  readonly seed: number;
  readonly ended: (framework: VirtualFramework) => void;
}

function startOnMesos({ cluster, scenario, seed, ended }: Start, masters: VirtualMasters): void {
  const { frameworks, replication, faults = [] } = scenario;
  const hostnames = hostnamesOf(scenario);
  for (const [index, framework] of frameworks.entries()) {
    const process = `framework${index + 1}:5050`;
    const factory = schedulerOf(framework, hostnames, replication, seed);
    const stopped = (error?: string): void => {
      if (error !== undefined) throw new Error(`the master refused ${framework.name}: ${error}`);
      ended(framework);
    };
    const subscribe = (): void => {
      const options = { master: masters.finder(process), frameworkInfo: infoOf(framework), factory, stopped };
      cluster.process(process).spawn('scheduler', schedulerActor(options));
    };
    if (framework.startMs === undefined) subscribe();
    else cluster.at(framework.startMs, subscribe);
  }
  for (const hostname of hostnames)
    startSlave(cluster, scenario, hostname, masters.finder(`${hostname}:5051`));
  injectFaults(cluster, faults, {
    leader: masters.leader,
    slaveProcess: (n) => `${hostnames[n]}:5051`,
  });
}

/** Each framework is the master of a part of its own. */
function startOnPartitions({ cluster, scenario, seed, ended }: Start): void {
  const hostnames = hostnamesOf(scenario);
  let placed = 0;
  for (const [index, framework] of scenario.frameworks.entries()) {
    const own = hostnames.slice(placed, placed + framework.partition);
    placed += framework.partition;
    const holders = scenario.blocksOn === 'cluster' ? hostnames : own;
    const kind = standalone({
      frameworkInfo: infoOf(framework),
      factory: schedulerOf(framework, holders, scenario.replication, seed),
      slavesMin: own.length,
      stopped: () => ended(framework),
    });
    const address = cluster.process(`framework${index + 1}:5050`).spawn('master', kind);
    for (const hostname of own) startSlave(cluster, scenario, hostname, address);
  }
}

function startSlave(
  cluster: VirtualCluster,
  { slaveResources: resources, machine, slave: options, speeds, executorStartMs = 0 }: VirtualScenario,
  hostname: string,
  master: Address | Detector,
): void {
  const process = cluster.process(`${hostname}:5051`);
  const isolation = emulated(process, modelsOn(machine, executorStartMs), (run) =>
    cluster.at(cluster.now, run),
  );
  const speed = speeds?.[Number(hostname.slice('node'.length)) - 1] ?? 1;
  const attributes: Readonly<Record<string, string>> = speed === 1 ? {} : { speed: String(speed) };
  process.spawn('slave', slave({ ...options, master, hostname, resources, attributes, isolation }));
}
