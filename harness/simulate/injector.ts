/** Makes things go wrong: finds whom a fault hits, does it, and sees to it that it ends. */
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { Victim } from './faults.ts';
import type { Lineage } from './lineage.ts';
import type { Machine } from './machine.ts';
import type { Masters } from './masters.ts';
import type { FaultKind, Sides } from './plan.ts';

/** How long something is down that comes back, and whose fault does not say how long. */
const DOWN_MS = 30_000;
/** How long it may take after a disturbance until a master has been found. */
const FINDING_MS = 60_000;

/** What can go wrong in a cluster. */
export interface Inventory {
  readonly cluster: VirtualCluster;
  readonly masters: Masters;
  /** All of them, also those of standalone frameworks. */
  readonly machines: readonly Machine[];
  readonly lineages: readonly Lineage[];
}

/** Injects faults. */
export class Injector {
  readonly #inventory: Inventory;
  readonly #hostnames = new Map<string, string>();
  /** Schedulers may have to find their masters until then. */
  #disturbedUntilMs: Millis = Number.NEGATIVE_INFINITY;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  observe(line: HistoryLine): void {
    if (line.event === 'slave-registered') this.#hostnames.set(line.slaveId, line.hostname);
  }

  inject(what: FaultKind, victim: Victim): void {
    switch (what.kind) {
      case 'slave-crash': {
        const machine = this.#machineOf(victim, () => true);
        if (machine === undefined || !machine.isUp) return;
        const downMs = what.downMs ?? (machine.plan.mortal ? undefined : DOWN_MS);
        machine.crash(what.takesLeave, what.reboots || downMs === undefined);
        if (downMs !== undefined) this.#later(downMs, () => machine.start());
        return;
      }
      case 'executor-crash':
        return this.#machineOf(victim, ({ executors }) => executors > 0)?.killExecutor(what.which);
      case 'scheduler-crash': {
        const lineage = this.#lineageOf(victim);
        if (lineage?.running === undefined) return;
        lineage.running.crash();
        if (what.downMs !== undefined) lineage.startLater(what.downMs);
        return;
      }
      case 'scheduler-superseded': {
        const lineage = this.#lineageOf(victim);
        const instance = lineage?.running;
        if (lineage === undefined || instance === undefined) return;
        if (instance.back.on === 'standalone' || instance.registeredMs === undefined) return;
        if (this.#inventory.cluster.now < this.#disturbedUntilMs) instance.crash();
        if (lineage.startNext()) instance.end('superseded');
        return;
      }
      default:
        this.#buryPredecessors();
        this.#disturbedUntilMs = Math.max(
          this.#disturbedUntilMs,
          this.#inventory.cluster.now + FINDING_MS + ('forMs' in what ? what.forMs : 0),
        );
        return this.#disturb(what, victim);
    }
  }

  /** Faults of masters and of the network. */
  #disturb(
    what: Exclude<
      FaultKind,
      { kind: 'slave-crash' | 'executor-crash' | 'scheduler-crash' | 'scheduler-superseded' }
    >,
    victim: Victim,
  ): void {
    const { cluster, masters } = this.#inventory;
    switch (what.kind) {
      case 'master-crash': {
        const process = what.whom === 'leader' ? masters.leader : choose(masters.processes, victim);
        if (process !== undefined) masters.crash(process, what.takesLeave, what.downMs);
        return;
      }
      case 'ensemble-crash':
        return masters.crashEnsemble(what.downMs);
      case 'partition': {
        const [groupA, groupB] = this.#groups(what.between, victim);
        const partition = cluster.partition(groupA, groupB);
        return this.#later(what.forMs, () => partition.heal());
      }
      case 'link-break':
        return this.#forEachPair(what.between, victim, (a, b) => cluster.breakLink(a, b));
      case 'slow-link':
        return this.#forEachPair(what.between, victim, (a, b) =>
          cluster.slowLink(a, b, what.extraMs, what.forMs),
        );
      case 'pause': {
        const [process] = this.#processesOf(what.whom, victim);
        if (process === undefined) return;
        cluster.pause(process);
        return this.#later(what.forMs, () => cluster.resume(process));
      }
      default:
        what satisfies never;
    }
  }

  /**
   * A scheduler whose place another has taken would take it back if it had to subscribe again, for it has not been told: of two
   * that say they are the same, the last one is believed.
   */
  #buryPredecessors(): void {
    for (const { instances } of this.#inventory.lineages)
      for (const instance of instances) if (instance.state === 'superseded') instance.crash();
  }

  #later(delayMs: Millis, run: () => void): void {
    const { cluster } = this.#inventory;
    cluster.at(cluster.now + delayMs, run);
  }

  // --- whom it hits ---

  #forEachPair(between: Sides, victim: Victim, run: (a: string, b: string) => void): void {
    const [groupA, groupB] = this.#groups(between, victim);
    for (const a of groupA) for (const b of groupB) if (a !== b) run(a, b);
  }

  #groups(between: Sides, victim: Victim): readonly [readonly string[], readonly string[]] {
    const [a, b] = between.split(' and ') as [string, string];
    return [this.#processesOf(a, victim), this.#processesOf(b, victim)];
  }

  #processesOf(whom: string, victim: Victim): readonly string[] {
    const { masters, machines, lineages } = this.#inventory;
    const slaves = machines.map(({ process }) => process);
    switch (whom) {
      case 'leader':
        return [masters.leader];
      case 'ensemble':
        return masters.ensemble;
      case 'slave':
        return [this.#machineOf(victim, () => true)?.process ?? []].flat();
      case 'slaves':
        return slaves;
      case 'half of the slaves':
        return slaves.filter((_, n) => (n + numberOf(victim)) % 2 === 0);
      case 'scheduler':
        return [this.#lineageOf(victim)?.running?.process ?? []].flat();
      case 'all':
        return [
          ...masters.processes,
          ...masters.ensemble,
          ...slaves,
          ...lineages.flatMap(({ running }) => running?.process ?? []),
        ];
      default:
        throw new Error(`nobody is called '${whom}'`);
    }
  }

  #machineOf(victim: Victim, isFit: (machine: Machine) => boolean): Machine | undefined {
    const { machines } = this.#inventory;
    if (victim.by === 'hostname') return machines.find(({ plan }) => plan.hostname === victim.hostname);
    if (victim.by === 'event' && 'slaveId' in victim.line) {
      const hostname = this.#hostnames.get(victim.line.slaveId);
      return machines.find(({ plan }) => plan.hostname === hostname);
    }
    return choose(machines.filter(isFit), victim);
  }

  #lineageOf(victim: Victim): Lineage | undefined {
    const { lineages } = this.#inventory;
    if (victim.by === 'event' && 'frameworkId' in victim.line) {
      const { frameworkId } = victim.line;
      return lineages.find(({ instances }) => instances.at(-1)?.frameworkId === frameworkId);
    }
    return choose(lineages, victim);
  }
}

function numberOf(victim: Victim): number {
  switch (victim.by) {
    case 'number':
      return victim.number;
    case 'event':
      return victim.line.seq;
    case 'hostname':
      return victim.hostname.length;
    default:
      return victim satisfies never;
  }
}

function choose<T>(items: readonly T[], victim: Victim): T | undefined {
  return items[numberOf(victim) % Math.max(1, items.length)];
}
