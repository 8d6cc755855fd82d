/** What the master tells a framework of a task on its own account: it needs no acknowledgement. */
import type { TaskStatus } from '../protocol/entities.ts';
import type { TaskState } from '../protocol/tasks.ts';
import type { Books } from './books.ts';
import type { Framework } from './state.ts';

/** Tells a framework the state of a task, if its scheduler is there. */
export function answer(
  books: Books,
  framework: Framework,
  status: Pick<TaskStatus, 'taskId' | 'slaveId' | 'state' | 'reason' | 'message'>,
): void {
  books.tell(framework, {
    type: 'UPDATE',
    status: { ...status, source: 'SOURCE_MASTER', timestamp: books.context.now() / 1000 },
  });
}

/** The state in words that the framework knows: one that is not aware of partitions is told that the task is lost. */
export function stateFor({ info }: Framework, state: TaskState): TaskState {
  switch (state) {
    case 'TASK_DROPPED':
    case 'TASK_UNREACHABLE':
    case 'TASK_GONE':
    case 'TASK_GONE_BY_OPERATOR':
    case 'TASK_UNKNOWN':
      return isPartitionAware(info) ? state : 'TASK_LOST';
    default:
      return state;
  }
}

/** Does the framework know that tasks may be out of reach and come back? */
export function isPartitionAware({ capabilities = [] }: Framework['info']): boolean {
  return capabilities.includes('PARTITION_AWARE');
}
