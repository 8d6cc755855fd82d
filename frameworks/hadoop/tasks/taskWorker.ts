/** A thread of a TaskTracker: runs maps and reduces. */
import type { TaskData } from '../taskData.ts';
import { runMap } from './mapTask.ts';
import { runReduce } from './reduceTask.ts';
import { serveTasks } from './worker.ts';

serveTasks((task: TaskData, context) =>
  task.type === 'map' ? runMap(task, context) : runReduce(task, context),
);
