/** For tests of the pool: a thread whose tasks tell which thread they are in. */
import { threadId } from 'node:worker_threads';
import { serveTasks } from './worker.ts';

serveTasks(async () => threadId);
