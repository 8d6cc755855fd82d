import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { masterReader } from './masterReads.ts';

/** What is told of a master that does not answer, or of another process `of` the cluster. */
async function complaint(where: string, cluster?: string, of?: string): Promise<string> {
  const reader = masterReader(where, { api: 'links', ...(cluster !== undefined && { cluster }) }, 1);
  const asked = of === undefined ? reader.get(v.any(), '/state') : reader.getFrom(of, v.any(), '/state');
  try {
    return await asked.then(
      () => 'nothing',
      (error: Error) => error.message,
    );
  } finally {
    await reader.close();
  }
}

test('who finds no master is told what there is to do about that one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-master-reads-'));
  try {
    assert.match(
      await complaint('127.0.0.1:1'),
      "nobody answers at 127.0.0.1:1: start a master with 'lab master'",
    );
    assert.match(
      await complaint('127.0.0.1:1', folder),
      `the cluster in ${folder} has ended; start it again`,
    );
    // As a leader leaves it that was killed.
    const lock = join(folder, 'leader');
    writeFileSync(lock, `${JSON.stringify({ id: 'm', address: '127.0.0.1:1', version: '0' })}\n`);
    assert.match(
      await complaint(`file://${lock}`, folder),
      `nobody answers at 127.0.0.1:1, and in 0.001 s no other master came to lead: the master of the cluster in ${folder} has ended`,
    );
    assert.is(await complaint('127.0.0.1:1', folder, '127.0.0.1:1'), 'nobody answers at 127.0.0.1:1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('of several masters the next one is asked when the one that led is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-master-reads-'));
  const lock = join(folder, 'leader');
  const lead = (address: string): void =>
    writeFileSync(lock, `${JSON.stringify({ id: address, address, version: '0' })}\n`);
  const next = await answering((_, response) => response.end('"the next"'));
  let asked = 0;
  const first = await answering((request, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end('No leader elected');
    else {
      lead(next.address);
      request.socket.destroy();
    }
  });
  lead(first.address);
  const get = async (where: string): Promise<unknown> => {
    const reader = masterReader(where, { api: 'links' });
    return reader.get(v.any(), '/state').finally(() => reader.close());
  };
  try {
    assert.is(await get(`file://${lock}`), 'the next');
    assert.is(asked, 2);
    assert.is(await get(`127.0.0.1:1,${next.address}`), 'the next');
  } finally {
    await Promise.all([first.close(), next.close()]);
    rmSync(folder, { recursive: true });
  }
});

test('who no longer waits for a leader is let go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-lab-master-reads-'));
  try {
    const reader = masterReader(`file://${join(folder, 'leader')}`, { api: 'links' }, 600_000);
    const asked = reader.get(v.any(), '/state').catch((error: Error) => error.message);
    await reader.close();
    assert.match(await asked, /knows of no master that leads$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A process that answers over HTTP. */
async function answering(answer: RequestListener): Promise<{ address: string; close(): Promise<unknown> }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test.run();
