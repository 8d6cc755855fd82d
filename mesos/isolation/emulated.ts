/** Emulated isolation: executors are actors in the slave's own process, whose tasks take time and nothing else. */
import type { ExecutorFactory } from '../driver/executor.ts';
import { executorActor } from '../driver/executorActor.ts';
import type { Runtime } from '../runtime/actor.ts';
import { type Container, type ContainerSpec, type Exit, type Isolation, KILLED } from './isolation.ts';

/** An emulated isolation module: executors may be of another process than their slave, and outlive it. */
export interface EmulatedIsolation extends Isolation {
  recover: NonNullable<Isolation['recover']>;
  /** The slave's process is gone: nobody is told of anything until containers are recovered. */
  abandon(): void;
}

interface Running {
  readonly container: Container;
  exited: (exit: Exit) => void;
}

/** The model of executors that run commands. */
const COMMAND = 'command';

/** Runs executors as actors of `runtime`: the model of each kind is found by the name in its ExecutorInfo. Nothing is fetched. */
export function emulated(
  runtime: Runtime,
  models: Readonly<Record<string, ExecutorFactory>>,
  later: (run: () => void) => void,
): EmulatedIsolation {
  const running = new Map<string, Running>();
  return {
    launch(spec, exited) {
      const { containerId } = spec;
      const container = launch(runtime, models, later, spec, (exit) => {
        const told = running.get(containerId)?.exited;
        running.delete(containerId);
        told?.(exit);
      });
      running.set(containerId, { container, exited });
      return container;
    },
    recover({ containerId }, _state, exited) {
      const known = running.get(containerId);
      if (known !== undefined) {
        known.exited = exited;
        return known.container;
      }
      later(() => exited({ status: KILLED, message: 'The executor ended while its slave was away' }));
      return { update() {}, destroy() {} };
    },
    abandon() {
      for (const each of running.values()) each.exited = () => {};
    },
  };
}

function launch(
  runtime: Runtime,
  models: Readonly<Record<string, ExecutorFactory>>,
  later: (run: () => void) => void,
  spec: ContainerSpec,
  exited: (exit: Exit) => void,
): Container {
  const { containerId, executorInfo, frameworkId, slave, recoveryTimeoutMs } = spec;
  const kind = executorInfo.isCommand ? COMMAND : executorInfo.name;
  const factory = models[kind];
  if (factory === undefined) {
    const message = `there is no model of an executor '${kind}'`;
    later(() => exited({ status: 127, message }));
    return { update() {}, destroy() {} };
  }
  let isEnded = false;
  const end = (exit: Exit): void => {
    if (isEnded) return;
    isEnded = true;
    later(() => {
      runtime.stop(address);
      exited(exit);
    });
  };
  const address = runtime.spawn(
    `executor(${containerId})`,
    executorActor({
      slave,
      frameworkId,
      executorId: executorInfo.executorId,
      containerId,
      factory,
      ...(recoveryTimeoutMs !== undefined && { recoveryTimeoutMs }),
      ended: () => end({ status: 0 }),
    }),
  );
  return { update() {}, destroy: () => end({ status: KILLED }), state: containerId };
}
