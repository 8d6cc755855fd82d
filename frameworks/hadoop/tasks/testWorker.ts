/** For tests of the pool: a thread whose tasks tell which thread they are in, and some of which end it: at once, or in a while. */
import { threadId } from 'node:worker_threads';
import { serveTasks } from './worker.ts';

serveTasks(async (task) => {
  if (task === 'exit') process.exit(3);
  if (task === 'exit in a while') setTimeout(() => process.exit(3), 20);
  return threadId;
});
