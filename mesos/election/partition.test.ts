/** Divided networks, for real: three ZooKeeper servers and the candidates are each on a host of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../../infra/machine.ts';
import { type NetnsMachines, netnsMachines } from '../../infra/netns/machines.ts';
import { type Ensemble, startEnsemble } from '../../infra/zookeeper.ts';
import { type CandidateProcess, monotonicMs, startCandidate, until } from './testElection.ts';

const TICK_MS = 200;
const TIMEOUT_MS = 1_000;

interface Context {
  folder: string;
  network: NetnsMachines;
  ensemble: Ensemble;
  servers: readonly Machine[];
  first: Machine;
  second: Machine;
  /** Of this test alone. */
  path: string;
}

// Making network namespaces takes root.
const test = suite<Context>('the election in a divided network');
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;

test.before(async (context) => {
  if (process.getuid?.() !== 0) return;
  context.folder = await mkdtemp(join(tmpdir(), 'partition-test-'));
  context.network = await netnsMachines(join(context.folder, 'machines'), [
    'server1',
    'server2',
    'server3',
    'first',
    'second',
  ]);
  const [one, two, three, first, second] = context.network.machines as readonly Machine[];
  Object.assign(context, { servers: [one, two, three], first, second });
  context.ensemble = await startEnsemble({ machines: context.servers, tickTimeMs: TICK_MS });
});
test.after(async ({ network, folder }) => {
  await network?.[Symbol.asyncDispose]();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

let paths = 0;
test.before.each((context) => {
  context.path = `/mesos${++paths}`;
});

/** Which server leads, asked on its own host. */
async function findLeader({ servers, ensemble }: Context): Promise<number> {
  let leader = -1;
  await until('a server leads', async () => {
    const modes = await Promise.all(
      servers.map((host, index) => {
        const [ip, port] = (ensemble.servers[index]?.address ?? '').split(':');
        const ask = `exec 3<>/dev/tcp/${ip}/${port}; echo -n srvr >&3; timeout 0.3 cat <&3`;
        return host.run('bash', '-c', ask).catch(() => '');
      }),
    );
    leader = modes.findIndex((mode) => mode.includes('Mode: leader'));
    return leader >= 0 && modes.every((mode) => mode.includes('Mode:'));
  });
  return leader;
}

/**
 * The first candidate leads, through these servers, and the second waits; then a part of the network that has the first one in
 * it is cut off. Returns the second one, which leads.
 */
async function divide(
  { network, ensemble, path, first, second }: Context,
  servers: readonly number[],
  cutOff: readonly Machine[],
): Promise<{ readonly former: CandidateProcess; readonly tookMs: number }> {
  const url = `zk://${servers.map((index) => ensemble.servers[index]?.address).join(',')}${path}`;
  const former = await startCandidate(first, url, `${first.ip}:5050`, TIMEOUT_MS);
  await former.time('leads');
  const next = await startCandidate(second, ensemble.url(path), `${second.ip}:5050`, TIMEOUT_MS);
  await next.time('standing');
  // The lease is counted from heartbeats then, and the second one waits.
  await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS / 2));
  await network.cutOff(cutOff);
  const cutMs = monotonicMs();
  const electedMs = await next.time('elected').finally(() => network.heal());
  await former.time('deposed leads=false');
  // Not when it was told: a busy machine may let it know later.
  const ledUntilMs = await former.time('led-until');
  assert.ok(ledUntilMs < electedMs, `led ${ledUntilMs - electedMs} ms after the next one was elected`);
  await next.stop();
  return { former, tookMs: electedMs - cutMs };
}

testAsRoot('a leader that is cut off from all is deposed before another is elected', async (context) => {
  await findLeader(context);
  const { former, tookMs } = await divide(context, [0, 1, 2], [context.first]);
  assert.ok(tookMs < 2 * TIMEOUT_MS);
  await former.stop();
});

testAsRoot(
  'a leader that is cut off together with a server that follows, and goes on answering, is deposed before another is elected',
  async (context) => {
    const follower = (await findLeader(context)) === 0 ? 1 : 0;
    const { former } = await divide(
      context,
      [follower],
      [context.first, context.servers[follower] as Machine],
    );
    await former.stop();
  },
);

testAsRoot(
  'a leader that is cut off together with the server that led is deposed before another is elected',
  async (context) => {
    const leader = await findLeader(context);
    const { former } = await divide(context, [leader], [context.first, context.servers[leader] as Machine]);
    await former.stop();
  },
);

test.run();
