/**
 * The executor for real: its tasks run in threads.
 *
 * What it needs, and from where:
 * - the `data` of its ExecutorInfo (ExecutorData in taskData.ts). It finds its own node by the hostname of its slave; where the
 *   configuration names none, tasks can do without files or fail with a sentence that says so;
 * - the environment: the secret of the file servers, `HADOOP_FILE_SECRET`, as slaves give it to their executors.
 *
 * When it ends by its own, its application has ended or its slave is to: then nobody reads any more what it left on its node.
 */
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutorDriver, ExecutorFactory } from '../../../mesos/driver/executor.ts';
import type { FileClient } from '../../files/fileClient.ts';
import type { ExecutorData } from '../taskData.ts';
import { BroadcastStore } from './broadcastStore.ts';
import { sparkExecutor } from './executor.ts';
import type { Runner } from './runner.ts';
import { unfinishedDir } from './taskContext.ts';
import { ThreadPool } from './threadPool.ts';

/** Makes an executor; by default with the secret of this process's environment. */
export function createSparkExecutor(secret = process.env.HADOOP_FILE_SECRET ?? ''): ExecutorFactory {
  return sparkExecutor((data, { hostname }, driver) => threadRunner(secret, data, hostname, driver));
}

function threadRunner(secret: string, data: ExecutorData, hostname: string, driver: ExecutorDriver): Runner {
  const node = data.nodes[hostname];
  if (node !== undefined && secret === '')
    throw new Error('The executor has no secret for the file servers; set HADOOP_FILE_SECRET.');
  const own = node === undefined ? ownFolder(data.space, hostname) : undefined;
  const dir = node?.dir ?? (own as string);
  // What an executor left behind that was killed.
  rmSync(unfinishedDir(dir, data.space), { recursive: true, force: true });
  let made: Promise<FileClient> | undefined;
  const client = (): Promise<FileClient> => {
    made ??= import('../../files/fileClient.ts').then((module) => new module.FileClient(secret));
    return made;
  };
  const broadcasts = new BroadcastStore({ hostname, dir, nodes: data.nodes, client }, data.space);
  const pool = new ThreadPool({
    secret,
    hostname,
    dir,
    executor: data,
    broadcasts,
    after: (delay, run) => driver.after(delay, run),
  });
  return {
    run: (name, task, ended) => pool.run(name, task, ended),
    kill: (name) => pool.kill(name),
    unpersist: (dataset) => pool.unpersist(dataset),
    forgetBroadcast: (id) => {
      broadcasts.forget(id);
      pool.forgetBroadcast(id);
    },
    close: async () => {
      await pool.close();
      await rm(unfinishedDir(dir, data.space), { recursive: true, force: true });
      await rm(own ?? join(dir, 'intermediate', data.space), { recursive: true, force: true });
      (await made)?.close();
    },
  };
}

/** Where tasks put what goes to disk, on a node without a file server: in the sandbox. Made when it is needed. */
function ownFolder(space: string, hostname: string): string {
  const name = `spark-${space}-${hostname.replace(/[^A-Za-z0-9._-]/g, '-')}`;
  return join(process.env.MESOS_DIRECTORY ?? tmpdir(), name);
}
