/** Emulated isolation: executors are actors in the slave's own process, whose tasks take time and nothing else. */
import type { ExecutorFactory } from '../driver/executor.ts';
import { type ExecutorActorOptions, executorActor } from '../driver/executorActor.ts';
import type { ExecutorId, FrameworkId } from '../protocol/entities.ts';
import type { Address, Millis, Runtime } from '../runtime/actor.ts';
import {
  type Container,
  type ContainerOwner,
  type ContainerSpec,
  type Exit,
  type Isolation,
  KILLED,
} from './isolation.ts';

/** An emulated isolation module: executors may be of another process than their slave, and outlive it. */
export interface EmulatedIsolation extends Isolation {
  recover: NonNullable<Isolation['recover']>;
  /** The slave's process is gone: nobody is told of anything until containers are recovered. */
  abandon(): void;
}

/** How an executor ends for which there is no model. */
const NOT_FOUND = 127;
/** The model of executors that run commands. */
const COMMAND = 'command';

/** Runs executors as actors of `runtime`: the model of each kind is found by the name in its ExecutorInfo. Nothing is fetched. */
export function emulated(
  runtime: Runtime,
  models: Readonly<Record<string, ExecutorFactory>>,
  later: (run: () => void) => void,
): EmulatedIsolation {
  const house: House = { runtime, later, lives: 0, recoverable: new Map() };
  return {
    launch(spec, owner) {
      const { isCommand, name } = spec.executorInfo;
      const kind = isCommand ? COMMAND : name;
      const factory = models[kind];
      if (factory !== undefined) return new EmulatedContainer(house, spec, factory, owner);
      later(() => owner.exited({ status: NOT_FOUND, message: `there is no model of an executor '${kind}'` }));
      return { destroy() {} };
    },
    recover({ containerId }, _state, owner) {
      const known = house.recoverable.get(containerId);
      if (known !== undefined) {
        known.adopt(owner);
        return known;
      }
      later(() => owner.exited({ status: KILLED, message: 'The executor ended while its slave was away' }));
      return { destroy() {} };
    },
    abandon() {
      house.lives++;
    },
  };
}

/** What all containers of a module share. */
interface House {
  readonly runtime: Runtime;
  readonly later: (run: () => void) => void;
  /** Processes that the slave has had before. */
  lives: number;
  /** By their ids, containers that outlive the slave's process. */
  readonly recoverable: Map<string, EmulatedContainer>;
}

/** An executor that is an actor, and what that is told. One object, because there may be a hundred thousand of them. */
class EmulatedContainer implements Container, ExecutorActorOptions {
  readonly slave: Address;
  readonly frameworkId: FrameworkId;
  readonly executorId: ExecutorId;
  readonly containerId: string;
  readonly recoveryTimeoutMs: Millis | undefined;
  readonly factory: ExecutorFactory;
  readonly #house: House;
  #owner: ContainerOwner;
  /** Who is told of its end. */
  #life: number;
  readonly #address: Address;
  #isEnded = false;

  constructor(house: House, spec: ContainerSpec, factory: ExecutorFactory, owner: ContainerOwner) {
    const { containerId } = spec;
    this.slave = spec.slave;
    this.frameworkId = spec.frameworkId;
    this.executorId = spec.executorInfo.executorId;
    this.containerId = containerId;
    this.recoveryTimeoutMs = spec.recoveryTimeoutMs;
    this.factory = factory;
    this.#house = house;
    this.#owner = owner;
    this.#life = house.lives;
    if (this.recoveryTimeoutMs !== undefined) house.recoverable.set(containerId, this);
    this.#address = house.runtime.spawn(`executor(${containerId})`, executorActor(this));
  }

  /** The slave has a new process. */
  adopt(owner: ContainerOwner): void {
    this.#owner = owner;
    this.#life = this.#house.lives;
  }

  get state(): string {
    return this.containerId;
  }

  ended(): void {
    this.destroy({ status: 0 });
  }

  destroy(exit: Exit = { status: KILLED }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { later, runtime, recoverable } = this.#house;
    later(() => {
      runtime.stop(this.#address);
      recoverable.delete(this.containerId);
      if (this.#life === this.#house.lives) this.#owner.exited(exit);
    });
  }
}
