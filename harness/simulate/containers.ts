/** The executors of a machine: they start slowly, or never, or do not end by themselves, as planned; and they are weighed. */
import type { ExecutorFactory } from '../../mesos/driver/executor.ts';
import { emulated } from '../../mesos/isolation/emulated.ts';
import {
  type Container,
  type ContainerOwner,
  type ContainerSpec,
  type Exit,
  type Isolation,
  KILLED,
} from '../../mesos/isolation/isolation.ts';
import type { FrameworkId } from '../../mesos/protocol/entities.ts';
import { contains, format, isEmpty, NOTHING, type Resources, sum } from '../../mesos/protocol/resources.ts';
import type { Millis, Random } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import type { CheckpointRecord } from '../../mesos/slave/checkpoint.ts';
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
  /** A slave has put a record into its checkpoint. */
  readonly kept: (hostname: string, kind: CheckpointRecord['kind']) => void;
  /** Executors by their names. */
  readonly models: Readonly<Record<string, ExecutorFactory>>;
}

/** The processes of a machine: of its slave, and of the executors; the same one if those do not outlive the slave. */
export interface Processes {
  readonly slave: string;
  readonly executors: string;
}

interface Kept {
  readonly spec: ContainerSpec;
  readonly container: Container;
  /** With the executor's own. */
  resources: Resources;
  state:
    | { readonly is: 'starting' }
    | { readonly is: 'started'; readonly inner: Container }
    /** Its executor has nothing more to say, but its process does not end. */
    | { readonly is: 'lingering' }
    | { readonly is: 'ended' };
  /** Tells the slave's process that lives; nobody, while none does. */
  owner: ContainerOwner;
}

/** How long executors may take to end, and messages about it. */
const ENDING_MS = 10_000;
/** The executors that are there for one task alone. */
const ONE_TASK_EXECUTOR = 'mpi-rank';
/** How long such a one may be left after its task has ended. */
const IDLE_MS = 60_000;

const GONE: Container = { update() {}, destroy() {} };
const NOBODY: ContainerOwner = { exited() {} };

/** The executors, from a start of the machine to the next. */
export class Containers {
  readonly #plan: SlavePlan;
  readonly #processes: Processes;
  readonly #surroundings: Surroundings;
  readonly #random: Random;
  readonly #inner: Isolation;
  /** By container id. */
  readonly #kept = new Map<string, Kept>();
  #isGone = false;
  #overloadedSinceMs: Millis | undefined;

  constructor(plan: SlavePlan, processes: Processes, random: Random, surroundings: Surroundings) {
    this.#plan = plan;
    this.#processes = processes;
    this.#random = random;
    this.#surroundings = surroundings;
    const { cluster, models } = surroundings;
    this.#inner = emulated(cluster.process(processes.executors), models, (run) => this.#later(0, run));
  }

  /** Those that have not ended. */
  get count(): number {
    return this.#kept.size;
  }

  /** What the slave runs its executors with. */
  readonly isolation: Isolation = {
    launch: (spec, owner) => this.#launch(spec, owner),
    recover: (spec, _, owner) => {
      const kept = this.#kept.get(spec.containerId);
      if (kept === undefined) {
        this.#tell(owner, { status: KILLED, message: 'The executor ended while its slave was away' });
        return GONE;
      }
      kept.owner = owner;
      return kept.container;
    },
  };

  /** The slave's process is gone. */
  abandon(): void {
    for (const kept of this.#kept.values()) kept.owner = NOBODY;
  }

  /** The machine is gone. */
  end(): void {
    this.#isGone = true;
    this.#kept.clear();
  }

  /** Kills one, if there are any. */
  kill(which: number): void {
    const all = [...this.#kept.values()];
    all[which % Math.max(1, all.length)]?.container.destroy();
  }

  #launch(spec: ContainerSpec, owner: ContainerOwner): Container {
    const { startMs, hanging, lingering } = this.#plan.executors;
    const container: Container = {
      state: spec.containerId,
      update: (resources) => {
        kept.resources = resources;
        this.#weigh();
        if (spec.executorInfo.name === ONE_TASK_EXECUTOR && isEmpty(resources)) this.#expectEnd(kept);
      },
      destroy: () => {
        if (kept.state.is === 'started') kept.state.inner.destroy();
        else this.#later(0, () => this.#ended(kept, { status: KILLED }));
      },
    };
    const kept: Kept = { spec, container, resources: NOTHING, state: { is: 'starting' }, owner };
    this.#kept.set(spec.containerId, kept);
    if (this.#random.uniform() < hanging) return container;
    this.#later(startMs, () => {
      if (kept.state.is !== 'starting') return;
      const inner = this.#inner.launch(spec, {
        exited: (exit) => {
          if (lingering && exit.status === 0) kept.state = { is: 'lingering' };
          else this.#ended(kept, exit);
        },
      });
      kept.state = { is: 'started', inner };
    });
    return container;
  }

  #ended(kept: Kept, exit: Exit): void {
    if (kept.state.is === 'ended') return;
    kept.state = { is: 'ended' };
    this.#kept.delete(kept.spec.containerId);
    this.#weigh();
    this.#tell({ exited: (told) => kept.owner.exited(told) }, exit);
  }

  /** Reports containers that hold more than the machine has, other than those that are ending. */
  #weigh(): void {
    const { isRemoved, overloaded, cluster } = this.#surroundings;
    const { hostname, resources } = this.#plan;
    const counted = [...this.#kept.values()].filter(({ spec }) => !isRemoved(spec.frameworkId));
    const held = sum(counted.map((kept) => kept.resources));
    if (contains(resources, held)) {
      this.#overloadedSinceMs = undefined;
      return;
    }
    if (this.#overloadedSinceMs !== undefined) return;
    const sinceMs = cluster.now;
    this.#overloadedSinceMs = sinceMs;
    this.#later(ENDING_MS, () => {
      if (this.#overloadedSinceMs === sinceMs)
        overloaded(`${hostname} holds ${format(held)} of ${format(resources)} since ${sinceMs} ms`);
    });
  }

  #expectEnd({ spec }: Kept): void {
    const { cluster, idle } = this.#surroundings;
    const { frameworkId, containerId, executorInfo } = spec;
    const sinceMs = cluster.now;
    this.#later(IDLE_MS, () => {
      const how = `${executorInfo.executorId} is left on ${this.#plan.hostname} without its task`;
      if (this.#kept.has(containerId)) idle(frameworkId, sinceMs, how);
    });
  }

  /** Does something later, unless the machine is gone by then. */
  #later(delayMs: Millis, run: () => void, process = this.#processes.executors): void {
    const { cluster } = this.#surroundings;
    const ifThere = (): void => {
      if (!this.#isGone) run();
    };
    cluster.at(cluster.now + delayMs, ifThere, process);
  }

  #tell(owner: ContainerOwner, exit: Exit): void {
    this.#later(0, () => owner.exited(exit), this.#processes.slave);
  }
}
