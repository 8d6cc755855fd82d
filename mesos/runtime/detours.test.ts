/** Places that are reached by another address: links and HTTP go there, and what is said there is meant for the place. */
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detour, takingDetours } from './detours.ts';
import { listening, note, startProbe, tidyUp } from './testProbe.ts';

test.after.each(tidyUp);

/** An address that is nobody's (RFC 5737). */
const NOWHERE = '192.0.2.1';

test('a link to a process that is known by such an address is made, and carries messages both ways', async () => {
  const there = await listening({ advertise: NOWHERE });
  const port = Number(there.identity.slice(there.identity.lastIndexOf(':') + 1));
  detour({ host: NOWHERE, port }, { host: '127.0.0.1', port });
  const here = await listening();
  const [near, far] = [startProbe(here, 'near'), startProbe(there, 'far')];
  near.context.send(far.address, note('question'));
  await far.until('the question', () => far.received.length === 1);
  far.context.send(near.address, note('answer'));
  await near.until('the answer', () => near.received.length === 1);
  assert.is(near.received[0]?.from, `far@${NOWHERE}:${port}`);
});

test('a request goes there too, and names the place', async () => {
  const server = createServer(({ headers }, answer) => answer.end(headers.host)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = takingDetours(new Agent());
  try {
    detour({ host: NOWHERE, port: 80 }, { host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const [answer] = (await once(get(`http://${NOWHERE}:80/`, { agent }), 'response')) as [IncomingMessage];
    assert.is(await text(answer), NOWHERE);
  } finally {
    agent.destroy();
    server.close();
  }
});

test.run();
