/** Daemons on machines with a network, a hostname and processes of their own. As root. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LAB } from '../local.ts';
import { onMachine } from '../netns/holder.ts';
import { startNetwork } from '../netns/network.ts';
import { connect } from './connect.ts';
import { deploymentKeys } from './keys.ts';
import { startDaemon } from './start.ts';

const SLEEP = { name: 'sleep', program: 'sleep', arguments: ['1000'] } as const;

test('machines on a network are commanded over it; one that is cut off or switched off is lost, and it alone', async () => {
  const root = await mkdtemp(join(tmpdir(), 'mesos-lab-daemon-'));
  const names = ['cut', 'off', 'stays'];
  const network = await startNetwork(root, names, { uplink: true });
  try {
    const keys = await deploymentKeys();
    const [cut, off, stays] = await Promise.all(
      network.hosts.map(async (host) => {
        const [program, args] = onMachine(host.pid(), network.inside, '/')('sh', ['-c']);
        const folder = join(root, 'machines', host.name);
        const place = {
          name: host.name,
          ip: host.ip,
          shell: [program, ...args],
          folder,
          store: root,
        } as const;
        const record = await startDaemon(place, { keys, lab: LAB });
        return connect(record, keys, { silenceMs: 1_500 });
      }),
    );
    assert.ok(cut && off && stays);
    assert.is(await stays.run('hostname'), 'stays\n');
    const [, , sleep] = await Promise.all([cut, off, stays].map((machine) => machine.start(SLEEP)));
    // The processes that it sees are its own.
    assert.equal(
      (await stays.run('ps', '-e', '-o', 'comm=')).split('\n').filter((name) => name === 'sleep'),
      ['sleep'],
    );
    await Promise.all([network.cutOff(['cut']), network.hosts[1]?.power.off()]);
    assert.match((await cut.lost).message, /^machine cut: lost: nothing was heard of it/);
    assert.match((await off.lost).message, /^machine off: /);
    await network.heal();
    // Its daemon is still there, for a new session; what ran in the old one is not.
    const again = await connect(cut.record, keys);
    assert.equal(
      (await again.processes()).map(({ exit }) => exit?.signal),
      ['SIGTERM'],
    );
    await stays[Symbol.asyncDispose]();
    assert.equal(await sleep?.exited, { code: null, signal: 'SIGTERM' });
    await again.shutdown();
  } finally {
    await network[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  }
});

test.run();
