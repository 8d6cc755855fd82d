import { mkdtempSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HttpLoad, startHttpLoad } from './httpLoad.ts';
import { localMachines } from './local.ts';
import type { Machine } from './machine.ts';

/** Lets somebody load a server that answers so. */
async function loading(answer: RequestListener, use: (load: HttpLoad, url: string) => Promise<void>) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await using machines = await localMachines(mkdtempSync(join(tmpdir(), 'load-test-')), ['here']);
    const [machine] = machines.machines as [Machine];
    await use(await startHttpLoad(machine), `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('every request is timed from when it was to be sent, also those that wait for others', async () => {
  const held: (() => void)[] = [];
  // The first four are answered when the fourth has come: nobody waited for an answer before the next was sent.
  const answer: RequestListener = (_request, response) => {
    held.push(() => response.end('page'));
    if (held.length === 4) for (const go of held) go();
  };
  await loading(answer, async (load, url) => {
    const { responseMs, lateMs } = await load.run({ url, perSecond: 50, requests: 4 });
    assert.is(responseMs.length, 4);
    assert.is(lateMs.length, 4);
    // The first had to wait until the fourth was due.
    assert.ok((responseMs[0] as number) >= 60);
    assert.ok(responseMs.every((ms, n) => ms >= (lateMs[n] as number)));
  });
});

test('thousands of requests are told of', () =>
  loading(
    (_request, response) => response.end('page'),
    async (load, url) => {
      const { responseMs } = await load.run({ url, perSecond: 5_000, requests: 2_500 });
      assert.is(responseMs.length, 2_500);
    },
  ));

test('an answer that is not 200 is an error that says so', () =>
  loading(
    (_request, response) => response.writeHead(503).end(),
    async (load, url) => {
      const failure = await load.run({ url, perSecond: 100, requests: 2 }).catch((error: Error) => error);
      assert.is((failure as Error).message, `${url} was answered with 503`);
    },
  ));

test.run();
