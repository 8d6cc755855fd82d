/** The masters of a simulation: one that everybody knows, or several and an ensemble that lets one lead. */
import type { AllocationFactory } from '../../mesos/allocation/allocation.ts';
import type { Detector, Election } from '../../mesos/election/election.ts';
import { type VirtualEnsemble, virtualEnsemble } from '../../mesos/election/virtual.ts';
import { master } from '../../mesos/master/master.ts';
import { MASTER_DEFAULTS } from '../../mesos/master/options.ts';
import type { Registry } from '../../mesos/master/registry.ts';
import type { Reign } from '../../mesos/master/reign.ts';
import type { MasterWindow } from '../../mesos/master/window.ts';
import type { HistoryLine } from '../../mesos/protocol/history.ts';
import { type Address, type Millis, processOf } from '../../mesos/runtime/actor.ts';
import type { VirtualCluster } from '../../mesos/runtime/virtual.ts';
import { Ledger, observed } from './observed.ts';
import type { MastersPlan } from './plan.ts';

/** What the masters need. */
export interface MastersOptions {
  readonly allocation: AllocationFactory;
  /** What stands between masters and the ensemble, if anything does. */
  readonly election: (election: Election) => Election;
  /** Where they keep what operators order. */
  readonly registry: Registry;
}

interface Life {
  readonly ledger: Ledger;
  readonly stopping: AbortController;
}

/** The masters. */
export class Masters {
  readonly #cluster: VirtualCluster;
  readonly #plan: MastersPlan;
  readonly #options: MastersOptions;
  /** Absent if there is only one master. */
  readonly #ensemble: VirtualEnsemble | undefined;
  readonly #lives = new Map<string, Life>();
  readonly processes: readonly string[];
  readonly #windows = new Map<string, MasterWindow>();
  #leader: string | undefined;

  /** Starts them. */
  constructor(cluster: VirtualCluster, plan: MastersPlan, options: MastersOptions) {
    this.#cluster = cluster;
    this.#plan = plan;
    this.#options = options;
    const { count, sessionTimeoutMs } = plan;
    this.processes = Array.from({ length: count }, (_, n) => `master${n + 1}:5050`);
    if (count > 1) this.#ensemble = virtualEnsemble(cluster, { sessionTimeoutMs });
    for (const process of this.processes) this.#start(process);
  }

  /** The processes that decide who leads, if there are any. */
  get ensemble(): readonly string[] {
    return this.#ensemble === undefined ? [] : [this.#ensemble.process];
  }

  /** The one that was elected last. */
  get leader(): string {
    return this.#leader ?? this.processes[0] ?? '';
  }

  /** The reign of the master that leads, if one does and does not stand still. */
  get reign(): Reign | undefined {
    for (const [process, { reign }] of this.#windows)
      if (reign !== undefined && this.#lives.has(process) && !this.#cluster.isPaused(process)) return reign;
    return undefined;
  }

  /** Of the masters that live, by process. */
  get ledgers(): ReadonlyMap<string, Ledger> {
    return new Map([...this.#lives].map(([process, { ledger }]) => [process, ledger]));
  }

  /** How a process finds the leader. */
  finder(process: string): Address | Detector {
    return this.#ensemble?.electionFor(process) ?? `master@${this.processes[0]}`;
  }

  observe(line: HistoryLine): void {
    if (line.event === 'master-elected') this.#leader = processOf(line.by);
  }

  /** Ends one at once, for a time; it may have withdrawn in good order. */
  crash(process: string, takesLeave: boolean, downMs: Millis): void {
    const life = this.#lives.get(process);
    if (life === undefined) return;
    if (takesLeave && !this.#cluster.isPaused(process)) life.stopping.abort();
    this.#lives.delete(process);
    this.#cluster.crash(process);
    this.#cluster.at(this.#cluster.now + downMs, () => this.#start(process));
  }

  /** Ends the ensemble for a time. */
  crashEnsemble(downMs: Millis): void {
    const ensemble = this.#ensemble;
    if (ensemble === undefined) return;
    this.#cluster.crash(ensemble.process);
    this.#cluster.at(this.#cluster.now + downMs, () => {
      // It may have been started after another crash.
      this.#cluster.crash(ensemble.process);
      ensemble.restart();
    });
  }

  #start(process: string): void {
    const life: Life = { ledger: new Ledger(), stopping: new AbortController() };
    this.#lives.set(process, life);
    const election = this.#ensemble?.electionFor(process);
    this.#cluster.process(process).spawn(
      'master',
      observed(
        master({
          ...MASTER_DEFAULTS,
          ...this.#plan.options,
          allocation: this.#options.allocation,
          ...(election !== undefined && { election: this.#options.election(election) }),
          stopping: life.stopping.signal,
          registry: this.#options.registry,
          opened: (window) => this.#windows.set(process, window),
        }),
        life.ledger,
      ),
    );
  }
}
