import { once } from 'node:events';
import { connect } from 'node:http2';
import { connect as connectTo, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endLater, listening, tidyUp, within } from '../testProbe.ts';
import { rawHello } from '../testRawPeer.ts';
import { writeHello } from './hello.ts';
import { EXCHANGE } from './link.ts';

test.after.each(tidyUp);

/** Connects, and calls later. */
async function connected(target: TcpSocketConnectOpts): Promise<Socket> {
  const socket = connectTo(target);
  endLater(() => socket.destroy());
  await within('the connection', once(socket, 'connect'));
  return socket;
}

/** The status with which a call is refused; undefined: it is accepted. */
async function statusOf(socket: Socket, identity: string): Promise<unknown> {
  const session = connect('http://server', { createConnection: () => socket });
  session.on('error', () => {});
  const call = session.request({
    ...writeHello(rawHello({ identity })),
    ...{ ':method': 'POST', ':path': EXCHANGE, 'content-type': 'application/grpc', te: 'trailers' },
  });
  call.on('error', () => {});
  const [headers] = await within('the answer', once(call, 'response'));
  return headers['grpc-status'];
}

test('two connections from one port, to two addresses of the process, are two', async () => {
  const wire = await listening({
    listen: { host: '0.0.0.0', port: 0 },
    insecure: true,
    advertise: '127.0.0.1',
  });
  const target = { port: Number(new URL(`http://${wire.identity}`).port), localAddress: '127.0.0.3' };
  const first = await connected({ ...target, host: '127.0.0.1' });
  const { localPort = 0 } = first;
  const second = await connected({ ...target, host: '127.0.0.2', localPort });
  assert.is(await statusOf(first, 'one:0/00000001'), undefined);
  assert.is(await statusOf(second, 'two:0/00000002'), undefined);
});

test.run();
