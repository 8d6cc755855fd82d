/** Emulated isolation: executors are actors in the slave's own process, whose tasks take time and nothing else. */
import type { ExecutorFactory } from '../driver/executor.ts';
import { executorActor } from '../driver/executorActor.ts';
import type { Runtime } from '../runtime/actor.ts';
import type { Container, ContainerSpec, Exit, Isolation } from './isolation.ts';

/** 128 + SIGKILL: how a container ends that is destroyed. */
const KILLED = 137;

/** Runs executors as actors of `runtime`: the model of each kind is found by the name in its ExecutorInfo. */
export function emulated(
  runtime: Runtime,
  models: Readonly<Record<string, ExecutorFactory>>,
  later: (run: () => void) => void,
): Isolation {
  return { launch: (spec, exited) => launch(runtime, models, later, spec, exited) };
}

function launch(
  runtime: Runtime,
  models: Readonly<Record<string, ExecutorFactory>>,
  later: (run: () => void) => void,
  spec: ContainerSpec,
  exited: (exit: Exit) => void,
): Container {
  const { executorInfo, frameworkId, slave } = spec;
  const factory = models[executorInfo.name];
  if (factory === undefined) {
    const message = `there is no model of an executor '${executorInfo.name}'`;
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
    `executor(${spec.containerId})`,
    executorActor({
      slave,
      frameworkId,
      executorId: executorInfo.executorId,
      factory,
      ended: () => end({ status: 0 }),
    }),
  );
  return { update() {}, destroy: () => end({ status: KILLED }) };
}
