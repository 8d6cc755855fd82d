/** A simulated cluster: master, machines, frameworks, and the faults that hit them. */

import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { FrameworkId, Offer } from '../../mesos/protocol/entities.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { audited } from './audited.ts';
import type { Finding } from './checks.ts';
import { Faults, type Victim } from './faults.ts';
import { Instance, MODELS, STANDALONE_ACTOR, standaloneProcess } from './instance.ts';
import { Machine } from './machine.ts';
import { Ledger, observed } from './observed.ts';
import { observer, type Seen } from './observer.ts';
import type { FaultKind, FrameworkPlan, Plan } from './plan.ts';

const MASTER_PROCESS = 'master:5050';
const MASTER = `master@${MASTER_PROCESS}`;
/** How long something is down that comes back, and whose fault does not say how long. */
const DOWN_MS = 30_000;

/** A framework with all that have been its scheduler; the last one is so now. */
interface Lineage {
  readonly plan: FrameworkPlan;
  readonly machines: readonly Machine[];
  readonly instances: Instance[];
  /** Starts that are to come. */
  pending: number;
}

/** How a world may differ from the product. */
export interface WorldOptions {
  /** Another allocation module than the fair one, e.g. one with a fault. */
  readonly allocation?: AllocationFactory;
}

/** A simulated cluster. */
export class World {
  readonly plan: Plan;
  readonly cluster: VirtualCluster;
  readonly history: HistoryLine[] = [];
  /** Of the master. */
  readonly ledger = new Ledger();
  /** What was found while it ran. */
  readonly findings: Finding[] = [];
  /** Machines whose slaves are the master's. */
  readonly machines: readonly Machine[];
  readonly #lineages: readonly Lineage[];
  readonly #hostnames = new Map<string, string>();
  /** Frameworks that the master has removed. */
  readonly #removed = new Set<string>();

  /** Starts it. */
  constructor(seed: number, plan: Plan, { allocation = fair() }: WorldOptions) {
    this.plan = plan;
    this.cluster = new VirtualCluster({
      seed,
      network: plan.network,
      history: (line) => this.#observe(line),
    });
    this.cluster.process(MASTER_PROCESS).spawn(
      'master',
      observed(
        master({
          ...MASTER_DEFAULTS,
          ...plan.master,
          allocation: audited(allocation, (how) => this.report('books-balance', how)),
        }),
        this.ledger,
      ),
    );
    const surroundings = {
      cluster: this.cluster,
      seed,
      isRemoved: (id: FrameworkId) => this.#removed.has(id),
      overloaded: (how: string) => this.report('machines-not-overloaded', how),
      idle: (id: FrameworkId, sinceMs: Millis, how: string) => {
        if (this.#hasScheduler(id, sinceMs)) this.report('ranks-leave', how);
      },
      models: MODELS,
    };
    this.machines = plan.slaves.map((slave) => new Machine(slave, MASTER, surroundings));
    this.#lineages = plan.frameworks.map((framework) => {
      const { back } = framework;
      const address = `${STANDALONE_ACTOR}@${standaloneProcess(framework)}`;
      const machines =
        back.on === 'mesos'
          ? this.machines
          : back.slaves.map((slave) => new Machine(slave, address, surroundings));
      return { plan: framework, machines, instances: [], pending: 0 };
    });
    for (const lineage of this.#lineages) this.#startLater(lineage, lineage.plan.startMs);
    this.#faults = new Faults(this.cluster, plan.faults, plan.faultsEndMs, (what, victim) =>
      this.#inject(what, victim),
    );
  }

  // The master may record before there is anything else.
  readonly #faults: Faults | undefined;

  /** All machines, also those of standalone frameworks; but if such a one was killed, its slaves wait for it with all they run. */
  get allMachines(): readonly Machine[] {
    const own = this.#lineages.flatMap(({ plan, machines, instances }) =>
      plan.back.on === 'mesos' || instances.at(-1)?.state === 'killed' ? [] : machines,
    );
    return [...this.machines, ...own];
  }

  /** All schedulers that were ever started. */
  get instances(): readonly Instance[] {
    return this.#lineages.flatMap(({ instances }) => instances);
  }

  /** Does no framework run, and is none to start? */
  get isOver(): boolean {
    return this.#lineages.every(
      ({ pending, instances }) => pending === 0 && instances.every(({ state }) => state !== 'running'),
    );
  }

  /** Lets a new framework see what the master offers it, within so long. */
  lookAround(forMs: Millis): Seen {
    const seen = new Map<string, Offer>();
    const frameworkInfo = { user: 'simulation', name: 'observer' };
    this.cluster
      .process('observer:5050')
      .spawn(
        'scheduler',
        schedulerActor({ master: MASTER, frameworkInfo, factory: observer(seen), stopped() {} }),
      );
    this.cluster.run(() => false, this.cluster.now + forMs);
    return seen;
  }

  /** Has the framework had the same scheduler since then? */
  #hasScheduler(id: FrameworkId, sinceMs: Millis): boolean {
    return this.instances.some(
      ({ frameworkId, state, registeredMs = Number.POSITIVE_INFINITY }) =>
        frameworkId === id && state === 'running' && registeredMs <= sinceMs,
    );
  }

  /** Adds a finding, once. */
  report(check: string, detail: string): void {
    if (!this.findings.some((finding) => finding.check === check && finding.detail === detail))
      this.findings.push({ check, detail });
  }

  #observe(line: HistoryLine): void {
    this.history.push(line);
    if (line.event === 'slave-registered') this.#hostnames.set(line.slaveId, line.hostname);
    if (line.event === 'framework-removed') this.#removed.add(line.frameworkId);
    this.#faults?.observe(line);
  }

  // --- faults ---

  #inject(what: FaultKind, victim: Victim): void {
    switch (what.kind) {
      case 'slave-crash': {
        const machine = this.#machineOf(victim, () => true);
        if (machine === undefined || !machine.isUp) return;
        machine.crash(what.takesLeave);
        const downMs = what.downMs ?? (machine.plan.mortal ? undefined : DOWN_MS);
        if (downMs !== undefined) this.cluster.at(this.cluster.now + downMs, () => machine.start());
        return;
      }
      case 'executor-crash':
        return this.#machineOf(victim, ({ executors }) => executors > 0)?.killExecutor(what.which);
      case 'scheduler-crash': {
        const lineage = this.#lineageOf(victim);
        const instance = lineage?.instances.at(-1);
        if (lineage === undefined || instance === undefined || instance.state !== 'running') return;
        instance.crash();
        if (what.downMs !== undefined) this.#startLater(lineage, what.downMs);
        return;
      }
      case 'scheduler-superseded': {
        const lineage = this.#lineageOf(victim);
        const instance = lineage?.instances.at(-1);
        if (lineage === undefined || instance === undefined || instance.state !== 'running') return;
        if (instance.back.on === 'standalone' || instance.registeredMs === undefined) return;
        if (this.#startNext(lineage)) instance.end('superseded');
        return;
      }
      default:
        what satisfies never;
    }
  }

  #startLater(lineage: Lineage, delayMs: Millis): void {
    lineage.pending++;
    this.cluster.at(this.cluster.now + delayMs, () => {
      lineage.pending--;
      this.#startNext(lineage);
    });
  }

  /** Starts the next scheduler of a framework; false if none is planned. */
  #startNext({ plan, machines, instances }: Lineage): boolean {
    const work = [plan.work, ...plan.successors][instances.length];
    if (work === undefined) return false;
    const former = instances.at(-1)?.frameworkId;
    const takesOver = plan.back.on === 'mesos' && former !== undefined && !this.#removed.has(former);
    const instance = new Instance({
      cluster: this.cluster,
      plan,
      work,
      generation: instances.length + 1,
      master: MASTER,
      frameworkId: takesOver ? former : undefined,
      hostnames: machines.map((machine) => machine.plan.hostname),
      broken: (how) => this.report('driver-promises', how),
    });
    instances.push(instance);
    return true;
  }

  #machineOf(victim: Victim, isFit: (machine: Machine) => boolean): Machine | undefined {
    const machines = this.allMachines;
    if (victim.by === 'event' && 'slaveId' in victim.line) {
      const hostname = this.#hostnames.get(victim.line.slaveId);
      return machines.find(({ plan }) => plan.hostname === hostname);
    }
    return choose(machines.filter(isFit), victim);
  }

  #lineageOf(victim: Victim): Lineage | undefined {
    if (victim.by === 'event' && 'frameworkId' in victim.line) {
      const { frameworkId } = victim.line;
      return this.#lineages.find(({ instances }) => instances.at(-1)?.frameworkId === frameworkId);
    }
    return choose(this.#lineages, victim);
  }
}

function choose<T>(items: readonly T[], victim: Victim): T | undefined {
  const number = victim.by === 'number' ? victim.number : victim.line.seq;
  return items[number % Math.max(1, items.length)];
}
