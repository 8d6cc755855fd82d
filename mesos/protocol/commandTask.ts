/** Command tasks: those that are a command instead of something for a framework's own executor. */
import type { CommandInfo, ExecutorInfo, TaskId } from './entities.ts';

/** How long a command may take to end when it is told to, if nobody says otherwise; as in Mesos. */
export const KILL_GRACE_MS = 3_000;

/**
 * The executor of a command task. It holds nothing of its own, and runs one task; its slave knows by which program, so that its
 * command says only what to fetch.
 */
export function commandExecutorInfo(taskId: TaskId, { uris }: CommandInfo): ExecutorInfo {
  return {
    executorId: taskId,
    name: `Command Executor (Task: ${taskId})`,
    command: { shell: false, value: '', arguments: [], environment: {}, ...(uris && { uris }) },
    resources: {},
    isCommand: true,
  };
}
