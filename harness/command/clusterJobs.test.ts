import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import type { JobList } from '../jobs/jobList.ts';
import { jobsOfCluster } from './clusterJobs.ts';
import { masterReader } from './masterReads.ts';

const test = suite<{ folder: string }>('jobs of a cluster');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'lab-cluster-jobs-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const QUEUE = { id: 'F', name: 'queue' };
const JOB: JobStatus = {
  ...{ id: 'mine', kind: 'wordcount', phase: 'waiting', submittedMs: 0 },
  tasks: { total: 1, running: 0, finished: 0 },
};
const JOBS: JobList = { framework: 'queue', takesJobs: true, nowMs: 0, jobs: [JOB], omitted: 0 };

/** What is found of `wanted` where the queue comes to the master when that is asked for the third time. */
async function found(
  folder: string,
  wanted: string | undefined,
  electedSeconds: number,
  masters: 'one' | 'several' | 'several, of which none has failed',
  job?: string,
): Promise<{ readonly found: string; readonly asked: number }> {
  let asked = 0;
  const answers: Readonly<Record<string, () => unknown>> = {
    '/metrics/snapshot': () => ({
      'master/elected_secs': electedSeconds,
      'master/elected_first': masters === 'several' ? 0 : 1,
    }),
    '/frameworks': () => ({ frameworks: ++asked < 3 ? [] : [{ ...QUEUE, webui_url: `http://${address}/` }] }),
    '/jobs': () => JOBS,
  };
  const server = createServer(({ url = '' }, response) => response.end(JSON.stringify(answers[url]?.())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lock = join(folder, 'leader');
  writeFileSync(lock, `${JSON.stringify({ id: 'm', address, version: '0' })}\n`);
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'secret-of-this-test', { mode: 0o600 });
  const flags = { api: 'links', secret_file: secret } as const;
  const reader = masterReader(masters === 'one' ? address : `file://${lock}`, flags);
  try {
    const told = await jobsOfCluster(reader, flags)(wanted, job).then(
      ({ servers }) => servers.map(({ name }) => name).join(),
      (error: Error) => error.message,
    );
    return { found: told, asked };
  } finally {
    await reader.close();
    server.close();
  }
}

test('a framework is waited for that has not come yet to the master that leads since the last one failed', async ({
  folder,
}) => {
  assert.equal(await found(folder, 'queue', 0.1, 'several'), { found: 'queue', asked: 3 });
  assert.equal(await found(folder, undefined, 0.1, 'several', 'mine'), { found: 'queue', asked: 3 });
  assert.equal(await found(folder, undefined, 0.1, 'several'), { found: '', asked: 1 });
});

test('one that nobody needs to wait for is missed at once', async ({ folder }) => {
  const missed = { found: "no framework 'queue' runs, nor any other", asked: 1 };
  assert.equal(await found(folder, 'queue', 3600, 'several'), missed);
  assert.equal(await found(folder, 'queue', 0.1, 'one'), missed);
  assert.equal(await found(folder, 'queue', 0.1, 'several, of which none has failed'), missed);
});

test('waiting for one that does not come has an end', async ({ folder }) => {
  const missed = { found: "no framework 'other' runs, nor any other", asked: 2 };
  assert.equal(await found(folder, 'other', 19.9, 'several'), missed);
});

test.run();
