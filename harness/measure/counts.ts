/** Offers and tasks, counted by how they ended. */
import { isTerminal, type TaskState } from '../../mesos/protocol/tasks.ts';
import type { RunCell } from '../result.ts';
import { Column } from './column.ts';
import { type Fold, foldOf } from './fold.ts';
import { newPass } from './pass.ts';

/** Offers by how they ended; `open` ones have not. Null if there were none, as on static partitions. */
export function offerCounts(): Fold<RunCell['offers']> {
  const counts = { sent: 0, accepted: 0, declined: 0, rescinded: 0 };
  return foldOf({
    on: {
      'offer-sent': () => {
        counts.sent++;
      },
      'offer-accepted': () => {
        counts.accepted++;
      },
      'offer-declined': () => {
        counts.declined++;
      },
      'offer-rescinded': () => {
        counts.rescinded++;
      },
    },
    result() {
      const { sent, accepted, declined, rescinded } = counts;
      return sent === 0 ? null : { ...counts, open: sent - accepted - declined - rescinded };
    },
  });
}

/** Tasks by their first terminal state, each counted once; TASK_ERROR counts as failed. */
export function taskCounts(pass = newPass()): Fold<RunCell['tasks']> {
  const ended = new Column<true>();
  const counts = { finished: 0, failed: 0, killed: 0, lost: 0 };
  return foldOf({
    on: {
      'task-updated': (line) => {
        if (!isTerminal(line.state)) return;
        const task = pass.task(line);
        if (ended.get(task)) return;
        ended.set(task, true);
        const column = columnOf(line.state);
        if (column !== undefined) counts[column]++;
      },
    },
    result: () => ({ ...counts }),
  });
}

function columnOf(state: TaskState): 'finished' | 'failed' | 'killed' | 'lost' | undefined {
  switch (state) {
    case 'TASK_FINISHED':
      return 'finished';
    case 'TASK_FAILED':
    case 'TASK_ERROR':
      return 'failed';
    case 'TASK_KILLED':
      return 'killed';
    case 'TASK_LOST':
    case 'TASK_DROPPED':
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
      return 'lost';
    case 'TASK_STAGING':
    case 'TASK_STARTING':
    case 'TASK_RUNNING':
    case 'TASK_KILLING':
    case 'TASK_UNREACHABLE':
    case 'TASK_UNKNOWN':
      return undefined;
    default:
      return state satisfies never;
  }
}
