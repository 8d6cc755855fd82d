/** Who holds what: the resources of running tasks over time, from launch until the terminal update. */
import { unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import type { Fold } from './fold.ts';
import { frameworkKey, taskKey } from './scope.ts';
import { StepFunction } from './stepFunction.ts';

/** CPUs and MiB of memory that tasks hold, over time. */
export interface Held {
  readonly cpus: StepFunction;
  readonly mem: StepFunction;
}

/** What is held, by all and by each. */
export interface Holdings {
  readonly total: Held;
  /**
   * By the name of the framework, in order of registration. Frameworks of the same name are taken together.
   */
  readonly frameworks: ReadonlyMap<string, Held>;
}

/** Follows tasks. A framework that never registered goes by its id. */
export function holdings(): Fold<Holdings> {
  const total = nothingHeld();
  const byName = new Map<string, Held>();
  const nameOf = new Map<string, string>();
  const running = new Map<string, { readonly held: Held; readonly cpus: number; readonly mem: number }>();
  const heldBy = (name: string): Held => {
    const held = byName.get(name) ?? nothingHeld();
    byName.set(name, held);
    return held;
  };
  const change = (held: Held, t: number, cpus: number, mem: number): void => {
    held.cpus.change(t, cpus);
    held.mem.change(t, mem);
    total.cpus.change(t, cpus);
    total.mem.change(t, mem);
  };
  return {
    observe(line) {
      switch (line.event) {
        case 'framework-registered':
          nameOf.set(frameworkKey(line), line.name);
          heldBy(line.name);
          return;
        case 'task-launched': {
          const key = taskKey(line);
          if (running.has(key)) return;
          const held = heldBy(nameOf.get(frameworkKey(line)) ?? line.frameworkId);
          const { cpus = 0, mem = 0 } = unreserved(line.resources);
          running.set(key, { held, cpus, mem });
          change(held, line.t, cpus, mem);
          return;
        }
        case 'task-updated': {
          if (!isTerminal(line.state)) return;
          const key = taskKey(line);
          const task = running.get(key);
          if (task === undefined) return;
          running.delete(key);
          change(task.held, line.t, -task.cpus, -task.mem);
        }
      }
    },
    result: () => ({ total, frameworks: byName }),
  };
}

const nothingHeld = (): Held => ({ cpus: new StepFunction(), mem: new StepFunction() });
