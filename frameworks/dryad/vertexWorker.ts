/** A thread of an executor: runs vertices. */
import { serveTasks } from '../hadoop/tasks/worker.ts';
import { runVertex } from './runVertex.ts';

serveTasks(runVertex);
