/** What a job server does with what is no order, and its client with what is no answer. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobStatus } from '../../frameworks/jobBoard.ts';
import { httpExchange } from './httpExchange.ts';
import { jobClient } from './jobClient.ts';
import { tokenFor } from './jobKey.ts';
import { startJobServer } from './jobServer.ts';

const KEY = 'of this test';
const JOB: JobStatus = {
  ...{ id: 'web', kind: 'service', phase: 'running', submittedMs: 0 },
  tasks: { total: 3, running: 3, finished: 0 },
};

test('what is no number of tasks scales nothing, an empty request least of all', async () => {
  const scaled: number[] = [];
  const control = {
    jobs: () => [JOB],
    submit() {},
    delete() {},
    hold() {},
    release() {},
    scale: (_: string, tasks: number) => void scaled.push(tasks),
  };
  const server = await startJobServer({
    ...{ host: '127.0.0.1', port: 0, framework: 'service', key: KEY, isPrivate: true },
    desk: () => ({ is: 'served', control, resultOf: () => undefined }),
    now: () => 0,
    log() {},
  });
  try {
    const url = new URL('jobs/web/scale', server.url);
    const authorization = `Bearer ${tokenFor(KEY, url.host)}`;
    for (const body of ['', ' ', '1e1', '0x2', '-1', '2.5', 'many']) {
      const { status } = await httpExchange({ url, method: 'POST', authorization, body });
      assert.is(status, 400, `'${body}'`);
    }
    assert.equal(scaled, []);
    assert.is((await httpExchange({ url, method: 'POST', authorization, body: '0' })).status, 200);
    assert.equal(scaled, [0]);
  } finally {
    server.close();
  }
});

test('a time that no calendar has is no answer', async () => {
  const list = {
    framework: 'f',
    takesJobs: true,
    nowMs: 0,
    jobs: [{ ...JOB, submittedMs: 1e300 }],
    omitted: 0,
  };
  const server = createServer((_, answer) => void answer.end(JSON.stringify(list))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const said = await jobClient(new URL(`http://127.0.0.1:${port}/`), KEY)
      .list()
      .catch((error: Error) => error.message);
    assert.match(String(said), /is not what a job server says$/);
  } finally {
    server.close();
  }
});

test.run();
