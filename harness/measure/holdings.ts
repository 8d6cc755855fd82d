/** Who holds what: the resources of running tasks over time, from launch until the terminal update. */
import { unreserved } from '../../mesos/protocol/resources.ts';
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { type Fold, foldOf } from './fold.ts';
import { frameworkNames } from './frameworkNames.ts';
import { newPass } from './pass.ts';
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
export function holdings(pass = newPass()): Fold<Holdings> {
  const names = pass.shared(frameworkNames);
  const nameOf = names.result();
  const total = nothingHeld();
  const byName = new Map<string, Held>();
  const running = new Map<number, { readonly held: Held; readonly cpus: number; readonly mem: number }>();
  const heldBy = (name: string): Held => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const held = nothingHeld();
    byName.set(name, held);
    return held;
  };
  const change = (held: Held, t: number, cpus: number, mem: number): void => {
    held.cpus.change(t, cpus);
    held.mem.change(t, mem);
    total.cpus.change(t, cpus);
    total.mem.change(t, mem);
  };
  return foldOf({
    parts: [names],
    on: {
      'framework-registered': (line) => void heldBy(line.name),
      'task-launched': (line) => {
        const number = pass.task(line);
        if (running.has(number)) return;
        const held = heldBy(nameOf(line) ?? line.frameworkId);
        const { cpus = 0, mem = 0 } = unreserved(line.resources);
        running.set(number, { held, cpus, mem });
        change(held, line.t, cpus, mem);
      },
      'task-updated': (line) => {
        if (!isTerminal(line.state)) return;
        const number = pass.task(line);
        const task = running.get(number);
        if (task === undefined) return;
        running.delete(number);
        change(task.held, line.t, -task.cpus, -task.mem);
      },
    },
    result: () => ({ total, frameworks: byName }),
  });
}

const nothingHeld = (): Held => ({ cpus: new StepFunction(), mem: new StepFunction() });
