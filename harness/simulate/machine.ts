/** A machine with a slave: the slave crashes and comes back, with the machine or alone, and executors can be killed. */
import type { Millis, Random } from '../../mesos/runtime/actor.ts';
import { seededRandom } from '../../mesos/runtime/random.ts';
import { type SlaveOptions, slave } from '../../mesos/slave/slave.ts';
import { Containers, type Processes, type Surroundings } from './containers.ts';
import { Disk } from './disk.ts';
import { Ledger, observed } from './observed.ts';
import type { SlavePlan } from './plan.ts';

/** How a process finds its master. */
export type Finder = (process: string) => SlaveOptions['master'];

/** One life of a slave's process. */
interface Life {
  readonly ledger: Ledger;
  readonly stopping: AbortController;
}

/** A machine. */
export class Machine {
  readonly plan: SlavePlan;
  readonly #finder: Finder;
  readonly #surroundings: Surroundings;
  readonly #random: Random;
  readonly #processes: Processes;
  readonly #disk: Disk;
  #containers: Containers;
  #life: Life | undefined;

  /** Starts the machine with a slave that looks for a master in this way. `diskLagMs`: see {@link Disk}. */
  constructor(plan: SlavePlan, finder: Finder, surroundings: Surroundings, diskLagMs: Millis) {
    this.plan = plan;
    this.#finder = finder;
    this.#surroundings = surroundings;
    this.#random = seededRandom(`${surroundings.seed}/${plan.hostname}`);
    const own = `${plan.hostname}:5051`;
    this.#processes = { slave: own, executors: plan.checkpoint ? `executors.${plan.hostname}:0` : own };
    this.#disk = new Disk(
      () => surroundings.cluster.now,
      diskLagMs,
      (kind) => surroundings.kept(plan.hostname, kind),
    );
    this.#containers = this.#boot();
    this.start();
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** Executors that live here. */
  get executors(): number {
    return this.#containers.count;
  }

  /** Of the slave that runs now. */
  get ledger(): Ledger | undefined {
    return this.#life?.ledger;
  }

  /** The slave's. */
  get process(): string {
    return this.#processes.slave;
  }

  /** Starts a new process of the slave, unless there is one. */
  start(): void {
    if (this.#life !== undefined) return;
    const life: Life = { ledger: new Ledger(), stopping: new AbortController() };
    this.#life = life;
    const { hostname, resources, checkpoint } = this.plan;
    const kind = slave({
      master: this.#finder(this.process),
      hostname,
      resources,
      attributes: {},
      isolation: this.#containers.isolation,
      stopping: life.stopping.signal,
      ...(checkpoint && { checkpoint: this.#disk }),
    });
    this.#surroundings.cluster.process(this.process).spawn('slave', observed(kind, life.ledger));
    this.#disk.hasRebooted = false;
  }

  /**
   * Ends the slave's process, at once; it may have sent its master a last word. Its executors live on if it keeps a checkpoint,
   * unless the machine is started anew.
   */
  crash(takesLeave: boolean, reboots: boolean): void {
    const { cluster } = this.#surroundings;
    if (takesLeave && !cluster.isPaused(this.process)) this.#life?.stopping.abort();
    this.#life = undefined;
    cluster.crash(this.process);
    this.#disk.crash();
    if (this.plan.checkpoint && !reboots) return this.#containers.abandon();
    if (this.plan.checkpoint) cluster.crash(this.#processes.executors);
    this.#containers.end();
    this.#containers = this.#boot();
    this.#disk.hasRebooted = true;
  }

  /** Kills one of the executors that live here, if there are any. */
  killExecutor(which: number): void {
    this.#containers.kill(which);
  }

  #boot(): Containers {
    return new Containers(this.plan, this.#processes, this.#random, this.#surroundings);
  }
}
