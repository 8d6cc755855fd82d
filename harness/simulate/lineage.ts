/** A framework with all that have been its scheduler; the last one is so now. */
import { type Journal, memoryJournal } from '../../frameworks/torque/journal.ts';
import type { FrameworkId } from '../../mesos/protocol/entities.ts';
import type { Millis } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { Instance, type InstanceOptions } from './instance.ts';
import type { Machine } from './machine.ts';
import type { Masters } from './masters.ts';
import type { FrameworkPlan } from './plan.ts';

/** What schedulers stand in. */
export interface SchedulerSurroundings {
  readonly cluster: VirtualCluster;
  readonly masters: Masters;
  /** Has a master removed this framework? */
  readonly wasRemoved: (id: FrameworkId) => boolean;
  /** A driver broke its word. */
  readonly broken: (how: string) => void;
  readonly reservations: InstanceOptions['reservations'];
}

/** A framework. */
export class Lineage {
  readonly plan: FrameworkPlan;
  /** Where its tasks run. */
  readonly machines: readonly Machine[];
  readonly instances: Instance[] = [];
  readonly #surroundings: SchedulerSurroundings;
  /** Starts that are to come. */
  #pending = 0;
  #journal: Journal | undefined;

  /** Starts its first scheduler when it is time. */
  constructor(plan: FrameworkPlan, machines: readonly Machine[], surroundings: SchedulerSurroundings) {
    this.plan = plan;
    this.machines = machines;
    this.#surroundings = surroundings;
    this.startLater(plan.startMs);
  }

  /** Does none run, and is none to start? */
  get isOver(): boolean {
    return this.#pending === 0 && this.instances.every(({ state }) => state !== 'running');
  }

  /** The scheduler that runs, if one does. */
  get running(): Instance | undefined {
    const last = this.instances.at(-1);
    return last?.state === 'running' ? last : undefined;
  }

  startLater(delayMs: Millis): void {
    const { cluster } = this.#surroundings;
    this.#pending++;
    cluster.at(cluster.now + delayMs, () => {
      this.#pending--;
      this.startNext();
    });
  }

  /** Starts the next scheduler; false if none is planned. */
  startNext(): boolean {
    const { plan, instances, machines } = this;
    const { cluster, masters, wasRemoved, broken, reservations } = this.#surroundings;
    const work = [plan.work, ...plan.successors][instances.length];
    if (work === undefined) return false;
    const before = instances.at(-1);
    const former = before?.frameworkId;
    // Never of two that live.
    const isFirst = before === undefined || before.state === 'running';
    if (isFirst) this.#journal = work.kind === 'mpi' && work.keepsJobs ? memoryJournal() : undefined;
    const takesOver = plan.back.on === 'mesos' && former !== undefined && !wasRemoved(former);
    const instance = new Instance({
      cluster,
      plan,
      work,
      generation: instances.length + 1,
      masters,
      frameworkId: takesOver ? former : undefined,
      hostnames: machines.map((machine) => machine.plan.hostname),
      broken,
      journal: this.#journal,
      inherited: isFirst || this.#journal === undefined ? 0 : before.unended,
      reservations,
    });
    instances.push(instance);
    return true;
  }
}
