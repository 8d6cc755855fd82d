/** Who may command a machine: the controller of its deployment, and nobody else. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from './connect.ts';
import { controllerKeys, type DeploymentKeys, deploymentKeys, type KeyPair, machineKeys } from './keys.ts';
import { asIs, METHOD } from './protocol.ts';
import { type TestMachine, type TestPlace, testMachine, testPlace } from './testPlace.ts';

let place: TestPlace;
let machine: TestMachine;
let record: TestMachine['record'];
let keys: TestMachine['keys'];
let strangers: DeploymentKeys;
let ca: Buffer;
// Not as the file is read: the tests of other files keep this process so busy that the session would be lost.
test.before(async () => {
  place = await testPlace();
  machine = await testMachine(place);
  ({ record, keys } = machine);
  strangers = await deploymentKeys();
  ca = Buffer.from(keys.authority.cert);
});
test.after(async () => {
  await machine[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** What is said to somebody who trusts our machine and shows this. */
function said(controller: KeyPair, how: Partial<DeploymentKeys> = {}): Promise<string> {
  return connect(record, { ...keys, controller, ...how }).then(
    (connected) => connected[Symbol.asyncDispose]().then(() => 'welcome'),
    (error: Error) => error.message,
  );
}

/** Asks something without a session; resolves with the error's code, or nothing if it is answered. */
function ask(credentials: ChannelCredentials, question: string): Promise<ServiceError | null> {
  const client = new Client(`${record.ip}:${record.port}`, credentials, {
    'grpc.ssl_target_name_override': record.name,
  });
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      METHOD.ask,
      asIs,
      asIs,
      Buffer.from(question),
      new Metadata(),
      { deadline: Date.now() + 20_000 },
      (error) => {
        client.close();
        resolve(error);
      },
    );
  });
}

const CLOCK = JSON.stringify({ ask: 'clock' });

test('certificates of another authority, expired ones and those of machines open nothing', async () => {
  const refusal = `machine node1: its daemon at 127.0.0.1:${record.port} does not take our certificate`;
  assert.is(await said(strangers.controller), refusal);
  assert.is(
    await said(await controllerKeys(keys.authority, -1)),
    'machine node1: the keys of the deployment have expired; make it anew',
  );
  // Not even that of a machine which calls itself the controller.
  assert.is(await said(await machineKeys(keys, 'controller')), refusal);
  assert.is(await said(await controllerKeys(keys.authority, 1)), 'welcome');
});

test('without a certificate, or without TLS, nobody is heard', async () => {
  assert.is((await ask(ChannelCredentials.createSsl(ca), CLOCK))?.code, 14);
  assert.is((await ask(ChannelCredentials.createInsecure(), CLOCK))?.code, 14);
  const socket = connectTcp(record.port, record.ip);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  let answer = Buffer.alloc(0);
  socket.on('data', (piece) => {
    answer = Buffer.concat([answer, piece]);
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  // An alert of TLS at most.
  assert.ok(answer.length < 10, String(answer));
  assert.match(await readFile(join(place.folder, 'daemon.log'), 'utf8'), /refused 127\.0\.0\.1: /);
});

test('who connects and says nothing keeps no controller out, and drives none away', async () => {
  const idle = Array.from({ length: 200 }, () => connectTcp(record.port, record.ip));
  for (const socket of idle) socket.on('error', () => {});
  const closed = Promise.all(idle.slice(0, 100).map((socket) => once(socket, 'close')));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  assert.is(await said(keys.controller), 'welcome');
  // Those that have waited longest made way.
  await closed;
  assert.is(await machine.run('echo', 'still there'), 'still there\n');
  for (const socket of idle) socket.destroy();
});

test('a controller gives orders to no machine but the one that it means', async () => {
  const other = await connect({ ...record, name: 'node2' }, keys).catch((error) => error.message);
  assert.match(other, /^machine node2: .*another machine answers there, with a certificate for DNS:node1/);
  const all = await connect(record, strangers).catch((error) => error.message);
  assert.is(all, `machine node1: the daemon at 127.0.0.1:${record.port} is of another deployment`);
});

test('what is no order, or too long, is refused with a reason, and hurts nobody else', async () => {
  const own = ChannelCredentials.createSsl(
    ca,
    Buffer.from(keys.controller.key),
    Buffer.from(keys.controller.cert),
  );
  const reasons = [
    ['{', /^it is not JSON$/],
    ['{"ask":"everything"}', /^ask: Invalid type/],
    ['{"ask":"clock","more":1}', /^more: Invalid key/],
    [JSON.stringify({ ask: 'missing', hashes: ['../../etc/passwd'] }), /^hashes\.0: Invalid format/],
    [JSON.stringify({ ask: 'list', path: 'a\0b' }), /^path: /],
  ] as const;
  for (const [question, reason] of reasons) assert.match((await ask(own, question))?.details ?? '', reason);
  assert.is((await ask(own, CLOCK.padEnd(5 * 1024 * 1024)))?.code, 8);
  assert.is(await machine.run('echo', 'still there'), 'still there\n');
});

test.run();
