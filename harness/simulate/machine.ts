/** A machine with a slave: it crashes, comes back with a new one, and its executors can be killed. */

import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import type { Container, ContainerSpec, Exit, Isolation } from '../../mesos/isolation/isolation.ts';
import type { FrameworkId } from '../../mesos/protocol/entities.ts';
import { contains, format, isEmpty, NOTHING, type Resources, sum } from '../../mesos/protocol/resources.ts';
import type { Millis, Random } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { type SlaveOptions, slave } from '../../mesos/slave/slave.ts';
import { Ledger, observed } from './observed.ts';
import type { SlavePlan } from './plan.ts';

/** What machines stand in. */
export interface Surroundings {
  readonly cluster: VirtualCluster;
  readonly seed: number;
  /** Has the master removed this framework? Its executors are ending. */
  readonly isRemoved: (id: FrameworkId) => boolean;
  /** A machine holds more than it has, for longer than executors take to end. */
  readonly overloaded: (how: string) => void;
  /** An executor that is there for one task alone is left without any. */
  readonly idle: (frameworkId: FrameworkId, sinceMs: Millis, how: string) => void;
  /** Executors by their names. */
  readonly models: Readonly<Record<string, ExecutorFactory>>;
}

/** How a process finds its master. */
export type Finder = (process: string) => SlaveOptions['master'];

/** One life of a slave's process. */
interface Life {
  readonly ledger: Ledger;
  /** Executors that have not ended. */
  readonly containers: Map<Container, Load>;
  /** Since when the containers hold more than the machine has. */
  overloadedSinceMs: Millis | undefined;
  readonly stopping: AbortController;
}

/** 128 + SIGKILL. */
const KILLED = 137;
/** How long executors may take to end, and messages about it. */
const ENDING_MS = 10_000;
/** The executors that are there for one task alone. */
const ONE_TASK_EXECUTOR = 'mpi-rank';
/** How long such a one may be left after its task has ended. */
const IDLE_MS = 60_000;

/** A machine. */
export class Machine {
  readonly plan: SlavePlan;
  readonly #finder: Finder;
  readonly #surroundings: Surroundings;
  readonly #random: Random;
  #life: Life | undefined;

  /** Starts the machine with a slave that looks for a master in this way. */
  constructor(plan: SlavePlan, finder: Finder, surroundings: Surroundings) {
    this.plan = plan;
    this.#finder = finder;
    this.#surroundings = surroundings;
    this.#random = seededRandom(`${surroundings.seed}/${plan.hostname}`);
    this.start();
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** Executors that live here. */
  get executors(): number {
    return this.#life?.containers.size ?? 0;
  }

  /** Of the slave that runs now. */
  get ledger(): Ledger | undefined {
    return this.#life?.ledger;
  }

  /** Starts a new slave, unless there is one. */
  start(): void {
    if (this.#life !== undefined) return;
    const life: Life = {
      ledger: new Ledger(),
      containers: new Map(),
      overloadedSinceMs: undefined,
      stopping: new AbortController(),
    };
    this.#life = life;
    const { hostname, resources } = this.plan;
    const { cluster, models } = this.#surroundings;
    const runtime = cluster.process(this.process);
    const inner = emulated(runtime, models, (run) => this.#later(life, 0, run));
    const kind = slave({
      master: this.#finder(this.process),
      hostname,
      resources,
      attributes: {},
      isolation: this.#isolation(inner, life),
      stopping: life.stopping.signal,
    });
    runtime.spawn('slave', observed(kind, life.ledger));
  }

  /** Ends the slave and its executors, at once; it may have sent its master a last word. */
  crash(takesLeave: boolean): void {
    const { cluster } = this.#surroundings;
    if (takesLeave && !cluster.isPaused(this.process)) this.#life?.stopping.abort();
    this.#life = undefined;
    cluster.crash(this.process);
  }

  /** Kills one of the executors that live here, if there are any. */
  killExecutor(which: number): void {
    const containers = [...(this.#life?.containers.keys() ?? [])];
    containers[which % Math.max(1, containers.length)]?.destroy();
  }

  /** The slave's. */
  get process(): string {
    return `${this.plan.hostname}:5051`;
  }

  /** What belongs to one life of the machine does not happen in the next. */
  #later(life: Life, delayMs: Millis, run: () => void): void {
    const { cluster } = this.#surroundings;
    const ifSame = (): void => {
      if (this.#life === life) run();
    };
    cluster.at(cluster.now + delayMs, ifSame, this.process);
  }

  /** Reports containers that hold more than the machine has, other than those that are ending. */
  #weigh(life: Life): void {
    const { isRemoved, overloaded, cluster } = this.#surroundings;
    const loads = [...life.containers.values()].filter(({ frameworkId }) => !isRemoved(frameworkId));
    const held = sum(loads.map(({ resources }) => resources));
    if (contains(this.plan.resources, held)) {
      life.overloadedSinceMs = undefined;
      return;
    }
    if (life.overloadedSinceMs !== undefined) return;
    const sinceMs = cluster.now;
    life.overloadedSinceMs = sinceMs;
    this.#later(life, ENDING_MS, () => {
      if (life.overloadedSinceMs === sinceMs)
        overloaded(
          `${this.plan.hostname} holds ${format(held)} of ${format(this.plan.resources)} since ${sinceMs} ms`,
        );
    });
  }

  #expectEnd(life: Life, container: Container, { frameworkId, executorInfo }: ContainerSpec): void {
    const { cluster, idle } = this.#surroundings;
    const sinceMs = cluster.now;
    this.#later(life, IDLE_MS, () => {
      const how = `${executorInfo.executorId} is left on ${this.plan.hostname} without its task`;
      if (life.containers.has(container)) idle(frameworkId, sinceMs, how);
    });
  }

  /** Counts containers, and makes their executors behave as planned. */
  #isolation(inner: Isolation, life: Life): Isolation {
    const { startMs, hanging, lingering } = this.plan.executors;
    return {
      launch: (spec, exited) => {
        let state: ContainerState = { is: 'starting' };
        const end = (exit: Exit): void => {
          if (state.is === 'ended') return;
          state = { is: 'ended' };
          life.containers.delete(container);
          this.#weigh(life);
          exited(exit);
        };
        const container: Container = {
          update: (resources) => {
            life.containers.set(container, { frameworkId: spec.frameworkId, resources });
            this.#weigh(life);
            if (spec.executorInfo.name === ONE_TASK_EXECUTOR && isEmpty(resources))
              this.#expectEnd(life, container, spec);
          },
          destroy: () => {
            if (state.is === 'started') state.container.destroy();
            else this.#later(life, 0, () => end({ status: KILLED }));
          },
        };
        life.containers.set(container, { frameworkId: spec.frameworkId, resources: NOTHING });
        if (this.#random.uniform() < hanging) return container;
        this.#later(life, startMs, () => {
          if (state.is !== 'starting') return;
          const leave = (exit: Exit): void => {
            if (lingering && exit.status === 0) state = { is: 'lingering' };
            else end(exit);
          };
          state = { is: 'started', container: inner.launch(spec, leave) };
        });
        return container;
      },
    };
  }
}

/** What a container holds. */
interface Load {
  readonly frameworkId: FrameworkId;
  readonly resources: Resources;
}

type ContainerState =
  | { readonly is: 'starting' }
  | { readonly is: 'started'; readonly container: Container }
  /** Its executor has nothing more to say, but its process does not end. */
  | { readonly is: 'lingering' }
  | { readonly is: 'ended' };
