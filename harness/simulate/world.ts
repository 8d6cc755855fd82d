/** A simulated cluster: masters, machines, frameworks, and the faults that hit them. */
import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import { fair } from '../../mesos/allocation/fair.ts';
import { ALLOCATION_MODULES } from '../../mesos/allocation/load.ts';
import { schedulerActor } from '../../mesos/driver/schedulerActor.ts';
import type { Election } from '../../mesos/election/election.ts';
import { memoryRegistry, type Registry } from '../../mesos/master/registry.ts';
import type { FrameworkId, Offer } from '../../mesos/protocol/entities.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { CheckpointRecord } from '../../mesos/slave/checkpoint.ts';
import { audited } from './audited.ts';
import type { Finding } from './checks.ts';
import { Faults } from './faults.ts';
import { Injector } from './injector.ts';
import { type Instance, MODELS, STANDALONE_ACTOR, standaloneProcess } from './instance.ts';
import { Lineage } from './lineage.ts';
import { Machine } from './machine.ts';
import { Masters } from './masters.ts';
import type { Ledger } from './observed.ts';
import { observer, type Seen } from './observer.ts';
import { startOperator } from './operator.ts';
import type { Plan } from './plan.ts';
import { runOnce } from './runOnce.ts';

/** How a world may differ from the product. */
export interface WorldOptions {
  /** Another allocation module in place of the planned one, e.g. with a fault. */
  readonly allocation?: (planned: AllocationFactory) => AllocationFactory;
  /** How late the disks of slaves really keep what they are given; 0 unless they lie. */
  readonly diskLagMs?: Millis;
  /** Stands between masters and the ensemble, e.g. with a fault. */
  readonly election?: (election: Election) => Election;
  /** Where the masters keep what operators order, e.g. with a fault. */
  readonly registry?: Registry;
}

/** Everything that crashed, stood still or was cut off is back this long after the last fault. */
const RECOVERY_MS = 90_000;

/** A simulated cluster. */
export class World {
  readonly plan: Plan;
  readonly cluster: VirtualCluster;
  readonly history: HistoryLine[] = [];
  readonly masters: Masters;
  /** What was found while it ran. */
  readonly findings: Finding[] = [];
  /** Machines whose slaves are the masters'. */
  readonly machines: readonly Machine[];
  readonly #lineages: readonly Lineage[];
  /** Frameworks that a master has removed, and no other has met again. */
  readonly #removed = new Set<FrameworkId>();
  /** Frameworks that were ever removed. */
  readonly #everRemoved = new Set<FrameworkId>();
  readonly #injector: Injector;
  readonly #faults: Faults;

  /** Starts it. */
  constructor(seed: number, plan: Plan, options: WorldOptions) {
    const { module, options: settings } = plan.allocation;
    const planned = ALLOCATION_MODULES[module]?.(settings) ?? fair();
    const { allocation = () => planned, election = (own) => own, diskLagMs = 0 } = options;
    const { registry = memoryRegistry() } = options;
    this.plan = plan;
    // The masters may record before there is anything else.
    const early: HistoryLine[] = [];
    let observe = (line: HistoryLine): void => void early.push(line);
    const { network } = plan;
    const cluster = new VirtualCluster({ seed, network, history: (line) => observe(line) });
    this.cluster = cluster;
    this.masters = new Masters(cluster, plan.masters, {
      allocation: audited(allocation(planned), (how) => this.report('books-balance', how)),
      election,
      registry,
    });
    const surroundings = {
      cluster,
      seed,
      isRemoved: (id: FrameworkId) => this.#removed.has(id),
      overloaded: (how: string) => this.report('machines-not-overloaded', how),
      idle: (id: FrameworkId, sinceMs: Millis, how: string) => {
        if (this.isCalm && this.#hasScheduler(id, sinceMs)) this.report('ranks-leave', how);
      },
      kept: (hostname: string, kind: CheckpointRecord['kind']) =>
        this.#faults.happened(`checkpoint ${kind}`, { by: 'hostname', hostname }),
      models: runOnce(MODELS, (how) => this.report('tasks-run-once', how)),
    };
    this.machines = plan.slaves.map(
      (slave) => new Machine(slave, (process) => this.masters.finder(process), surroundings, diskLagMs),
    );
    this.#lineages = plan.frameworks.map((framework) => {
      const { back } = framework;
      const address = `${STANDALONE_ACTOR}@${standaloneProcess(framework)}`;
      const machines =
        back.on === 'mesos'
          ? this.machines
          : back.slaves.map((slave) => new Machine(slave, () => address, surroundings, diskLagMs));
      return new Lineage(framework, machines, {
        cluster,
        masters: this.masters,
        wasRemoved: (id) => this.#everRemoved.has(id),
        broken: (how) => this.report('driver-promises', how),
        reservations: { probability: plan.reservations.probability, endMs: plan.faultsEndMs },
      });
    });
    const { masters } = this;
    this.#injector = new Injector({
      cluster,
      masters,
      machines: this.allMachines,
      lineages: this.#lineages,
    });
    this.#faults = new Faults(cluster, plan.faults, plan.faultsEndMs, (what, victim) =>
      this.#injector.inject(what, victim),
    );
    startOperator(cluster, masters, plan);
    cluster.duplicateMessages(plan.duplication);
    cluster.at(plan.faultsEndMs, () => cluster.duplicateMessages(0));
    observe = (line) => this.#observe(line);
    for (const line of early) observe(line);
  }

  /** When everything that goes wrong is over. */
  get peaceMs(): Millis {
    return this.plan.faultsEndMs + RECOVERY_MS;
  }

  /** Has it been over for as long as anything takes to get over it? */
  get isCalm(): boolean {
    return this.cluster.now > this.peaceMs + RECOVERY_MS;
  }

  /** All machines, also those of standalone frameworks. */
  get allMachines(): readonly Machine[] {
    const own = this.#lineages.flatMap(({ plan, machines }) => (plan.back.on === 'mesos' ? [] : machines));
    return [...this.machines, ...own];
  }

  /** All schedulers that were ever started. */
  get instances(): readonly Instance[] {
    return this.#lineages.flatMap(({ instances }) => instances);
  }

  /** Does no framework run, and is none to start? */
  get isOver(): boolean {
    return this.#lineages.every(({ isOver }) => isOver);
  }

  /** Of all masters and slaves that run. */
  get ledgers(): readonly Ledger[] {
    return [...this.masters.ledgers.values(), ...this.allMachines.flatMap(({ ledger }) => ledger ?? [])];
  }

  /** Lets new frameworks see what the master offers them, until that is enough or so long has passed. */
  lookAround(isEnough: (seen: Seen) => boolean, withinMs: Millis): Seen {
    const seen = new Map<string, Offer>();
    const frameworkInfo = { user: 'simulation', name: 'observer' };
    const { unansweredMax = 1 } = this.plan.allocation.options;
    // Who has not answered is shown no more at some time; the next one sees the rest.
    for (let n = 1; n <= Math.ceil(1 / unansweredMax); n++) {
      const process = `observer${n}:5050`;
      this.cluster.process(process).spawn(
        'scheduler',
        schedulerActor({
          master: this.masters.finder(process),
          frameworkInfo,
          factory: observer(seen),
          stopped() {},
        }),
      );
    }
    this.cluster.run(() => isEnough(seen), this.cluster.now + withinMs);
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
    if (line.event === 'framework-removed') {
      this.#removed.add(line.frameworkId);
      this.#everRemoved.add(line.frameworkId);
    }
    if (line.event === 'framework-registered') this.#removed.delete(line.frameworkId);
    this.masters.observe(line);
    this.#injector.observe(line);
    this.#faults.observe(line);
  }
}
