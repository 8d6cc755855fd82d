/** Ways through shells that never say that they are connected: none of them outlives who asked for it. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ended, until } from '../../mesos/isolation/testContainers.ts';
import { LAB } from '../local.ts';
import { openRelay } from './relay.ts';
import { routeTo } from './route.ts';

const test = suite<{ folder: string; shell: readonly [string, ...string[]]; pid: () => Promise<number> }>(
  'shells that do not answer',
);

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'route-test-'));
  const file = join(context.folder, 'pid');
  context.shell = ['sh', '-c', `echo $$ >'${file}.part'; mv '${file}.part' '${file}'; exec sleep 60`];
  context.pid = async () => {
    let pid = 0;
    await until(() => {
      try {
        pid = Number(readFileSync(file, 'utf8'));
      } catch {
        return false;
      }
      return true;
    }, 'the shell runs');
    return pid;
  };
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const DESTINATION = { name: 'node1', ip: '127.0.0.1', port: 1, lab: LAB };

test('end when the knock by them is cancelled', async ({ shell, pid }) => {
  const route = await routeTo(DESTINATION, { shell, network: 'apart' });
  const cancel = route.knock(60_000, assert.unreachable);
  const knocking = await pid();
  cancel();
  await ended(knocking);
  route.close();
});

test('end when whoever waits for them has gone', async ({ shell, pid }) => {
  const relay = await openRelay({ shell, lab: LAB }, DESTINATION.ip, DESTINATION.port);
  const socket = connect(relay.port, '127.0.0.1');
  await once(socket, 'connect');
  const dialling = await pid();
  socket.destroy();
  await ended(dialling);
  relay.close();
});

test.run();
