/** CPUs that tasks hold over time, by groups of one's own choice, e.g. by framework on some slaves. */
import { isTerminal } from '../../mesos/protocol/tasks.ts';
import { type Fold, foldOf } from './fold.ts';
import { StepFunction } from './stepFunction.ts';

/** In which group a framework's tasks on a slave are, by the names of both; undefined: in none. */
export type GroupOf = (framework: string, hostname: string) => string | undefined;

/** Follows tasks from launch until the terminal update. For clusters with one master. */
export function heldBy(groupOf: GroupOf): Fold<ReadonlyMap<string, StepFunction>> {
  const groups = new Map<string, StepFunction>();
  const names = new Map<string, string>();
  const hostnames = new Map<string, string>();
  const running = new Map<string, { readonly held: StepFunction; readonly cpus: number }>();
  return foldOf({
    on: {
      'slave-registered': (line) => {
        hostnames.set(line.slaveId, line.hostname);
      },
      'framework-registered': (line) => {
        names.set(line.frameworkId, line.name);
      },
      'task-launched': (line) => {
        const framework = names.get(line.frameworkId) ?? line.frameworkId;
        const group = groupOf(framework, hostnames.get(line.slaveId) ?? line.slaveId);
        if (group === undefined) return;
        const held = groups.get(group) ?? new StepFunction();
        groups.set(group, held);
        const { cpus = 0 } = line.resources;
        running.set(`${line.frameworkId} ${line.taskId}`, { held, cpus });
        held.change(line.t, cpus);
      },
      'task-updated': (line) => {
        if (!isTerminal(line.state)) return;
        const key = `${line.frameworkId} ${line.taskId}`;
        const task = running.get(key);
        if (task === undefined) return;
        running.delete(key);
        task.held.change(line.t, -task.cpus);
      },
    },
    result: () => groups,
  });
}
